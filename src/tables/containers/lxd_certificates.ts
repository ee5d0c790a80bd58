import { defineTable } from "../define_table.js";
import { textAt } from "../sources/json_file.js";
import { lxdObjects } from "../sources/lxd_api.js";

export const lxdCertificates = defineTable("lxd_certificates", {
  *generate(_request, host) {
    for (const { value } of lxdObjects(host, "/1.0/certificates")) {
      yield {
        name: textAt(value, "name"),
        type: textAt(value, "type"),
        fingerprint: textAt(value, "fingerprint"),
        certificate: textAt(value, "certificate"),
      };
    }
  },
});
