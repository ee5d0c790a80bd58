import { defineTable } from "../define_table.js";
import { attribute } from "../sources/text_lines.js";

const meiFolder = "/sys/class/mei";

export const intelMeInfo = defineTable("intel_me_info", {
  *generate(_request, host) {
    for (const device of host.list(meiFolder).toSorted()) {
      // Documentation/ABI/testing/sysfs-class-mei: `platform:major.minor.milestone.build`, of
      // which the first line is the running firmware.
      const line = attribute(host, `${meiFolder}/${device}/fw_ver`)?.split("\n")[0];
      const version = line?.match(/^\d+:(\d+\.\d+\.\d+\.\d+)$/)?.[1];
      if (version !== undefined) yield { version };
    }
  },
});
