import type { StateTable } from "../define_table.js";
import { apparmorProfiles } from "./apparmor_profiles.js";
import { carbonBlackInfo } from "./carbon_black_info.js";
import { certificates } from "./certificates.js";
import { cpuTime } from "./cpu_time.js";
import { crontab } from "./crontab.js";
import { kernelInfo, kernelKeys, kernelModules } from "./kernel.js";
import { loadAverage } from "./load_average.js";
import { osVersion } from "./os_version.js";
import { selinuxSettings } from "./selinux_settings.js";
import { sharedMemory } from "./shared_memory.js";
import { startupItems } from "./startup_items.js";
import { systemControls } from "./system_controls.js";
import { systemdUnits } from "./systemd_units.js";
import { time } from "./time.js";
import { uptime } from "./uptime.js";

/** Every table of the operating system. */
export const systemTables: readonly StateTable[] = [
  apparmorProfiles,
  carbonBlackInfo,
  certificates,
  cpuTime,
  crontab,
  kernelInfo,
  kernelKeys,
  kernelModules,
  loadAverage,
  osVersion,
  selinuxSettings,
  sharedMemory,
  startupItems,
  systemControls,
  systemdUnits,
  time,
  uptime,
];
