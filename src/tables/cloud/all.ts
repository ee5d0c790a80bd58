import type { StateTable } from "../define_table.js";
import { azureInstanceMetadata } from "./azure_instance_metadata.js";
import { azureInstanceTags } from "./azure_instance_tags.js";
import { ec2InstanceMetadata } from "./ec2_instance_metadata.js";
import { ec2InstanceTags } from "./ec2_instance_tags.js";
import { ycloudInstanceMetadata } from "./ycloud_instance_metadata.js";

/** Every table of cloud providers' metadata. */
export const cloudTables: readonly StateTable[] = [
  azureInstanceMetadata,
  azureInstanceTags,
  ec2InstanceMetadata,
  ec2InstanceTags,
  ycloudInstanceMetadata,
];
