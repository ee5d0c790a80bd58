import type { StateTable } from "../define_table.js";
import { azureInstanceMetadata, azureInstanceTags } from "./azure.js";
import { ec2InstanceMetadata, ec2InstanceTags } from "./ec2.js";
import { ycloudInstanceMetadata } from "./ycloud.js";

/** Every table of cloud providers' metadata. */
export const cloudTables: readonly StateTable[] = [
  azureInstanceMetadata,
  azureInstanceTags,
  ec2InstanceMetadata,
  ec2InstanceTags,
  ycloudInstanceMetadata,
];
