import { useState } from "preact/hooks";
import { type Caller, messageOf, signIn } from "../api.ts";
import { Notice } from "../notice.tsx";

interface SignInProps {
  /** Why nobody is signed in: the link in the address did not open, the session has ended. */
  readonly error: string | null;
  readonly onSignedIn: (caller: Caller) => void;
}

export function SignInView({ error: linkError, onSignedIn }: SignInProps) {
  const [ownError, setError] = useState<string | null>(null);
  const error = ownError ?? linkError;
  const [token, setToken] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      onSignedIn(await signIn({ token: token.trim() }));
    } catch (cause) {
      setError(messageOf(cause));
    }
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit}>
        <h1>auditql</h1>
        <p>Query every process and connection of this host with SQL.</p>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          required
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <button type="submit" class="primary">
          Sign in
        </button>
        <Notice error={error} />
        <p class="muted">
          The daemon prints a sign-in link when it starts with <code>npm start</code>. The token is
          in the file <code>token</code> of its state directory.
        </p>
      </form>
    </main>
  );
}
