/** Everything said in a conversation, newest at the foot. It stays at the foot only for those who are there. */

import { Button, Skeleton } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconNote } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo } from "react";
import { useNow } from "../clock";
import { clockTime, dayName } from "../format";
import { type DeskState, NO_TIMELINE } from "../live/fold";
import type { Unsent } from "../live/outbox";
import type { Author, MomentEntry, Summary } from "../live/protocol";
import { useAfter } from "../Opening";
import { say } from "../strings";
import { type Line, lineId, lines, spotIn } from "./lines";
import { Message, UnsentMessage } from "./Message";
import { agentName, reasonName } from "./permission";
import type { Spot } from "./place";
import { contactName } from "./sorted_lists";
import { useFoot } from "./use_foot";

interface Props {
  summary: Summary;
  state: DeskState;
  unsent: readonly Unsent[];
  connected: boolean;
  /** Where to begin reading; none: at the foot. */
  spot: Spot | null;
  onRetry: () => void;
  onEarlier: () => void;
  onRetryMessage: (message: string) => void;
  onDiscardMessage: (message: string) => void;
}

export function Timeline({ summary, state, unsent, connected, spot, ...on }: Props) {
  const { onRetry, onEarlier, onRetryMessage, onDiscardMessage } = on;
  const timeline = state.timelines.get(summary.conversation) ?? NO_TIMELINE;
  const now = useNow(60_000);
  const shown = useMemo(
    () => (timeline.is === "ready" ? lines(timeline.entries, unsent, state.me.id) : []),
    [timeline, unsent, state.me.id],
  );
  const start = spotIn(shown, spot);
  const { next, earlier } = timeline;
  const idle = next !== null && earlier === "idle" && connected;
  const atTop = useCallback(() => idle && onEarlier(), [idle, onEarlier]);
  const keys = useMemo(() => shown.map(({ key }) => key), [shown]);
  const foot = useFoot(keys, start, atTop);
  const seeking = spot !== null && start === null && next !== null && spot.interaction <= summary.interaction;
  useEffect(() => {
    if (seeking && idle) onEarlier();
  }, [seeking, idle, onEarlier]);
  if (timeline.is === "failed") {
    return (
      <div className="timeline-frame blank" role="alert">
        <p>{say.conversation.failed}</p>
        <Button mt="sm" variant="default" onClick={onRetry}>
          {say.retry}
        </Button>
      </div>
    );
  }
  if (timeline.is === "loading") return <TimelineSkeleton />;

  const author = (of: Author) => authorName(of, summary, state);
  return (
    <div className="timeline-frame">
      {/* A scrolling region has to be reachable for the keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <div className="timeline" role="log" aria-label={say.conversation.timeline} tabIndex={0} {...foot.scroller}>
        <div className="timeline-inner" ref={foot.content}>
          {next !== null && (
            <div className="line-earlier" role={earlier === "failed" ? "alert" : undefined}>
              {earlier === "failed" && say.conversation.earlierFailed}
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconArrowUp size={14} aria-hidden />}
                loading={earlier === "asked"}
                disabled={!connected}
                onClick={onEarlier}
              >
                {earlier === "failed" ? say.retry : say.conversation.earlier}
              </Button>
            </div>
          )}
          {shown.map((line) => {
            switch (line.is) {
              case "message":
                return (
                  <Message {...line} key={line.key} author={author(line.message.author)} found={line.key === start} />
                );
              case "unsent":
                return <UnsentMessage {...line} key={line.key} onRetry={onRetryMessage} onDiscard={onDiscardMessage} />;
              default:
                return <Aside key={line.key} line={line} state={state} now={now} found={line.key === start} />;
            }
          })}
        </div>
      </div>
      {spot && !start && (
        <p className="timeline-seeking" role="status">
          {!seeking
            ? say.conversation.notHere
            : earlier === "failed"
              ? say.conversation.earlierFailed
              : say.conversation.seeking}
        </p>
      )}
      {foot.away && (
        <Button
          className="latest"
          size="xs"
          radius="xl"
          variant={foot.below > 0 ? "filled" : "default"}
          rightSection={<IconArrowDown size={14} aria-hidden />}
          onClick={foot.go}
        >
          {foot.below > 0 ? say.conversation.newBelow(foot.below) : say.conversation.latest}
        </Button>
      )}
    </div>
  );
}

interface NoteProps {
  id: string;
  note: MomentEntry;
  state: DeskState;
  found: boolean;
}

function Note({ id, note, state, found }: NoteProps) {
  const by = agentName(state, note.agent);
  return (
    <div className={found ? "line-note found" : "line-note"} id={id}>
      <span className="line-note-by tabular">
        <IconNote size={14} aria-hidden />
        {say.conversation.noteBy(by)} · <time dateTime={note.at}>{clockTime(note.at)}</time>
      </span>
      {note.reason ?? <em>{say.conversation.erased}</em>}
    </div>
  );
}

type AsideLine = Exclude<Line, { is: "message" | "unsent" }>;

function Aside({ line, state, now, found }: { line: AsideLine; state: DeskState; now: number; found: boolean }) {
  const id = lineId(line.key);
  if (line.is === "day") return <div className="line-day">{dayName(line.at, now)}</div>;
  if (line.is === "note") return <Note id={id} note={line.note} state={state} found={found} />;
  if (line.is === "interaction") {
    return (
      <div className="line-interaction" id={id}>
        {say.conversation.interaction(line.interaction)}
      </div>
    );
  }
  const said = line.moments.map((moment) => sentence(moment, state)).join(" · ");
  const at = line.moments.at(-1)?.at;
  return (
    <div className={found ? "line-moments tabular found" : "line-moments tabular"} id={id}>
      {said} {at && <time dateTime={at}>· {clockTime(at)}</time>}
    </div>
  );
}

function TimelineSkeleton() {
  const shown = useAfter(150);
  return (
    <div className="timeline-frame">
      <p className="unseen" role="status">
        {say.conversation.loading}
      </p>
      {shown && (
        <div className="timeline">
          <div className="timeline-inner" aria-hidden>
            {[38, 52, 30, 46, 24].map((width, index) => (
              <div
                key={width}
                className={index % 2 ? "message first outbound" : "message first"}
                style={{ width: "100%" }}
              >
                <Skeleton height={44} width={`${width}%`} radius={14} />
              </div>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

function sentence(moment: MomentEntry, state: DeskState): string {
  const own = moment.agent === state.me.id;
  const name = own ? say.youWithin : moment.agent ? agentName(state, moment.agent) : "";
  const words = say.moments[moment.what];
  const said = words ? words(name, reasonName(state, moment.reason)) : moment.what.replaceAll("_", " ");
  return said.charAt(0).toLocaleUpperCase() + said.slice(1);
}

function authorName(author: Author, summary: Summary, state: DeskState): string {
  switch (author.is) {
    case "contact":
      return contactName(summary);
    case "agent":
      return agentName(state, author.agent);
    case "flow":
      return say.conversation.flow;
    case "system":
      return say.conversation.system;
  }
}
