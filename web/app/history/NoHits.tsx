/** What stands in the history where nothing was found, or nothing yet. */

import { Button, Skeleton } from "@mantine/core";
import { IconCloudOff, IconHistory, IconSearchOff } from "@tabler/icons-react";
import { useAfter } from "../Opening";
import { say } from "../strings";

const words = say.history;

export function Searching() {
  const shown = useAfter(150);
  return (
    <div className="history-waits">
      <p className="unseen" role="status">
        {words.searching}
      </p>
      {shown &&
        [72, 88, 64, 80].map((width) => (
          <div key={width} className="row" aria-hidden>
            <Skeleton circle height={38} />
            <div>
              <Skeleton height={11} mt={5} width="45%" />
              <Skeleton height={10} mt={9} width={`${width}%`} />
            </div>
          </div>
        ))}
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
