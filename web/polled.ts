import { useEffect, useState } from "preact/hooks";
import { messageOf } from "./api.ts";

/** The newest answer, and what went wrong with the newest question. */
export interface Polled<Answer> {
  readonly answer: Answer | null;
  readonly error: string | null;
}

/** Asks at once and then every so many ms, while the page is in sight. */
export function usePolled<Answer>(
  ask: (signal: AbortSignal) => Promise<Answer>,
  everyMs: number,
  inputs: readonly unknown[] = [],
): Polled<Answer> {
  const [state, setState] = useState<Polled<Answer>>({ answer: null, error: null });
  useEffect(() => {
    const gone = new AbortController();
    let timer = 0;
    const turn = async () => {
      if (!document.hidden) {
        try {
          const answer = await ask(gone.signal);
          if (!gone.signal.aborted) setState({ answer, error: null });
        } catch (error) {
          if (gone.signal.aborted) return;
          setState((before) => ({ ...before, error: messageOf(error) }));
        }
      }
      if (everyMs > 0 && !gone.signal.aborted) timer = setTimeout(turn, everyMs);
    };
    void turn();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, inputs);
  return state;
}
