/** Signing in: as a page, and as the form a dialog shows when the session has ended. */

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { signIn } from "./api";
import { Brand } from "./Brand";
import type { Me } from "./live/protocol";
import { say } from "./strings";

export function SignInPage({ onSignedIn }: { onSignedIn: (user: Me) => void }) {
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <Brand />
        <h1>{say.signIn.heading}</h1>
        <p>{say.signIn.lead}</p>
        <SignInForm onSignedIn={onSignedIn} />
      </div>
    </main>
  );
}

export function SignInForm({ login = "", onSignedIn }: { login?: string; onSignedIn: (user: Me) => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    const answer = await signIn(String(form.get("login")), String(form.get("password")));
    setBusy(false);
    if (answer.is === "signed_in") return onSignedIn(answer.user);
    setProblem(answer.is === "signed_out" ? say.signIn.wrong : say.signIn.unreachable);
  }

  return (
    <form className="sign-in-form" onSubmit={submit}>
      <TextInput
        name="login"
        label={say.signIn.login}
        defaultValue={login}
        autoComplete="username"
        autoCapitalize="none"
        required
        withAsterisk={false}
        size="md"
        data-autofocus={login === "" || undefined}
      />
      <PasswordInput
        name="password"
        label={say.signIn.password}
        autoComplete="current-password"
        required
        withAsterisk={false}
        size="md"
        visibilityToggleButtonProps={{ "aria-label": say.signIn.reveal }}
        data-autofocus={login !== "" || undefined}
      />
      {problem && (
        <p className="alert" role="alert">
          <IconAlertCircle size={18} aria-hidden />
          {problem}
        </p>
      )}
      <Button type="submit" size="md" loading={busy} mt={4}>
        {say.signIn.submit}
      </Button>
    </form>
  );
}
