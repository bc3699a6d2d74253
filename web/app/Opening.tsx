/** Before there is anything to show: the desk's outline while it loads. */

import { Skeleton } from "@mantine/core";
import { useEffect, useState } from "react";
import { Brand } from "./Brand";
import { say } from "./strings";

/** The final layout in grey. It waits a moment: a desk that opens at once should not flicker. */
export function Opening() {
  const shown = useAfter(150);
  return (
    <main className="desk" aria-busy="true">
      <div className="sidebar">
        <div className="sidebar-head">
          <Brand />
        </div>
        {shown && (
          <div className="presence">
            <Skeleton height={36} mb={22} />
            <RowSkeletons widths={[92, 70, 84, 60, 78, 66, 88]} />
          </div>
        )}
      </div>
      <div className="pane">
        <p className="unseen" role="status">
          {say.connection.opening}
        </p>
      </div>
    </main>
  );
}

/** Rows of a list in grey, their texts so many percent wide. */
export function RowSkeletons({ widths }: { widths: number[] }) {
  return widths.map((width) => (
    <div key={width} className="row" aria-hidden>
      <Skeleton circle height={38} />
      <div>
        <Skeleton height={11} mt={5} width="45%" />
        <Skeleton height={10} mt={9} width={`${width}%`} />
      </div>
    </div>
  ));
}

export function useAfter(delayMs: number): boolean {
  const [passed, setPassed] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setPassed(true), delayMs);
    return () => clearTimeout(timer);
  }, [delayMs]);
  return passed;
}
