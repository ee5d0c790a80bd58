import { cellText, count, timeText } from "../format.ts";
import type { Cell } from "../run_query.ts";
import { Value } from "../value.tsx";

interface RecordsProps {
  readonly title: string;
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  readonly empty: string;
}

/** A short table under a heading. */
export function Records({ title, rows, empty }: RecordsProps) {
  const columns = Object.keys(rows[0] ?? {}).filter((name) => name !== "ntime");
  return (
    <div class="card">
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <p class="empty">{empty}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
        <div class="scroll" tabIndex={0} role="group" aria-label={title}>
          <table>
            <thead>
              <tr>
                {columns.map((name) => (
                  <th key={name} scope="col" class={name === numberColumn ? "number" : ""}>
                    {cellText(name)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={Object.values(row).join()}>
                  {columns.map((name) => (
                    <td key={name} class={classOf(name)} data-name={name}>
                      {name === "time" ? (
                        timeText(row["ntime"] ?? row["time"])
                      ) : name === numberColumn && typeof row[name] === "number" ? (
                        count(row[name])
                      ) : (
                        <Value name={name} cell={row[name] === null ? "" : row[name]} />
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

/** The figure of a counter: what the eye compares down the column. */
const numberColumn = "value";

function classOf(name: string): string {
  if (name === numberColumn) return "number";
  return name === "detail" ? "code" : "";
}
