/** The tiles. A number that has interactions behind it is a button; what it counts is told on demand. */

import { Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import type { Lens } from "../live/protocol";
import { say } from "../strings";
import type { Note, Tile } from "./tiles";

export type Open = (lens: Lens, label: string) => void;

export function Tiles({ tiles, onOpen }: { tiles: Tile[]; onOpen: Open }) {
  return (
    <section className="tiles" aria-label={say.board.tiles}>
      {tiles.map((tile) => (
        <article key={tile.name} className={`tile ${tile.tone}`} data-tile={tile.name}>
          <h2>
            {tile.label}
            <Means label={tile.label} means={tile.means} />
          </h2>
          <p className="tile-value tabular">
            {tile.tone !== "plain" && <IconAlertTriangle size={22} aria-hidden />}
            <Figure text={tile.value} label={tile.label} lens={tile.lens} onOpen={onOpen} />
          </p>
          <ul className="tile-notes tabular">
            {tile.notes.map((note) => (
              <li key={note.text} className={note.tone}>
                <NoteLine note={note} label={tile.label} onOpen={onOpen} />
              </li>
            ))}
          </ul>
        </article>
      ))}
    </section>
  );
}

/** The definition, for whoever points at it or comes by with the keyboard. */
export function Means({ label, means }: { label: string; means: string }) {
  return (
    <Tooltip label={means} multiline w={300} withArrow events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className="means" aria-label={say.board.means(label)}>
        <IconInfoCircle size={16} aria-hidden />
      </button>
    </Tooltip>
  );
}

interface FigureProps {
  text: string;
  label: string;
  lens: Lens | null;
  onOpen: Open;
}

function Figure({ text, label, lens, onOpen }: FigureProps) {
  if (!lens || text === "0") return <span>{text}</span>;
  return (
    <button type="button" aria-label={say.board.show(label, text)} onClick={() => onOpen(lens, label)}>
      {text}
    </button>
  );
}

function NoteLine({ note: { text, lens }, label, onOpen }: { note: Note; label: string; onOpen: Open }) {
  if (!lens) return text;
  return (
    <button type="button" onClick={() => onOpen(lens, `${label}: ${text}`)}>
      {text}
    </button>
  );
}
