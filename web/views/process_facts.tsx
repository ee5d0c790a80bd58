import type { ComponentChildren } from "preact";
import { cellText, clockTime, count, dateTime } from "../format.ts";
import { linkTo } from "../route.ts";
import type { Cell } from "../run_query.ts";

type Fields = Readonly<Record<string, Cell>>;

interface FactsProps {
  /** What its events tell. */
  readonly process: Fields;
  /** The file that it runs, as it is now; empty when it is gone. */
  readonly executable: Fields;
}

/** Who a process is, in the order in which one asks. */
export function ProcessFacts({ process, executable }: FactsProps) {
  const text = (name: string) => cellText(process[name] ?? null);
  const file = (name: string) => cellText(executable[name] ?? null);
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    ["Executable", code(text("path"))],
    ["SHA-256", code(text("sha256") || file("sha256"))],
    ["SHA-1", code(text("sha1") || file("sha1"))],
    ["MD5", code(text("md5") || file("md5"))],
    ["File", fileText(executable)],
    ["Directory", code(text("cwd"))],
    ["User", userText(process)],
    ["Terminal", text("tty") === "(none)" ? "" : text("tty")],
    ["Session", text("session_id") === unsetId ? "" : text("session_id")],
    ["Container", code(text("container_id"))],
    ["Started", dateTime(isoTime(process["time"]))],
    ["Ended", endText(process)],
    ["Parent", text("parent_uuid") === "" ? text("parent") : parentLink(process)],
    ["process_uuid", code(text("process_uuid"))],
  ];
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

function isoTime(seconds: Cell | undefined): string | null {
  const ms = Number(seconds ?? Number.NaN) * 1000;
  return Number.isFinite(ms) && ms > 0 ? new Date(ms).toISOString() : null;
}

function fileText(executable: Fields): string {
  const { size, mode, uid, mtime } = executable;
  if (size === undefined || size === null) return "";
  const changed = dateTime(isoTime(mtime));
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
  return `${clockTime(at)}, ${how}`;
}

function parentLink(process: Fields): ComponentChildren {
  const uuid = cellText(process["parent_uuid"] ?? null);
  return <a href={linkTo("process", uuid)}>pid {cellText(process["parent"] ?? null)}</a>;
}
