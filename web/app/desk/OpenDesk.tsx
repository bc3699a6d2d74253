/** The open desk: lists on the left, the conversation on the right, keys and dialogs over both. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Brand } from "../Brand";
import { History } from "../history/History";
import type { Query } from "../history/query";
import type { View } from "../live/desk";
import type { DeskState } from "../live/fold";
import type { Hit, Id, Presence } from "../live/protocol";
import { say } from "../strings";
import { ConnectionBar } from "./ConnectionBar";
import { Conversation } from "./Conversation";
import { EndDialog } from "./EndDialog";
import { Lists } from "./Lists";
import { OwnMenu } from "./Menu";
import { NoConversation, NotOpen } from "./NoConversation";
import { Offers } from "./Offers";
import { LeaveDialog, PresenceControl } from "./PresenceControl";
import { mayEnd, mayWatch } from "./permission";
import type { Spot } from "./place";
import { ShortcutSheet } from "./ShortcutSheet";
import { contactName, type ListName, lists, type OfferToMe } from "./sorted_lists";
import { UnsentElsewhere } from "./UnsentElsewhere";
import { useActions } from "./use_actions";
import { useDesk } from "./use_desk";
import type { Step } from "./use_listbox";
import { usePlace } from "./use_place";
import { useShortcuts } from "./use_shortcuts";
import { useToasts } from "./use_toasts";

type Dialog = "end" | "leave" | "help";

interface Props extends View {
  state: DeskState;
  onSignOut: () => void;
}

export function OpenDesk({ connection, state, unsent, visit, onSignOut }: Props) {
  const desk = useDesk();
  const [toasts, toast] = useToasts();
  const actions = useActions(state, toast);
  const [{ conversation: selected, spot, history }, go] = usePlace();
  const lookedFor = useRef<Query>({});
  const [list, setList] = useState<ListName>("mine");
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [wanted, setWanted] = useState<Id | null>(null);
  const step = useRef<Step>(() => {});

  const sorted = useMemo(() => lists(state), [state]);
  const summary = selected ? state.conversations.get(selected) : undefined;
  const me = state.agents.get(state.me.id);
  const connected = connection.is === "open";

  useEffect(() => desk.read(selected), [desk, selected]);
  const waiting = sorted.offers.length + sorted.mine.filter(({ unanswered }) => unanswered).length;
  useEffect(() => {
    document.title = say.title(waiting);
  }, [waiting]);

  const read = useCallback((conversation: Id | null, spot: Spot | null) => go({ conversation, spot }), [go]);
  const select = useCallback((conversation: Id | null) => read(conversation, null), [read]);
  const open = useCallback(
    (conversation: Id) => {
      select(conversation);
      setWanted(conversation);
    },
    [select],
  );
  const openHit = useCallback(
    ({ conversation, interaction, said }: Hit) => {
      read(conversation, { interaction, message: said?.message ?? null });
    },
    [read],
  );
  const openMine = (conversation: Id) => {
    setList("mine");
    go({ conversation, spot: null, history: null });
    setWanted(conversation);
  };
  const show = (name: ListName | "history") => {
    if (history) lookedFor.current = history;
    if (name === "history") return go({ history: history ?? lookedFor.current });
    setList(name);
    go({ history: null });
  };
  const accept = async (offer: OfferToMe) => {
    if (await actions.accept(offer)) openMine(offer.summary.conversation);
  };
  const choosePresence = (presence: Presence) => {
    if (presence === "offline" && sorted.mine.length > 0) setDialog("leave");
    else void actions.become(presence);
  };
  useShortcuts({
    next: () => step.current(1),
    previous: () => step.current(-1),
    accept: () => sorted.offers[0] && void accept(sorted.offers[0]),
    reply: () => setWanted(selected),
    note: () => document.getElementById("write-note")?.click(),
    end: () => summary && connected && mayEnd(summary, state) && setDialog("end"),
    history: () => {
      flushSync(() => show("history"));
      document.getElementById("filter")?.focus();
    },
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
          step={step}
          history={
            history && (
              <History
                query={history}
                place={{ conversation: selected, spot, history }}
                state={state}
                connected={connected}
                step={step}
                onQuery={(query) => go({ history: query }, "instead")}
                onOpen={openHit}
              />
            )
          }
          onList={show}
          onOpen={open}
          onSelect={select}
          onGoOnline={me?.presence === "online" ? null : () => choosePresence("online")}
        />
      </nav>
      {summary ? (
        <Conversation
          summary={summary}
          state={state}
          unsent={unsent.filter(({ conversation }) => conversation === selected)}
          connected={connected}
          spot={spot}
          actions={actions}
          toast={toast}
          onOpen={read}
          wanted={wanted}
          onFocused={() => setWanted(null)}
          onBack={() => select(null)}
          onEnd={() => setDialog("end")}
          onRetake={async () => {
            if (await actions.retake(summary.conversation)) openMine(summary.conversation);
          }}
        />
      ) : selected ? (
        <NotOpen visit={visit} onBack={() => select(null)} onRetry={() => desk.readAgain()} />
      ) : (
        <NoConversation />
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
