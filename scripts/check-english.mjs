// Rejects wording that makes texts hard to read, in the places where a person reads them: literals
// and JSX of src/, addon/ and web/, schemas, packs, docs and the newest part of the changelog.
//   node scripts/check-english.mjs
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const actor = "the actor has a name: user, client, caller, peer, process, daemon, kernel";
const term = "operators search for the field's term";
const negation = "a negated verb is understood sooner than a negated noun";

/** What is rejected, what to write instead, and why. */
export const patterns = [
  { rejects: /\banew\b/, write: "again; from the start", why: "archaic" },
  { rejects: /\bamiss\b/, write: "wrong; invalid", why: "archaic" },
  { rejects: /\bdear(?:er|est)?\b/, write: "expensive", why: "a salutation" },
  { rejects: /\bwho(?:m|so)?ever\b/, write: "the caller; a user that", why: actor },
  { rejects: /\b(?:nobody|no one)\b/, write: "no user; no process", why: actor },
  { rejects: /\b(?:somebody|someone)\b/, write: "a user; a process", why: actor },
  { rejects: /\bwho (?:asks?|asked)\b/, write: "the caller", why: actor },
  { rejects: /\bthe other end\b/, write: "the peer", why: actor },
  { rejects: /\bbeside\b/, write: "alongside; in parallel; next to", why: "two meanings" },
  { rejects: /\bin(?:to)? force\b/, write: "active; apply", why: term },
  { rejects: /\bread again\b/, write: "reload; reread", why: term },
  { rejects: /\b(?:by turns|take turns)\b/, write: "round-robin; one at a time", why: term },
  { rejects: /\b(?:wait\w* for|have|get) (?:its|their|a|one's) turn\b/, write: "queue", why: term },
  { rejects: /\bgr(?:ow|ows|ew|own) old\b/, write: "expire", why: term },
  { rejects: /\b(?:go|goes|went|gone|going) away\b/, write: "disconnect; exit", why: term },
  { rejects: /\b(?:be|been|is|are|was|were) told\b/, write: "receive; be notified", why: term },
  { rejects: /\btells? (?:of|who|us)\b/, write: "report; describe", why: term },
  { rejects: /\b(?:out of|in) reach\b/, write: "unavailable; available", why: term },
  { rejects: /\bin place of\b/, write: "instead of", why: "longer" },
  { rejects: /\bso many\b/, write: "up to N", why: "vague" },
  { rejects: /\bas many [\w ]+ as\b/, write: "the limit of … is reached", why: "indirect" },
  { rejects: /\bwhat is more\b/, write: "additional …", why: "read as “moreover”" },
  {
    rejects:
      /\b(?<!\bthere )(?:is|are|was|were) no (?!(?:longer|more|less|later|earlier|other|such)\b)\w/,
    write: "is not a …; has no …",
    why: negation,
  },
  { rejects: /\b(?:takes?|makes?|gives?|knows?) no\b/, write: "does not …", why: negation },
];

/** Texts of other programs, quoted exactly: osquery's descriptions, systemd's settings. */
const quotations = [];

/** Files that hold texts of the project, each by the function that leaves only what is read. */
const places = [
  { folder: "src", names: /\.ts$/, texts: literals },
  { folder: "addon", names: /\.(?:cc|h)$/, texts: literals },
  { folder: "web", names: /\.ts$/, texts: literals },
  { folder: "web", names: /\.(?:tsx|html)$/, texts: withoutComments },
  { folder: "schemas", names: /\.json$/, texts: (text) => text },
  { folder: "packs", names: /\.conf$/, texts: (text) => text },
  { folder: "docs", names: /\.md$/, texts: withoutCode },
  { folder: ".", names: /^(?:README|CONTRIBUTING)\.md$/, texts: withoutCode },
  { folder: ".", names: /^CHANGELOG\.md$/, texts: newestSection },
];

/** Folders of other projects' code, of test data, and of what a build writes. */
const skipped = /^(?:build|generated|node_modules|test|testdata|tests|corpus|dist)$/;

const blank = (text) => text.replaceAll(/[^\n]/g, " ");

const literalOrComment =
  /("(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\\n])*')|\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g;

/** Literals of C++ or TypeScript; those that are joined over lines read as one. */
function literals(source) {
  let end = 0;
  const kept = [...source.matchAll(literalOrComment)].map((match) => {
    const before = source.slice(end, match.index);
    end = match.index + match[0].length;
    const isJoined = /^[\s+]*$/.test(before) && match[1] !== undefined;
    const [, literal] = match;
    return literal === undefined
      ? blank(before + match[0])
      : `${isJoined ? before.replaceAll("+", " ") : blank(before)} ${literal.slice(1, -1)} `;
  });
  return kept.join("");
}

/** JSX has its texts outside of literals too. */
function withoutComments(source) {
  return source.replaceAll(literalOrComment, (found, literal) => literal ?? blank(found));
}

function withoutCode(markdown) {
  return markdown.replaceAll(/^```[\s\S]*?^```|`[^`\n]*`/gm, blank);
}

function newestSection(changelog) {
  const second = changelog.indexOf("\n## ", changelog.indexOf("\n## ") + 1);
  return withoutCode(second < 0 ? changelog : changelog.slice(0, second));
}

/** In any case, and over the ends of lines. */
function anywhere(pattern) {
  return new RegExp(pattern.source.replaceAll(" ", "\\s+"), "gi");
}

/** Each place in a text that a pattern rejects: its line, the words, and the pattern. */
export function problemsOf(text) {
  const readable = quotations.reduce((rest, quoted) => rest.replaceAll(quoted, blank), text);
  const found = patterns.flatMap((pattern) =>
    [...readable.matchAll(anywhere(pattern.rejects))].map((match) => ({
      line: readable.slice(0, match.index).split("\n").length,
      words: match[0].replaceAll(/\s+/g, " "),
      pattern,
    })),
  );
  return found.sort((a, b) => a.line - b.line);
}

function filesBelow(root, { folder, names }) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return names.test(entry.name) ? [path] : [];
    const isPart = folder !== "." && !skipped.test(entry.name);
    return isPart ? filesBelow(root, { folder: path, names }) : [];
  });
}

/** One line for each rejected place of a checkout. */
export function problemsIn(root) {
  return places.flatMap((place) =>
    filesBelow(root, place).flatMap((path) =>
      problemsOf(place.texts(readFileSync(join(root, path), "utf8"))).map(
        ({ line, words, pattern: { write, why } }) =>
          `${relative(".", path)}:${line}: "${words}": write "${write}" (${why})`,
      ),
    ),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = problemsIn(join(dirname(fileURLToPath(import.meta.url)), ".."));
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
