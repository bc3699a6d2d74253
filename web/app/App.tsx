/** Who is here: asks for the session, shows the sign-in, the desk or the board. */

import { useCallback, useEffect, useState } from "react";
import { currentSession, type SignIn, signOut } from "./api";
import { BoardPage } from "./board/BoardPage";
import { BoardsProvider } from "./board/use_boards";
import { DeskPage } from "./desk/DeskPage";
import { DeskProvider } from "./desk/use_desk";
import { Unreachable } from "./LivePage";
import type { Me } from "./live/protocol";
import { Opening } from "./Opening";
import { SignInPage } from "./SignInPage";

export function App() {
  const [session, setSession] = useState<SignIn | null>(null);
  const ask = useCallback(() => {
    setSession(null);
    void currentSession().then(setSession);
  }, []);
  useEffect(ask, [ask]);
  const signedIn = useCallback((user: Me) => setSession({ is: "signed_in", user }), []);
  const leave = useCallback(() => {
    void signOut().finally(() => setSession({ is: "signed_out" }));
  }, []);

  if (!session) return <Opening />;
  if (session.is === "unreachable") return <Unreachable onRetry={ask} />;
  if (session.is === "signed_out") return <SignInPage onSignedIn={signedIn} />;
  if (window.location.pathname === "/board") {
    return (
      <BoardsProvider key={session.user.id} scope={new URLSearchParams(window.location.search).get("inbox")}>
        <BoardPage user={session.user} onSignOut={leave} />
      </BoardsProvider>
    );
  }
  return (
    <DeskProvider key={session.user.id} agent={session.user.id}>
      <DeskPage user={session.user} onSignOut={leave} />
    </DeskProvider>
  );
}
