/** The open desk: lists on the left, the conversation on the right, keys and dialogs over both. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Brand } from "../Brand";
import type { View } from "../live/desk";
import type { DeskState } from "../live/fold";
import type { Id, Presence } from "../live/protocol";
import { say } from "../strings";
import { ConnectionBar } from "./ConnectionBar";
import { Conversation } from "./Conversation";
import { EndDialog } from "./EndDialog";
import { Lists } from "./Lists";
import { OwnMenu } from "./Menu";
import { NoConversation } from "./NoConversation";
import { Offers } from "./Offers";
import { LeaveDialog, PresenceControl } from "./PresenceControl";
import { mayEnd, mayWatch } from "./permission";
import { ShortcutSheet } from "./ShortcutSheet";
import { contactName, type ListName, lists, type OfferToMe } from "./sorted_lists";
import { UnsentElsewhere } from "./UnsentElsewhere";
import { useActions } from "./use_actions";
import { useDesk } from "./use_desk";
import { useSelection } from "./use_selection";
import { useShortcuts } from "./use_shortcuts";
import { useToasts } from "./use_toasts";

type Dialog = "end" | "leave" | "help";

interface Props extends View {
  state: DeskState;
  onSignOut: () => void;
}

export function OpenDesk({ connection, state, unsent, onSignOut }: Props) {
  const desk = useDesk();
  const [toasts, toast] = useToasts();
  const actions = useActions(state, toast);
  const [selected, select] = useSelection();
  const [list, setList] = useState<ListName>("mine");
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [wanted, setWanted] = useState<Id | null>(null);
  const shown = useRef<Id[]>([]);

  const sorted = useMemo(() => lists(state), [state]);
  const summary = selected ? state.conversations.get(selected) : undefined;
  const me = state.agents.get(state.me.id);
  const connected = connection.is === "open";

  const known = summary !== undefined;
  useEffect(() => desk.read(known ? selected : null), [desk, selected, known]);
  const waiting = sorted.offers.length + sorted.mine.filter(({ unanswered }) => unanswered).length;
  useEffect(() => {
    document.title = say.title(waiting);
  }, [waiting]);

  const open = useCallback(
    (conversation: Id) => {
      select(conversation);
      setWanted(conversation);
    },
    [select],
  );
  const accept = async (offer: OfferToMe) => {
    if (!(await actions.accept(offer))) return;
    setList("mine");
    open(offer.summary.conversation);
  };
  const choosePresence = (presence: Presence) => {
    if (presence === "offline" && sorted.mine.length > 0) setDialog("leave");
    else void actions.become(presence);
  };
  const step = (by: number) => {
    const ids = shown.current;
    const at = selected ? ids.indexOf(selected) : -1;
    const next = ids[at === -1 ? 0 : Math.min(Math.max(at + by, 0), ids.length - 1)];
    if (next) select(next);
  };
  useShortcuts({
    next: () => step(1),
    previous: () => step(-1),
    accept: () => sorted.offers[0] && void accept(sorted.offers[0]),
    reply: () => setWanted(selected),
    end: () => summary && connected && mayEnd(summary, state) && setDialog("end"),
    filter: () => document.getElementById("filter")?.focus(),
    toList: () => document.getElementById("rows")?.focus(),
    online: () => choosePresence("online"),
    break: () => choosePresence("break"),
    offline: () => choosePresence("offline"),
    help: () => setDialog("help"),
  });

  const close = () => setDialog(null);
  return (
    <div className={selected ? "desk reading" : "desk"}>
      <ConnectionBar connection={connection} onRetry={() => desk.wake()} />
      <nav className="sidebar" aria-label={say.lists.label}>
        <div className="sidebar-head">
          <Brand />
          <OwnMenu
            name={state.me.name}
            elsewhere={mayWatch(state.me) ? { label: say.menu.board, href: "/board" } : undefined}
            onHelp={() => setDialog("help")}
            onSignOut={onSignOut}
          />
        </div>
        <PresenceControl agent={me} wanted={actions.presence} onChoose={choosePresence} />
        <Offers
          offers={sorted.offers}
          state={state}
          busy={actions.busyOffer}
          onAccept={accept}
          onDecline={actions.decline}
        />
        <UnsentElsewhere
          unsent={unsent}
          selected={selected}
          state={state}
          onOpen={open}
          onDiscard={(message) => desk.discard(message)}
        />
        <Lists
          sorted={sorted}
          state={state}
          list={list}
          selected={selected}
          shown={shown}
          onList={setList}
          onOpen={open}
          onGoOnline={me?.presence === "online" ? null : () => choosePresence("online")}
        />
      </nav>
      {summary ? (
        <Conversation
          summary={summary}
          state={state}
          unsent={unsent.filter(({ conversation }) => conversation === selected)}
          connected={connected}
          wanted={wanted}
          onFocused={() => setWanted(null)}
          onBack={() => select(null)}
          onEnd={() => setDialog("end")}
        />
      ) : (
        <NoConversation missing={selected !== null} />
      )}
      {toasts}
      {summary && (
        <EndDialog
          opened={dialog === "end"}
          name={contactName(summary)}
          reasons={state.endReasons}
          unanswered={summary.unanswered}
          busy={actions.ending}
          onClose={close}
          onEnd={async (reason) => {
            if (await actions.end(summary.conversation, reason)) close();
          }}
        />
      )}
      <LeaveDialog
        holding={dialog === "leave" ? sorted.mine.length : 0}
        onCancel={close}
        onLeave={() => {
          close();
          void actions.become("offline");
        }}
      />
      <ShortcutSheet opened={dialog === "help"} onClose={close} />
    </div>
  );
}
