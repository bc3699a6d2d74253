/** Every key of the desk, and the switch for the single letters. */

import { Kbd, Modal, Switch } from "@mantine/core";
import { useState } from "react";
import { lettersAreShortcuts, setLettersAreShortcuts } from "../keep";
import { say } from "../strings";

export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [letters, setLetters] = useState(lettersAreShortcuts);
  const choose = (on: boolean) => {
    setLetters(on);
    setLettersAreShortcuts(on);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={say.shortcuts.heading}>
      <dl className="shortcut-rows">
        {say.shortcuts.rows.map(([keys, meaning]) => (
          <ShortcutRow key={meaning} keys={keys} meaning={meaning} />
        ))}
      </dl>
      <Switch
        label={say.shortcuts.letters}
        description={say.shortcuts.lettersLead}
        checked={letters}
        onChange={(event) => choose(event.currentTarget.checked)}
      />
    </Modal>
  );
}

export function ShortcutRow({ keys, meaning }: { keys: string[]; meaning: string }) {
  return (
    <>
      <dt>
        {keys.map((key, index) => (
          <span key={key}>
            {index > 0 && " + "}
            <Kbd>{key}</Kbd>
          </span>
        ))}
      </dt>
      <dd>{meaning}</dd>
    </>
  );
}
