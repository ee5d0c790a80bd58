import { timerDelay } from "../util/timer_delay.js";

/** A timer that has not fired yet. */
export interface ClockTimer {
  cancel(): void;
}

/** Where the schedule takes time from, so that tests can run a week in a second. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once, when `now()` is `atMs` or later. */
  at(atMs: number, call: () => void): ClockTimer;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at(atMs, call) {
    // setTimeout() may fire up to a millisecond early against Date.now().
    const wait = (): NodeJS.Timeout => {
      const left = atMs - Date.now();
      return setTimeout(
        () => {
          if (Date.now() >= atMs) call();
          else timer = wait();
        },
        timerDelay(Math.max(left, 0)),
      );
    };
    let timer = wait();
    return { cancel: () => clearTimeout(timer) };
  },
};
