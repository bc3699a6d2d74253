/** A table of the board under its heading, with the heads of its columns. */

import type { ReactNode } from "react";
import { Means } from "./Tiles";

interface Props {
  heading: string;
  means: string;
  /** Between the heading and the table. */
  lead?: ReactNode;
  columns: { name: string; figure?: boolean }[];
  /** Said where there are no rows. */
  empty: string;
  /** Rows. */
  children: ReactNode[];
}

export function Table({ heading, means, lead, columns, empty, children }: Props) {
  return (
    <section className="board-table" aria-label={heading}>
      <h2>
        {heading}
        <Means label={heading} means={means} />
      </h2>
      {lead}
      {children.length === 0 ? (
        <p className="board-empty">{empty}</p>
      ) : (
        <table>
          <thead>
            <tr>
              {columns.map(({ name, figure }) => (
                <th key={name} scope="col" className={figure ? "figure" : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      )}
    </section>
  );
}
