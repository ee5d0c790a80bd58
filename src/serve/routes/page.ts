import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyReply, FastifyRequest } from "fastify";
import { AuditqlError, errnoOf } from "../../errors.js";
import { pageSecurityPolicy } from "../security_headers.js";
import { defineRoutes } from "./define_routes.js";

/** Where scripts/build-web.mjs puts the page: always below dist/, whatever this file's folder is. */
const builtPage = fileURLToPath(new URL("../../../../dist/web/", import.meta.url));

interface PageFile {
  readonly type: string;
  readonly content: Buffer;
  readonly encoded: Readonly<Record<"br" | "gzip", Buffer | undefined>>;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The web page. Its files hold nothing of the host, so that everybody may have them. */
export const pageRoutes = defineRoutes({
  name: "page",
  register(app) {
    // Whatever a request asks for is looked up here: no path reaches the file system.
    const files = readPage(builtPage);
    const send = (name: string, request: FastifyRequest, reply: FastifyReply) =>
      sendFile(files.get(name), request, reply);
    app.get(
      "/",
      { config: { isPublic: true, isPage: true }, schema: { hide: true } },
      async (request, reply) => {
        if (files.size === 0) throw new AuditqlError("page_missing", "dist/web/ is empty.");
        reply.header("content-security-policy", pageSecurityPolicy);
        return send("index.html", request, reply);
      },
    );
    for (const name of files.keys()) {
      if (name === "index.html") continue;
      const options = { config: { isPublic: true }, schema: { hide: true } };
      app.get(`/page/${name}`, options, async (request, reply) => send(name, request, reply));
    }
  },
});

function sendFile(
  file: PageFile | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (file === undefined) throw new AuditqlError("route_missing", "The page has no such file.");
  const accepted = request.headers["accept-encoding"] ?? "";
  reply.type(file.type).header("vary", "accept-encoding");
  for (const encoding of ["br", "gzip"] as const) {
    const content = file.encoded[encoding];
    if (content !== undefined && new RegExp(`\\b${encoding}\\b`).test(String(accepted))) {
      return reply.header("content-encoding", encoding).send(content);
    }
  }
  return reply.send(file.content);
}

/** All files of the page, with what the build compressed; none when it is not built. */
function readPage(folder: string): ReadonlyMap<string, PageFile> {
  const names = namesIn(folder);
  const read = (name: string) =>
    names.includes(name) ? readFileSync(join(folder, name)) : undefined;
  const files = new Map<string, PageFile>();
  for (const name of names) {
    const type = contentTypes[extname(name)];
    const content = type === undefined ? undefined : read(name);
    if (type === undefined || content === undefined) continue;
    files.set(name, {
      type,
      content,
      encoded: { br: read(`${name}.br`), gzip: read(`${name}.gz`) },
    });
  }
  return files;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return [];
    throw cause;
  }
}
