import { useLayoutEffect } from "preact/hooks";

/**
 * Has the window's events handled for as long as a component is there, by the handler that it begins
 * with. Before anything is painted: what is typed, or a changed address, right afterwards would be
 * missed.
 */
export function useWindowEvent<Name extends keyof WindowEventMap>(
  name: Name,
  handler: (event: WindowEventMap[Name]) => void,
  options?: AddEventListenerOptions,
): void {
  useLayoutEffect(() => {
    addEventListener(name, handler, options);
    return () => removeEventListener(name, handler, options);
  }, []);
}
