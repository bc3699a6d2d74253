/** What stands beside the lists while nothing is open. */

import { IconMessageOff, IconMessages } from "@tabler/icons-react";
import { say } from "../strings";
import { ShortcutRow } from "./ShortcutSheet";

const HINTS = ["J", "A", "?"];

/** `missing`: the address names a conversation that is not here. */
export function NoConversation({ missing }: { missing: boolean }) {
  const words = say.conversation;
  const Icon = missing ? IconMessageOff : IconMessages;
  const hints = say.shortcuts.rows.filter(([keys]) => keys.length === 1 && HINTS.includes(keys[0] ?? ""));
  return (
    <main className="pane">
      <div className="blank">
        <Icon size={44} stroke={1.2} aria-hidden />
        <h2>{missing ? words.unknown : words.none}</h2>
        <p>{missing ? words.unknownLead : words.noneLead}</p>
        <dl className="hints">
          {hints.map(([keys, meaning]) => (
            <ShortcutRow key={meaning} keys={keys} meaning={meaning} />
          ))}
        </dl>
      </div>
    </main>
  );
}
