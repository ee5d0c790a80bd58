import type { StateTable } from "../define_table.js";
import { aptSources } from "./apt_sources.js";
import { debPackageFiles, debPackages } from "./deb_packages.js";
import { npmPackages } from "./npm_packages.js";
import { portageKeywords, portagePackages, portageUse } from "./portage.js";
import { pythonPackages } from "./python_packages.js";
import { rpmPackageFiles, rpmPackages } from "./rpm_packages.js";
import { yumSources } from "./yum_sources.js";

/** Every table of installed packages. */
export const packageTables: readonly StateTable[] = [
  aptSources,
  debPackageFiles,
  debPackages,
  npmPackages,
  portageKeywords,
  portagePackages,
  portageUse,
  pythonPackages,
  rpmPackageFiles,
  rpmPackages,
  yumSources,
];
