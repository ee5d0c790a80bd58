import type { ComponentChildren } from "preact";
import { cellText, count, rawText, timeText } from "../format.ts";
import { linkTo } from "../route.ts";
import type { Cell } from "../run_query.ts";

type Fields = Readonly<Record<string, Cell>>;
type Facts = readonly (readonly [string, ComponentChildren])[];

const digests = [
  ["SHA-256", "sha256"],
  ["SHA-1", "sha1"],
  ["MD5", "md5"],
] as const;

/** What its events tell of a process, in the order in which one asks: nothing here is of now. */
export function ProcessFacts({ process }: { readonly process: Fields }) {
  const text = (name: string) => cellText(process[name] ?? null);
  return (
    <FactList
      facts={[
        ["Executable", code(text("path"))],
        ...digests.map(([label, name]) => [label, code(text(name))] as const),
        ["Directory", code(text("cwd"))],
        ["User", userText(process)],
        ["Terminal", text("tty") === "(none)" ? "" : text("tty")],
        ["Session", text("session_id") === unsetId ? "" : text("session_id")],
        ["Container", code(text("container_id"))],
        ["Started", timeText(process["started"])],
        ["Seen since", process["started"] === null ? timeText(process["first_ntime"]) : ""],
        ["Ended", endText(process)],
        ["Parent", text("parent_uuid") === "" ? text("parent") : parentLink(process)],
        ["process_uuid", code(text("process_uuid"))],
      ]}
    />
  );
}

interface FileNowProps {
  readonly process: Fields;
  /** What lies at the path of its executable; null when nothing does. */
  readonly file: Fields | null;
}

/** The file that lies at the path now, which need not be the one that ran. */
export function FileNow({ process, file }: FileNowProps) {
  if (file === null) return <p class="empty">This path does not exist now, or is not readable.</p>;
  const differs = digests.find(([, name]) => {
    const [ran, now] = [rawText(process[name]), rawText(file[name])];
    return ran !== "" && now !== "" && ran !== now;
  });
  const isCompared = digests.some(
    ([, name]) => rawText(process[name]) !== "" && rawText(file[name]) !== "",
  );
  return (
    <>
      {differs !== undefined && (
        <p class="bad-text">
          This is not the file that ran: its {differs[0]} differs. Do not look up the digests below
          for the process.
        </p>
      )}
      {!isCompared && (
        <p class="muted">The file that ran was not hashed: this may be another file.</p>
      )}
      <FactList
        facts={[
          ["Path", code(cellText(file["path"] ?? null))],
          ...digests.map(([label, name]) => [label, code(cellText(file[name] ?? null))] as const),
          ["File", fileText(file)],
        ]}
      />
    </>
  );
}

function FactList({ facts }: { readonly facts: Facts }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== "" && value !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** The kernel's "no login yet" (-1 as an unsigned number). */
const unsetId = "4294967295";

function code(text: string): ComponentChildren {
  return text === "" ? null : <code>{text}</code>;
}

function fileText(executable: Fields): string {
  const { size, mode, uid, mtime } = executable;
  if (size === undefined || size === null) return "";
  const changed = timeText(mtime);
  return `${count(Number(size))} bytes, mode ${cellText(mode ?? null)}, owner ${cellText(uid ?? null)}, changed ${changed}`;
}

function userText(process: Fields): string {
  const { username, uid, euid, auid } = process;
  const name = cellText(username ?? null);
  const effective = euid === uid ? "" : `, effective ${cellText(euid ?? null)}`;
  const login = cellText(auid ?? null);
  const loginText = login === "" || login === unsetId || login === "-1" ? "" : `, login ${login}`;
  return `${name} (uid ${cellText(uid ?? null)}${effective}${loginText})`.trim();
}

function endText(process: Fields): string {
  const at = process["exit_time"] ?? null;
  if (at === null) return "";
  const signal = cellText(process["exit_signal"] ?? null);
  const how =
    signal === "" || signal === "0"
      ? `exit code ${cellText(process["exit_code"] ?? null)}`
      : `signal ${signal}`;
  return `${timeText(process["exit_ntime"] ?? at)}, ${how}`;
}

function parentLink(process: Fields): ComponentChildren {
  const uuid = rawText(process["parent_uuid"]);
  return <a href={linkTo("process", uuid)}>pid {cellText(process["parent"] ?? null)}</a>;
}
