import { useState } from "preact/hooks";
import { Notice } from "../notice.tsx";
import { usePolled } from "../polled.ts";
import { linkTo } from "../route.ts";
import { readTables, type TableDescription } from "../schema.ts";

/** Every table and column, described. */
export function TablesView() {
  const [text, setText] = useState("");
  const { answer, error } = usePolled(readTables, 0);
  const found = (answer ?? []).filter(
    ({ name, description }) => name.includes(text) || description.toLowerCase().includes(text),
  );
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
      <Notice error={error} />
      {found.map((table) => (
        <OneTable key={table.name} table={table} />
      ))}
    </section>
  );
}

function OneTable({ table }: { readonly table: TableDescription }) {
  const example = table.examples[0] ?? `select * from ${table.name} limit 100`;
  return (
    <details class="card">
      <summary>
        <strong>{table.name}</strong> <span class="tag">{table.kind}</span>{" "}
        <span class="muted">{table.description}</span>
      </summary>
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
    </details>
  );
}
