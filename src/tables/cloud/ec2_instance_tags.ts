import { defineTable } from "../define_table.js";
import { cloudMetadata } from "../sources/cloud_metadata.js";

const metadataPath = "/latest/meta-data";

export const ec2InstanceTags = defineTable("ec2_instance_tags", {
  *generate(_request, host) {
    const metadata = cloudMetadata(host, "ec2");
    const keys = metadata?.text(`${metadataPath}/tags/instance`);
    if (metadata === null || keys === null || keys === undefined) return;
    const instance_id = metadata.text(`${metadataPath}/instance-id`);
    for (const key of keys.split("\n")) {
      const value = metadata.text(`${metadataPath}/tags/instance/${encodeURIComponent(key)}`);
      yield { instance_id, key, value };
    }
  },
});
