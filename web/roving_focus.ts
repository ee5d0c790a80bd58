import type { RefObject } from "preact";
import { useEffect, useLayoutEffect } from "preact/hooks";

const steps: Readonly<Record<string, (at: number, length: number) => number>> = {
  ArrowDown: (at, length) => Math.min(at + 1, length - 1),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, length) => length - 1,
};

/**
 * Makes a list one tab stop: arrows, Home and End move among the elements that the selector names
 * (ARIA Authoring Practices, "Managing Focus Within Components Using a Roving tabindex").
 */
export function useRovingFocus(box: RefObject<HTMLElement | null>, selector: string): void {
  const all = () => [...(box.current?.querySelectorAll<HTMLElement>(selector) ?? [])];
  // After each drawing: elements come and go.
  useLayoutEffect(() => {
    const elements = all();
    const kept = elements.find((each) => each === document.activeElement || each.tabIndex === 0);
    for (const element of elements) element.tabIndex = element === (kept ?? elements[0]) ? 0 : -1;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const step = steps[event.key];
      const elements = all();
      const at = elements.indexOf(event.target as HTMLElement);
      const next = step === undefined || at < 0 ? undefined : elements[step(at, elements.length)];
      if (next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      for (const element of elements) element.tabIndex = element === next ? 0 : -1;
      next.focus();
    };
    const element = box.current;
    element?.addEventListener("keydown", onKey);
    return () => element?.removeEventListener("keydown", onKey);
  }, []);
}
