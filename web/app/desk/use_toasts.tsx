/** Short notes at the foot of the page, read out and gone by themselves. */

import { type ReactNode, useCallback, useState } from "react";
import { newId } from "../live/id";

const SHOWN_MS = 6_000;

export function useToasts(): [ReactNode, (text: string) => void] {
  const [notes, setNotes] = useState<{ id: string; text: string }[]>([]);
  const toast = useCallback((text: string) => {
    const id = newId();
    setNotes((shown) => [...shown.slice(-2), { id, text }]);
    setTimeout(() => setNotes((shown) => shown.filter((note) => note.id !== id)), SHOWN_MS);
  }, []);
  const toasts = (
    <div className="toasts" role="status">
      {notes.map((note) => (
        <div key={note.id} className="toast">
          {note.text}
        </div>
      ))}
    </div>
  );
  return [toasts, toast];
}
