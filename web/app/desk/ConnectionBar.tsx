/** Says when the desk is cut off, after a second of patience, and when it is back. */

import { Button } from "@mantine/core";
import { IconCheck, IconCloudOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { Connection } from "../live/socket";
import { say } from "../strings";

const PATIENCE_MS = 1_000;
const BACK_SHOWN_MS = 2_500;

export function ConnectionBar({ connection, onRetry }: { connection: Connection; onRetry: () => void }) {
  const open = connection.is === "open";
  const [shown, setShown] = useState<"nothing" | "lost" | "back">("nothing");
  useEffect(() => {
    if (open) {
      setShown((before) => (before === "lost" ? "back" : "nothing"));
      const timer = setTimeout(() => setShown("nothing"), BACK_SHOWN_MS);
      return () => clearTimeout(timer);
    }
    const timer = setTimeout(() => setShown("lost"), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [open]);

  return (
    <div role="status" className={shown === "nothing" ? "connection" : `connection connection-bar ${shown}`}>
      {shown === "lost" && (
        <>
          <IconCloudOff size={18} aria-hidden />
          <span>{say.connection.lost}</span>
          <Button size="compact-sm" variant="default" onClick={onRetry}>
            {say.connection.now}
          </Button>
        </>
      )}
      {shown === "back" && (
        <>
          <IconCheck size={18} aria-hidden />
          {say.connection.back}
        </>
      )}
    </div>
  );
}
