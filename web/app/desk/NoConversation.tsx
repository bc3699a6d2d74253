/** What stands beside the lists while nothing is open, or what should be open is not there. */

import { Button, Loader } from "@mantine/core";
import { IconMessageOff, IconMessages } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Visit } from "../live/desk";
import { useAfter } from "../Opening";
import { say } from "../strings";
import { ShortcutRow } from "./ShortcutSheet";

const HINTS = ["J", "A", "H", "?"];
const words = say.conversation;

/** Nothing is to be read. */
export function NoConversation() {
  const hints = say.shortcuts.rows.filter(([keys]) => keys.length === 1 && HINTS.includes(keys[0] ?? ""));
  return (
    <Pane icon={IconMessages} heading={words.none} lead={words.noneLead}>
      <dl className="hints">
        {hints.map(([keys, meaning]) => (
          <ShortcutRow key={meaning} keys={keys} meaning={meaning} />
        ))}
      </dl>
    </Pane>
  );
}

/** The address names a conversation that is not on the desk, or not yet. */
export function NotOpen({ visit, onBack, onRetry }: { visit: Visit | null; onBack: () => void; onRetry: () => void }) {
  if (visit === "missing") {
    return (
      <Pane icon={IconMessageOff} heading={words.unknown} lead={words.unknownLead}>
        <Button variant="default" mt="md" onClick={onBack}>
          {words.back}
        </Button>
      </Pane>
    );
  }
  if (visit !== "failed") return <Fetching />;
  return (
    <Pane icon={IconMessageOff} heading={words.unreached} lead={say.history.failedLead}>
      <Button variant="default" mt="md" onClick={onRetry}>
        {say.retry}
      </Button>
    </Pane>
  );
}

function Fetching() {
  const shown = useAfter(150);
  return (
    <main className="pane">
      <div className="blank" role="status">
        {shown && <Loader size="sm" aria-hidden />}
        <span className="unseen">{words.opening}</span>
      </div>
    </main>
  );
}

interface PaneProps {
  icon: typeof IconMessages;
  heading: string;
  lead: string;
  children: ReactNode;
}

function Pane({ icon: Icon, heading, lead, children }: PaneProps) {
  return (
    <main className="pane">
      <div className="blank">
        <Icon size={44} stroke={1.2} aria-hidden />
        <h2>{heading}</h2>
        <p>{lead}</p>
        {children}
      </div>
    </main>
  );
}
