#!/bin/sh
# fastify 5.12.8 (npm), Node.js 20 or later: validation of a JSON body with its default settings.
#
# One would guess: coercion is for query strings, where all is text; in a JSON body, a null or a
# boolean where the schema asks for a list or a number is answered with 400.
# Seen: 200, and the handler gets values that nobody sent.
#   {"tags": null}   becomes {"tags": [""]}: null is wrapped as [null], whose item becomes ""
#   {"limit": null}  becomes {"limit": 0}, and so does {"limit": false}
#   {"limit": [5]}   becomes {"limit": 5}
# In a query string, ?limit=0x10 and ?limit=0b11 are the integers 16 and 3.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . fastify@5.12.8 >/dev/null
cat > run.mjs <<'JS'
import Fastify from "fastify";
const properties = {
  limit: { type: "integer" },
  tags: { type: "array", items: { type: "string" } },
};
const app = Fastify();
const schema = { type: "object", properties };
app.post("/", { schema: { body: schema } }, async (request) => request.body);
app.get("/", { schema: { querystring: schema } }, async (request) => request.query);
for (const payload of [{ tags: null }, { limit: null }, { limit: false }, { limit: [5] }]) {
  const { statusCode, body } = await app.inject({ method: "POST", url: "/", payload });
  console.log(`${JSON.stringify(payload)} ${statusCode} ${body}`);
}
for (const query of ["?limit=0x10", "?limit=0b11"]) {
  const { statusCode, body } = await app.inject(`/${query}`);
  console.log(`${query} ${statusCode} ${body}`);
}
JS
node run.mjs > seen
cat seen
cat > expected <<'END'
{"tags":null} 200 {"tags":[""]}
{"limit":null} 200 {"limit":0}
{"limit":false} 200 {"limit":0}
{"limit":[5]} 200 {"limit":5}
?limit=0x10 200 {"limit":16}
?limit=0b11 200 {"limit":3}
END
diff expected seen
