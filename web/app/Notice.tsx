/** A page that can only say why there is nothing to show, and what to do. */

import type { IconCloudOff } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface Props {
  icon: typeof IconCloudOff;
  heading: string;
  lead: string;
  /** The way out. */
  children: ReactNode;
}

export function Notice({ icon: Icon, heading, lead, children }: Props) {
  return (
    <main className="sign-in">
      <div className="blank" role="alert">
        <Icon size={40} stroke={1.4} aria-hidden />
        <h2>{heading}</h2>
        <p>{lead}</p>
        {children}
      </div>
    </main>
  );
}
