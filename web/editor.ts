import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  completionStatus,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { SQLite, sql } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  placeholder,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { columnCompletion, completeNames } from "./completion.ts";
import type { TableDescription } from "./schema.ts";

export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly onRun: (text: string) => void;
  readonly onChange: (text: string) => void;
}

/** What there is to complete, beside keywords. */
export interface SqlNames {
  readonly tables: readonly TableDescription[];
  readonly functions: readonly string[];
}

export interface SqlEditor {
  readonly focus: () => void;
  readonly close: () => void;
  /** Completes these names from now on. */
  readonly offer: (names: SqlNames) => void;
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: tags.typeName, color: "var(--code-name)" },
]);

const theme = EditorView.theme({
  "&": { fontSize: "14px", backgroundColor: "var(--field)", color: "var(--text)", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-1px" },
  ".cm-content": { fontFamily: "var(--mono)", padding: "10px 4px", caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-placeholder": { color: "var(--muted)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection) !important",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--panel)",
    color: "var(--text)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
  },
  ".cm-tooltip-autocomplete > ul": { borderRadius: "5px" },
  // Beside the list, and so not within its bounds.
  ".cm-completionInfo": { padding: "6px 10px", maxWidth: "36ch", fontFamily: "inherit" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--on-accent)",
  },
  ".cm-completionDetail": { color: "inherit", opacity: "0.75" },
});

/**
 * The SQL editor. It lives in a shadow root: there CodeMirror's styles are adopted sheets, which the
 * page's policy allows, while in the document they would be inline styles, which it does not.
 */
export function openEditor(options: EditorOptions): SqlEditor {
  const { parent, text, onRun, onChange } = options;
  const language = new Compartment();
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
  const run = (view: EditorView) => {
    closeCompletion(view);
    onRun(statementAt(view));
    return true;
  };
  const state = EditorState.create({
    doc: text,
    extensions: [
      Prec.highest(
        keymap.of([
          { key: "Mod-Enter", run },
          { key: "Tab", run: takeCompletion },
        ]),
      ),
      history(),
      drawSelection(),
      bracketMatching(),
      closeBrackets(),
      highlightActiveLine(),
      autocompletion({ icons: false }),
      language.of(completing({ tables: [], functions: [] })),
      syntaxHighlighting(colours),
      theme,
      EditorView.lineWrapping,
      placeholder("select … — Ctrl+Enter runs, Ctrl+Space completes, Escape cancels"),
      EditorView.contentAttributes.of({ "aria-label": "SQL statement" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange(update.state.doc.toString());
      }),
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
    ],
  });
  const view = new EditorView({ state, parent: root, root });
  return {
    focus: () => view.focus(),
    close: () => view.destroy(),
    offer: (names) => view.dispatch({ effects: language.reconfigure(completing(names)) }),
  };
}

function completing({ tables, functions }: SqlNames): Extension {
  return [
    sql({ dialect: SQLite, schema: completions(tables), upperCaseKeywords: false }),
    SQLite.language.data.of({ autocomplete: completeNames(tables, functions) }),
  ];
}

/** While completion is open, Tab stays in the editor, also in the moment in which the list takes no
 * key yet. */
function takeCompletion(view: EditorView): boolean {
  return acceptCompletion(view) || completionStatus(view.state) !== null;
}

/** What is selected, else all. */
function statementAt({ state }: EditorView): string {
  const { from, to } = state.selection.main;
  return (from === to ? state.doc.toString() : state.sliceDoc(from, to)).trim();
}

function completions(tables: readonly TableDescription[]) {
  return Object.fromEntries(
    tables.map((table) => [
      table.name,
      {
        self: { label: table.name, type: "type", detail: table.kind, info: table.description },
        children: table.columns.map(columnCompletion),
      },
    ]),
  );
}
