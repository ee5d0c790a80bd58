import { read } from "../api.ts";
import { Disclosure } from "../disclosure.tsx";
import { PolledNotice } from "../notice.tsx";
import { usePolled } from "../polled.ts";
import { type Schema, schemaText } from "../schema_text.ts";

interface Content {
  readonly schema?: Schema;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, Content>> }>
  >;
  readonly security?: readonly unknown[];
}

interface ApiDocument {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The HTTP API, as the daemon itself describes it. */
export function ApiView() {
  const polled = usePolled((signal) => read<ApiDocument>("/v1/openapi.json", { signal }), 0);
  const { answer } = polled;
  const operations = Object.entries(answer?.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return (
    <section>
      <h1>
        API <small class="muted">{answer === null ? "" : `version ${answer.info.version}`}</small>
      </h1>
      <PolledNotice of={polled} />
      <p class="lead">
        This page uses only this HTTP API. Programs send a token:{" "}
        <code>authorization: Bearer TOKEN</code>; the unix socket needs no token. Errors are problem
        documents (RFC 9457) with a stable <code>code</code>. This list as OpenAPI 3.1:{" "}
        <code>GET /v1/openapi.json</code>.
      </p>
      <div class="card rows">
        {operations.map(({ path, method, operation }) => (
          <OneOperation
            key={method + path}
            path={path}
            method={method.toUpperCase()}
            operation={operation}
          />
        ))}
      </div>
    </section>
  );
}

interface OperationProps {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function OneOperation(props: OperationProps) {
  const { path, method, operation } = props;
  return (
    <Disclosure
      summary={
        <>
          <span class="row-head">
            <span class={`method ${method.toLowerCase()}`}>{method}</span>
            <code>{path}</code>
          </span>
          <span class="muted row-note">{operation.summary}</span>
          {operation.security?.length === 0 && <span class="tag">no token</span>}
        </>
      }
      content={() => <Details {...props} />}
    />
  );
}

function Details({ path, method, operation }: OperationProps) {
  const { description, parameters = [], requestBody, responses } = operation;
  const body = requestBody?.content["application/json"]?.schema;
  const answers = Object.entries(responses).filter(([status]) => status !== "default");
  return (
    <div>
      {description !== undefined && <p>{description}</p>}
      {parameters.length > 0 && <Parameters parameters={parameters} />}
      {body !== undefined && <SchemaBlock title="Body" schema={body} />}
      {answers.flatMap(([status, { content = {} }]) =>
        Object.entries(content).map(([type, { schema = {} }]) => (
          <SchemaBlock key={status + type} title={`${status}, ${type}`} schema={schema} />
        )),
      )}
      <h2 class="minor">With curl</h2>
      <pre class="code command">{curlCommand(path, method, body !== undefined)}</pre>
    </div>
  );
}

function Parameters({ parameters }: Required<Pick<Operation, "parameters">>) {
  return (
    <>
      <h2 class="minor">Parameters</h2>
      <dl class="facts">
        {parameters.map((each) => (
          <div key={each.name}>
            <dt>
              <code>{each.name}</code> {each.in === "path" || each.required ? "" : "(optional)"}
            </dt>
            <dd>
              <code>{schemaText(each.schema ?? {})}</code> {each.description}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function SchemaBlock({ title, schema }: { readonly title: string; readonly schema: Schema }) {
  return (
    <>
      <h2 class="minor">{title}</h2>
      <pre class="code command">{schemaText(schema)}</pre>
    </>
  );
}

function curlCommand(path: string, method: string, hasBody: boolean): string {
  const verb = method === "GET" || hasBody ? "" : ` -X ${method}`;
  const example = path === "/v1/query" ? '{"sql":"select 1"}' : "{…}";
  const body = hasBody ? ` \\\n  -H 'content-type: application/json' -d '${example}'` : "";
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  return `curl${verb} ${location.origin}${url} -H "authorization: Bearer $TOKEN"${body}`;
}
