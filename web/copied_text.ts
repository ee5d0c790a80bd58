import { useWindowEvent } from "./window_event.ts";

/** Has copies hold values as they are, also where the page shows characters of them written out. */
export function useRawCopies(): void {
  useWindowEvent("copy", (event) => {
    const selection = getSelection();
    if (selection === null || selection.rangeCount === 0 || event.clipboardData === null) return;
    const raw = rawSelection(selection);
    if (raw === null) return;
    event.clipboardData.setData("text/plain", raw);
    event.preventDefault();
  });
}

/** The selected text with whole values as they are; null where none of them is shown otherwise. */
function rawSelection(selection: Selection): string | null {
  const { anchorNode } = selection;
  const element = anchorNode instanceof Element ? anchorNode : anchorNode?.parentElement;
  const within = element?.closest<HTMLElement>("[data-raw]");
  if (within && within.textContent === selection.toString()) return within.dataset["raw"] ?? null;
  let text = selection.toString();
  let isChanged = false;
  for (const element of selection.getRangeAt(0).cloneContents().querySelectorAll("[data-raw]")) {
    const [shown, raw] = [element.textContent ?? "", element.getAttribute("data-raw") ?? ""];
    if (shown === "" || !text.includes(shown)) continue;
    text = text.replace(shown, () => raw);
    isChanged = true;
  }
  return isChanged ? text : null;
}
