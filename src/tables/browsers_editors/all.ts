import type { StateTable } from "../define_table.js";
import {
  chromeExtensionContentScripts,
  chromeExtensions,
  operaExtensions,
} from "./chromium_extensions.js";
import { firefoxAddons } from "./firefox_addons.js";
import { jetbrainsPlugins } from "./jetbrains_plugins.js";
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
