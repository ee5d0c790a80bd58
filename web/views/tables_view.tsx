import { useRef, useState } from "preact/hooks";
import { Disclosure } from "../disclosure.tsx";
import { PolledNotice } from "../notice.tsx";
import { usePolled } from "../polled.ts";
import { linkTo } from "../route.ts";
import { useRovingFocus } from "../roving_focus.ts";
import { readTables, type TableDescription } from "../schema.ts";

/** Every table and column, described. */
export function TablesView() {
  const [text, setText] = useState("");
  const polled = usePolled(readTables, 0);
  const list = useRef<HTMLDivElement>(null);
  useRovingFocus(list, "summary");
  const { answer } = polled;
  const tables = answer ?? [];
  const hasName = ({ name }: TableDescription) => name.includes(text);
  const found = [
    ...tables.filter(hasName),
    ...tables.filter((table) => !hasName(table) && table.description.toLowerCase().includes(text)),
  ];
  return (
    <section>
      <h1>Tables</h1>
      <div class="bar">
        <label for="find-table">Name or description contains</label>
        <input
          id="find-table"
          type="search"
          value={text}
          onInput={(event) => setText(event.currentTarget.value.toLowerCase())}
        />
      </div>
      <PolledNotice of={polled} />
      {answer !== null && found.length === 0 && <p class="empty">No matching tables.</p>}
      {found.length > 0 && (
        <div ref={list} class="card rows">
          {found.map((table) => (
            <OneTable key={table.name} table={table} />
          ))}
        </div>
      )}
    </section>
  );
}

function OneTable({ table }: { readonly table: TableDescription }) {
  return (
    <Disclosure
      summary={
        <>
          <span class="row-head">
            <strong>{table.name}</strong> <span class="tag">{table.kind}</span>
          </span>
          <span class="muted row-note">{table.description}</span>
        </>
      }
      content={() => <Columns table={table} />}
    />
  );
}

function Columns({ table }: { readonly table: TableDescription }) {
  const example = table.examples[0] ?? `select * from ${table.name} limit 100`;
  return (
    <div>
      <p>
        <a href={linkTo("query", example)}>Open an example in the editor</a>
      </p>
      <dl class="facts">
        {table.columns.map((column) => (
          <div key={column.name}>
            <dt>
              {column.name} <small class="muted">{column.type.toLowerCase()}</small>
            </dt>
            <dd>
              {column.required ? "(required) " : ""}
              {column.description}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
