import type { StateTable } from "../define_table.js";
import { chromeExtensionContentScripts } from "./chrome_extension_content_scripts.js";
import { chromeExtensions } from "./chrome_extensions.js";
import { firefoxAddons } from "./firefox_addons.js";
import { jetbrainsPlugins } from "./jetbrains_plugins.js";
import { operaExtensions } from "./opera_extensions.js";
import { vscodeExtensions } from "./vscode_extensions.js";

/** Every table of extensions of browsers and editors. */
export const browserAndEditorTables: readonly StateTable[] = [
  chromeExtensionContentScripts,
  chromeExtensions,
  firefoxAddons,
  jetbrainsPlugins,
  operaExtensions,
  vscodeExtensions,
];
