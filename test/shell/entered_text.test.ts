// On every version of Node: what is run is what is on the screen.
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { insertText } from "../../src/shell/edited_line.js";
import { EnteredText } from "../../src/shell/entered_text.js";
import { openLineEditor } from "../../src/shell/line_editor.js";

/** A line editor as the shell has it, and what it gave. */
function openEditor() {
  const input = new PassThrough();
  const output = new PassThrough();
  let drawn = "";
  output.on("data", (bytes: Buffer) => {
    drawn += bytes.toString();
  });
  const isTyping = () => true;
  const lines = openLineEditor({ input, output, isTyping, terminal: true, historySize: 100 });
  const entered = new EnteredText(lines);
  let history: readonly string[] = [];
  const texts: string[] = [];
  lines.on("history", (entries: string[]) => {
    history = entries;
  });
  lines.on("line", (line) => texts.push(entered.take(line)));
  const press = async (keys: string) => {
    input.write(keys);
    await setImmediate();
  };
  return { lines, texts, press, history: () => history, drawn: () => drawn };
}

const pastes: Readonly<Record<string, string>> = {
  "two lines": "select 6 *\n7 as answer;",
  "four lines with a comment": "select 1 -- one\n, 2 -- two\n, 3\nfrom t;",
  "an empty line and blanks": "select 'a\n\n  b' as x;",
  "the same line twice": "select 1;\nselect 1;",
};

for (const [what, text] of Object.entries(pastes)) {
  test(`${what} are entered as pasted, and again when recalled`, async () => {
    const { lines, texts, press, history, drawn } = openEditor();
    await press("select 0;\r");
    insertText(lines, text.slice(0, -1));
    // A key after a paste: readline sets the line itself.
    await press(text.slice(-1));
    await press("\r");
    assert.deepEqual(texts, ["select 0;", text]);
    assert.deepEqual(history(), [text, "select 0;"]);
    await press("select 2;\r");
    // Up twice: the newest, then the paste; from its last line on.
    await press("\x1b[A");
    await press("\x1b[A");
    assert.equal(lines.line, text);
    await press("\x1b[F");
    await press("\r");
    assert.deepEqual(texts, ["select 0;", text, "select 2;", text]);
    assert.ok(!drawn().includes("|"), "a mark that is no part of the text was drawn");
    lines.close();
  });
}

test("empty lines, and lines that follow at once, are told in order", async () => {
  const { lines, texts, press } = openEditor();
  await press("one\r\r  \rtwo\r");
  assert.deepEqual(texts, ["one", "", "  ", "two"]);
  lines.close();
});
