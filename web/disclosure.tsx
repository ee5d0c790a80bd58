import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface DisclosureProps {
  readonly summary: ComponentChildren;
  /** Made when it is opened first: a long list of these stays light. */
  readonly content: () => ComponentChildren;
}

/** A line that opens to more. */
export function Disclosure({ summary, content }: DisclosureProps) {
  const [wasOpened, setOpened] = useState(false);
  return (
    <details onToggle={() => setOpened(true)}>
      <summary>{summary}</summary>
      {wasOpened && content()}
    </details>
  );
}
