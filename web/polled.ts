import { useEffect, useState } from "preact/hooks";
import { mayPass, messageOf } from "./api.ts";

/** The newest answer, and what went wrong with the newest question. */
export interface Polled<Answer> {
  readonly answer: Answer | null;
  readonly error: string | null;
  /** Whether it is asked again after the error. */
  readonly isRetried: boolean;
}

/** After so long without an answer a question is given up, and asked again. */
const patienceMs = 20_000;
/** How soon a question that is asked once is repeated after an error that may pass. */
const retryMs = 3000;

/**
 * Asks at once and then every so many ms, while the page is in sight; 0: until it is answered. The
 * interval may depend on the answer.
 */
export function usePolled<Answer>(
  ask: (signal: AbortSignal) => Promise<Answer>,
  every: number | ((answer: Answer) => number),
  inputs: readonly unknown[] = [],
): Polled<Answer> {
  const [state, setState] = useState<Polled<Answer>>(unasked);
  useEffect(() => {
    const gone = new AbortController();
    let timer = 0;
    let everyMs = typeof every === "number" ? every : retryMs;
    const turn = async () => {
      if (document.hidden) return later(everyMs || retryMs);
      try {
        const answer = await askWithin(ask, gone.signal);
        if (gone.signal.aborted) return;
        setState({ answer, error: null, isRetried: false });
        if (typeof every !== "number") everyMs = every(answer);
        if (everyMs > 0) later(everyMs);
      } catch (error) {
        if (gone.signal.aborted) return;
        const isRetried = mayPass(error);
        setState((before) => ({ ...before, error: messageOf(error), isRetried }));
        if (isRetried || everyMs > 0) later(everyMs || retryMs);
      }
    };
    const later = (ms: number) => {
      timer = setTimeout(turn, ms);
    };
    void turn();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, inputs);
  return state;
}

const unasked = { answer: null, error: null, isRetried: false };

/** A daemon that was stopped, or a connection that hangs, says nothing at all. */
async function askWithin<Answer>(
  ask: (signal: AbortSignal) => Promise<Answer>,
  gone: AbortSignal,
): Promise<Answer> {
  const asked = new AbortController();
  const leave = () => asked.abort();
  gone.addEventListener("abort", leave);
  let timer = 0;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`No response from the daemon for ${patienceMs / 1000} s.`));
      leave();
    }, patienceMs);
  });
  try {
    return await Promise.race([ask(asked.signal), silence]);
  } finally {
    clearTimeout(timer);
    gone.removeEventListener("abort", leave);
  }
}
