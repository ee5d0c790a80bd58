import { defineTable } from "../define_table.js";
import { cloudMetadata } from "../sources/cloud_metadata.js";

const META = "/latest/meta-data";

export const ec2InstanceTags = defineTable("ec2_instance_tags", {
  *generate(_request, host) {
    const metadata = cloudMetadata(host, "ec2");
    const keys = metadata?.text(`${META}/tags/instance`);
    if (metadata === null || keys === null || keys === undefined) return;
    const instance_id = metadata.text(`${META}/instance-id`);
    for (const key of keys.split("\n")) {
      const value = metadata.text(`${META}/tags/instance/${encodeURIComponent(key)}`);
      yield { instance_id, key, value };
    }
  },
});
