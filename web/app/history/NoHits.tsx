/** What stands in the history where nothing was found, or nothing yet. */

import { Button } from "@mantine/core";
import { IconCloudOff, IconHistory, IconSearchOff } from "@tabler/icons-react";
import { RowSkeletons, useAfter } from "../Opening";
import { say } from "../strings";

const words = say.history;

export function Searching() {
  const shown = useAfter(150);
  return (
    <div className="history-waits">
      <p className="unseen" role="status">
        {words.searching}
      </p>
      {shown && <RowSkeletons widths={[72, 88, 64, 80]} />}
    </div>
  );
}

export function Nothing({ asked, wrong, onClear }: { asked: boolean; wrong: boolean; onClear: () => void }) {
  const Icon = asked ? IconSearchOff : IconHistory;
  return (
    <div className="blank" role="status">
      <Icon size={34} stroke={1.3} aria-hidden />
      <h3>{wrong ? words.wrongQuestion : asked ? words.nothing : words.empty}</h3>
      <p>{wrong ? words.wrongLead : asked ? words.nothingLead : words.emptyLead}</p>
      {asked && (
        <Button variant="default" size="xs" mt="sm" onClick={onClear}>
          {words.clear}
        </Button>
      )}
    </div>
  );
}

export function Failed({ onRetry }: { onRetry: () => void }) {
  return (
    <div className="blank" role="alert">
      <IconCloudOff size={34} stroke={1.3} aria-hidden />
      <h3>{words.failed}</h3>
      <p>{words.failedLead}</p>
      <Button variant="default" size="xs" mt="sm" onClick={onRetry}>
        {say.retry}
      </Button>
    </div>
  );
}
