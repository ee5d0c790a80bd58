import { useLayoutEffect, useState } from "preact/hooks";

/** The zone in which times are shown. */
export type Zone = "utc" | "local";

const keyName = "auditql-zone";
let current: Zone = localStorage.getItem(keyName) === "local" ? "local" : "utc";

/** The active zone. */
export function zone(): Zone {
  return current;
}

/** The zone, kept over visits, and a switch to the other; what shows times is below who uses it. */
export function useZone(): readonly [Zone, () => void] {
  const [shown, setShown] = useState(current);
  useLayoutEffect(() => localStorage.setItem(keyName, shown), [shown]);
  const change = () => {
    current = current === "utc" ? "local" : "utc";
    setShown(current);
    dispatchEvent(new Event(appearanceEvent));
  };
  return [shown, change];
}

/** Sent to the window when the theme or the zone has changed: charts are redrawn. */
export const appearanceEvent = "auditql-appearance";
