/** A search inside React: asks as the query changes, and once more when the connection is back after a failure. */

import { useEffect, useState, useSyncExternalStore } from "react";
import type { HistoryPage } from "../live/protocol";
import { type Find, type Found, Search } from "../live/search";
import { ask } from "../rest";
import { type Query, question } from "./query";

export function useSearch(query: Query, connected: boolean): { found: Found; search: Search } {
  const [search] = useState(() => new Search(find));
  const found = useSyncExternalStore(search.subscribe, () => search.view);
  const asked = question(query);
  useEffect(() => search.ask(asked), [search, asked]);
  useEffect(() => () => search.stop(), [search]);
  useEffect(() => {
    if (connected && search.view.is === "failed") search.again();
  }, [search, connected]);
  return { found, search };
}

const find: Find = async (question, cursor, signal) => {
  const asked = new URLSearchParams(question);
  if (cursor) asked.set("cursor", cursor);
  const answer = await ask<HistoryPage>(`/history?${asked}`, signal);
  if (answer.is === "done") return { is: "found", page: answer.value };
  const fields = answer.is === "refused" ? answer.problem.fields : undefined;
  return fields?.length ? { is: "wrong", fields } : { is: "failed" };
};
