import type { StateTable } from "../define_table.js";
import { aptSources } from "./apt_sources.js";
import { debPackageFiles } from "./deb_package_files.js";
import { debPackages } from "./deb_packages.js";
import { npmPackages } from "./npm_packages.js";
import { portageKeywords } from "./portage_keywords.js";
import { portagePackages } from "./portage_packages.js";
import { portageUse } from "./portage_use.js";
import { pythonPackages } from "./python_packages.js";
import { rpmPackageFiles } from "./rpm_package_files.js";
import { rpmPackages } from "./rpm_packages.js";
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
