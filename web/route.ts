import { useState } from "preact/hooks";
import { useWindowEvent } from "./window_event.ts";

/** Where in the page one is: `#/process/UUID` is view `process` with argument `UUID`. */
export interface Route {
  readonly view: string;
  readonly argument: string;
}

function readRoute(): Route {
  const [, view = "overview", argument = ""] = /^#\/([a-z]+)(?:\/(.*))?$/.exec(location.hash) ?? [];
  return { view, argument: decoded(argument) };
}

/** Whoever types an address may leave a `%` that stands for nothing but itself. */
function decoded(argument: string): string {
  try {
    return decodeURIComponent(argument);
  } catch {
    return argument;
  }
}

export function linkTo(view: string, argument = ""): string {
  return argument === "" ? `#/${view}` : `#/${view}/${encodeURIComponent(argument)}`;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(readRoute);
  useWindowEvent("hashchange", () => setRoute(readRoute()));
  return route;
}
