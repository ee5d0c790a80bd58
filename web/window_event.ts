import { useLayoutEffect } from "preact/hooks";
import type { appearanceEvent } from "./zone.ts";

type PageEvents = WindowEventMap & Readonly<Record<typeof appearanceEvent, Event>>;

/**
 * Has the window's events handled for as long as a component is there, by the handler that it begins
 * with. Before anything is painted: what is typed, or a changed address, right afterwards would be
 * missed.
 */
export function useWindowEvent<Name extends keyof PageEvents>(
  name: Name,
  handler: (event: PageEvents[Name]) => void,
  options?: AddEventListenerOptions,
): void {
  useLayoutEffect(() => {
    const listener = handler as EventListener;
    addEventListener(name, listener, options);
    return () => removeEventListener(name, listener, options);
  }, []);
}
