// Bundles web/ into dist/web/, with a brotli and a gzip copy of each file.
//   node scripts/build-web.mjs
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const built = join(root, "dist/web");
const target = `${built}.${process.pid}`;

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
await build({
  entryPoints: { page: join(root, "web/main.tsx") },
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome110", "firefox115", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  tsconfigRaw: "{}",
  legalComments: "eof",
  logLevel: "warning",
});
await build({
  entryPoints: { page: join(root, "web/styles.css") },
  outdir: target,
  bundle: true,
  minify: true,
  logLevel: "warning",
});
for (const name of ["index.html", "icon.svg"]) {
  writeFileSync(join(target, name), readFileSync(join(root, "web", name)));
}
for (const name of readdirSync(target)) {
  const content = readFileSync(join(target, name));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(join(target, `${name}.br`), brotliCompressSync(content, { params: quality }));
  writeFileSync(join(target, `${name}.gz`), gzipSync(content, { level: 9 }));
}
// Put in place whole: a daemon that starts meanwhile reads the old page or the new one.
rmSync(built, { recursive: true, force: true });
renameSync(target, built);
