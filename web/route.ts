import { useLayoutEffect, useState } from "preact/hooks";

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
  // Before anything is painted: an address that changes right afterwards would be missed.
  useLayoutEffect(() => {
    const follow = () => setRoute(readRoute());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}
