import { type CronExpression, CronExpressionParser } from "cron-parser";
import { messageOf } from "../errors.js";

/** When and where a cron line is looked at. */
export interface CronPlace {
  readonly timezone: string;
  /** Decides the value of each H: the same seed gives the same times. */
  readonly seed: string;
  readonly after?: Date;
}

interface FieldRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
  /** Whether H may stand in it. */
  readonly isHashed: boolean;
}

const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/** Fields of crontab(5), in order. 0 and 7 are both Sunday. */
const fieldRules: readonly FieldRule[] = [
  { name: "minute", min: 0, max: 59, names: [], isHashed: true },
  { name: "hour", min: 0, max: 23, names: [], isHashed: true },
  { name: "day of month", min: 1, max: 31, names: [], isHashed: false },
  { name: "month", min: 1, max: 12, names: months, isHashed: false },
  { name: "day of week", min: 0, max: 7, names: weekdays, isHashed: false },
];

/** Words of crontab(5) that stand for a line; @reboot is startup_priority here. */
const words: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

/** A cron line as an iterator over its times; throws on what cronProblem() names. */
export function parseCron(expression: string, place: CronPlace): CronExpression {
  return CronExpressionParser.parse(lineOf(expression), {
    tz: place.timezone,
    hashSeed: place.seed,
    ...(place.after === undefined ? {} : { currentDate: place.after }),
  });
}

/**
 * What is wrong with a cron line, null when nothing is. The library takes more than crontab(5) has:
 * fewer and more fields, L, #, ?, and H in fields where its value could be a day that never comes.
 */
export function cronProblem(expression: string, timezone: string): string | null {
  if (!isTimezone(timezone)) return `unknown time zone "${timezone}"`;
  const fields = lineOf(expression).split(/\s+/).filter(Boolean);
  if (fields[0] === "@reboot") return "use startup_priority to run a query at start";
  if (fields[0]?.startsWith("@")) return `use one of ${[...words.keys()].join(", ")}`;
  if (fields.length !== fieldRules.length) {
    return `it has ${fields.length} fields, not the five of crontab(5): minute, hour, day of month, month, day of week`;
  }
  const wrong = fieldRules.flatMap((rule, index) => fieldProblem(fields[index] ?? "", rule) ?? []);
  if (wrong[0] !== undefined) return wrong[0];
  try {
    parseCron(expression, { timezone, seed: "", after: new Date(0) }).next();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

const lineOf = (expression: string) => words.get(expression.trim()) ?? expression.trim();

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function fieldProblem(field: string, rule: FieldRule): string | null {
  const wrong = field.split(",").find((element) => !isElement(element, rule));
  if (wrong === undefined) return null;
  const { name, min, max, names, isHashed } = rule;
  const named = names.length > 0 ? `, or names such as ${names[1]}` : "";
  const hashed = isHashed ? ", H or H(a-b)" : "";
  return `"${wrong}" is not a ${name}: use numbers from ${min} to ${max}${named}, as *, a, a-b${hashed}; all except a also with /step`;
}

/** One element of a list: `*`, a value, a range, and where it may stand H; steps follow ranges. */
function isElement(element: string, rule: FieldRule): boolean {
  const [, base = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(element) ?? [];
  if (step !== undefined && Number(step) === 0) return false;
  if (base === "*") return true;
  if (base === "H") return rule.isHashed;
  const [, inner] = /^H\((\d+-\d+)\)$/.exec(base) ?? [];
  if (inner !== undefined) return rule.isHashed && isRange(inner, rule);
  return base.includes("-") ? isRange(base, rule) : step === undefined && isValue(base, rule);
}

function isRange(range: string, rule: FieldRule): boolean {
  const [low = "", high = "", ...rest] = range.split("-");
  if (rest.length > 0 || !isValue(low, rule) || !isValue(high, rule)) return false;
  // What a range of names means is the library's to say.
  return !/^\d/.test(low + high) || Number(low) <= Number(high) || Number.isNaN(Number(high));
}

function isValue(text: string, { min, max, names }: FieldRule): boolean {
  if (names.includes(text.toLowerCase())) return true;
  return /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
}
