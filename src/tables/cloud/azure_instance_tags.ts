import { defineTable } from "../define_table.js";
import { cloudMetadata } from "../sources/cloud_metadata.js";
import { listAt, textAt } from "../sources/json_file.js";

const computePath = "/metadata/instance/compute?api-version=2021-02-01";

export const azureInstanceTags = defineTable("azure_instance_tags", {
  *generate(_request, host) {
    const metadata = cloudMetadata(host, "azure");
    const compute = metadata === null ? null : metadata.document(computePath);
    for (const tag of listAt(compute, "tagsList")) {
      yield {
        vm_id: textAt(compute, "vmId"),
        key: textAt(tag, "name"),
        value: textAt(tag, "value"),
      };
    }
  },
});
