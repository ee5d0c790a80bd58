import { createHash } from "node:crypto";
import type { Host } from "../host.js";
import type { Account } from "../sources/account_files.js";
import { entriesOf, memberOf, readJson, textAt } from "../sources/json_file.js";

/** Folders of browsers in a home, and osquery's names of the browsers. */
const browserFolders: readonly (readonly [type: string, folder: string])[] = [
  ["chrome", ".config/google-chrome"],
  ["chrome_beta", ".config/google-chrome-beta"],
  ["chrome_dev", ".config/google-chrome-unstable"],
  ["brave", ".config/BraveSoftware/Brave-Browser"],
  ["brave", ".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser"],
  ["brave_beta", ".config/BraveSoftware/Brave-Browser-Beta"],
  ["brave_nightly", ".config/BraveSoftware/Brave-Browser-Nightly"],
  ["chromium", ".config/chromium"],
  ["chromium", "snap/chromium/common/chromium"],
  ["chromium", ".var/app/org.chromium.Chromium/config/chromium"],
  ["yandex", ".config/yandex-browser-beta"],
  ["edge", ".config/microsoft-edge"],
  ["edge_beta", ".config/microsoft-edge-beta"],
  ["edge_dev", ".config/microsoft-edge-dev"],
  ["opera", ".config/opera"],
  ["vivaldi", ".config/vivaldi"],
];
// Preferences that the browser protects with a checksum stand in a file of their own.
const preferenceFiles = ["Preferences", "Secure Preferences"];

/** A profile of a browser. */
export interface Profile {
  readonly browser: string;
  readonly uid: number;
  readonly path: string;
  readonly name: string | null;
  readonly preferences: readonly unknown[];
}

/** An extension in a profile. */
export interface Extension {
  readonly path: string;
  readonly manifestText: string;
  readonly manifest: unknown;
  /** What the preferences say of it; null when they do not name it. */
  readonly settings: unknown;
  readonly referencedIdentifier: string | null;
  readonly identifier: string | null;
}

function profileAt(
  host: Host,
  path: string,
): Pick<Profile, "path" | "name" | "preferences"> | null {
  const preferences = preferenceFiles
    .map((file) => readJson(host, `${path}/${file}`))
    .filter((document) => document !== null);
  if (preferences.length === 0) return null;
  const name = preferences.map((document) => textAt(document, "profile", "name")).find(Boolean);
  return { path, name: name ?? null, preferences };
}

/** Profiles of all browsers of an account. */
export function* chromiumProfiles(host: Host, { uid, home }: Account): Iterable<Profile> {
  for (const [browser, folder] of browserFolders) {
    const root = `${home}/${folder}`;
    // Opera keeps its only profile in the folder itself.
    for (const path of [
      root,
      ...host
        .list(root)
        .toSorted()
        .map((name) => `${root}/${name}`),
    ]) {
      const profile = profileAt(host, path);
      if (profile !== null) yield { browser, uid, ...profile };
    }
  }
}

/** The first half of the key's SHA-256 with letters a to p for digits. */
function identifierOf(manifest: unknown): string | null {
  const key = textAt(manifest, "key");
  if (key === null) return null;
  const digest = createHash("sha256").update(Buffer.from(key, "base64")).digest("hex");
  return [...digest.slice(0, 32)]
    .map((digit) => String.fromCharCode("a".charCodeAt(0) + Number.parseInt(digit, 16)))
    .join("");
}

function* installedFolders(host: Host, profile: Profile): Iterable<string> {
  const root = `${profile.path}/Extensions`;
  for (const id of host.list(root)) {
    for (const version of host.list(`${root}/${id}`)) yield `${root}/${id}/${version}`;
  }
}

/** Folders that the preferences name, with what they say and under which identifier. */
function namedFolders(profile: Profile): Map<string, { id: string; settings: unknown }> {
  const named = new Map<string, { id: string; settings: unknown }>();
  for (const document of profile.preferences) {
    for (const [id, settings] of entriesOf(memberOf(document, "extensions", "settings"))) {
      const path = textAt(settings, "path");
      if (path === null) continue;
      const folder = path.startsWith("/") ? path : `${profile.path}/Extensions/${path}`;
      named.set(folder, { id, settings });
    }
  }
  return named;
}

/** Extensions of a profile, named by its preferences or only left on the disk. */
export function* extensionsOf(host: Host, profile: Profile): Iterable<Extension> {
  const named = namedFolders(profile);
  for (const path of new Set([...named.keys(), ...installedFolders(host, profile)])) {
    const manifestText = host.readText(`${path}/manifest.json`);
    const manifest = readJson(host, `${path}/manifest.json`);
    if (manifestText === null || manifest === null) continue;
    const entry = named.get(path);
    yield {
      path,
      manifestText,
      manifest,
      settings: entry?.settings ?? null,
      referencedIdentifier: entry?.id ?? null,
      identifier: identifierOf(manifest),
    };
  }
}

/** A text of the manifest, which may be a key (`__MSG_name__`) of the default locale's messages. */
export function localized(host: Host, extension: Extension, member: string): string | null {
  const text = textAt(extension.manifest, member);
  const key = text?.match(/^__MSG_(.+)__$/)?.[1]?.toLowerCase();
  const locale = textAt(extension.manifest, "default_locale");
  if (key === undefined || locale === null || !/^\w+$/.test(locale)) return text;
  const messages = readJson(host, `${extension.path}/_locales/${locale}/messages.json`);
  const entry = entriesOf(messages).find(([name]) => name.toLowerCase() === key)?.[1];
  return textAt(entry, "message") ?? text;
}
