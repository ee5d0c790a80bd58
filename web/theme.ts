import { useLayoutEffect, useState } from "preact/hooks";
import { appearanceEvent } from "./zone.ts";

/** `auto` follows the system. */
export type Theme = "auto" | "light" | "dark";

const keyName = "auditql-theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");

export function nextTheme(theme: Theme): Theme {
  return theme === "auto" ? "dark" : theme === "dark" ? "light" : "auto";
}

/** The active theme, kept across visits. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(keptTheme);
  useLayoutEffect(() => {
    localStorage.setItem(keyName, theme);
    const apply = () => {
      const isDark = theme === "dark" || (theme === "auto" && systemDark.matches);
      document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
      dispatchEvent(new Event(appearanceEvent));
    };
    apply();
    systemDark.addEventListener("change", apply);
    return () => systemDark.removeEventListener("change", apply);
  }, [theme]);
  return [theme, setTheme];
}

function keptTheme(): Theme {
  const kept = localStorage.getItem(keyName);
  return kept === "light" || kept === "dark" ? kept : "auto";
}
