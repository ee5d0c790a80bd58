import { defineTable } from "../define_table.js";
import { textAt } from "../sources/json_file.js";
import { cloudMetadata } from "./cloud_metadata.js";

const metadataPath = "/latest/meta-data";

export const ec2InstanceMetadata = defineTable("ec2_instance_metadata", {
  *generate(_request, host) {
    const metadata = cloudMetadata(host, "ec2");
    if (metadata === null) return;
    const identity = metadata.document("/latest/dynamic/instance-identity/document");
    const iam = metadata.document(`${metadataPath}/iam/info`);
    yield {
      instance_id: textAt(identity, "instanceId"),
      instance_type: textAt(identity, "instanceType"),
      architecture: textAt(identity, "architecture"),
      region: textAt(identity, "region"),
      availability_zone: textAt(identity, "availabilityZone"),
      local_hostname: metadata.text(`${metadataPath}/local-hostname`),
      local_ipv4: textAt(identity, "privateIp"),
      mac: metadata.text(`${metadataPath}/mac`),
      security_groups:
        metadata.text(`${metadataPath}/security-groups`)?.split("\n").join(",") ?? null,
      iam_arn: textAt(iam, "InstanceProfileArn"),
      ami_id: textAt(identity, "imageId"),
      reservation_id: metadata.text(`${metadataPath}/reservation-id`),
      account_id: textAt(identity, "accountId"),
      ssh_public_key: metadata.text(`${metadataPath}/public-keys/0/openssh-key`),
    };
  },
});

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
