import { defineTable } from "../define_table.js";
import { listAt, textAt } from "../sources/json_file.js";
import { cloudMetadata } from "./cloud_metadata.js";

const computePath = "/metadata/instance/compute?api-version=2021-02-01";

export const azureInstanceMetadata = defineTable("azure_instance_metadata", {
  *generate(_request, host) {
    const metadata = cloudMetadata(host, "azure");
    const compute = metadata === null ? null : metadata.document(computePath);
    if (compute === null) return;
    yield {
      location: textAt(compute, "location"),
      name: textAt(compute, "name"),
      offer: textAt(compute, "offer"),
      publisher: textAt(compute, "publisher"),
      sku: textAt(compute, "sku"),
      version: textAt(compute, "version"),
      os_type: textAt(compute, "osType"),
      platform_update_domain: textAt(compute, "platformUpdateDomain"),
      platform_fault_domain: textAt(compute, "platformFaultDomain"),
      vm_id: textAt(compute, "vmId"),
      vm_size: textAt(compute, "vmSize"),
      subscription_id: textAt(compute, "subscriptionId"),
      resource_group_name: textAt(compute, "resourceGroupName"),
      placement_group_id: textAt(compute, "placementGroupId"),
      vm_scale_set_name: textAt(compute, "vmScaleSetName"),
      zone: textAt(compute, "zone"),
    };
  },
});

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
