import { displayLines } from "../src/client/display_text.ts";
import type { Polled } from "./polled.ts";

/** What went wrong, read out by screen readers; nothing when nothing did. */
export function Notice({ error }: { readonly error: string | null }) {
  return (
    <div role="alert" class={error === null ? "" : "notice"}>
      {error === null ? null : displayLines(error)}
    </div>
  );
}

interface PolledNoticeProps {
  readonly of: Polled<unknown>;
  /** Of a part of a view: said there, and not read out once more. */
  readonly isPart?: boolean;
}

/** The error of a polled request; nothing while requests succeed. */
export function PolledNotice({ of, isPart = false }: PolledNoticeProps) {
  const { answer, error, isRetried } = of;
  const again = isRetried ? " Retrying." : "";
  const old = answer === null ? "" : " Showing the previous response.";
  const message = error === null ? null : `${error}${again}${old}`;
  return (
    <>
      {isPart ? (
        message !== null && <p class="bad-text">{displayLines(message)}</p>
      ) : (
        <Notice error={message} />
      )}
      {answer === null && error === null && <p class="empty waiting">Loading …</p>}
    </>
  );
}
