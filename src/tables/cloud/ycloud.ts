import { defineTable } from "../define_table.js";
import { textAt } from "../sources/json_file.js";
import { cloudMetadata } from "./cloud_metadata.js";

const endpoint = "http://169.254.169.254";
const documentPath = "/computeMetadata/v1/instance/?recursive=true";

export const ycloudInstanceMetadata = defineTable("ycloud_instance_metadata", {
  *generate(_request, host) {
    const metadata = cloudMetadata(host, "yandex");
    const instance = metadata === null ? null : metadata.document(documentPath);
    if (instance === null) return;
    // Paths such as projects/PROJECT/zones/ZONE.
    const zone = textAt(instance, "zone");
    yield {
      instance_id: textAt(instance, "id"),
      folder_id: textAt(instance, "vendor", "folderId"),
      cloud_id: textAt(instance, "vendor", "cloudId"),
      name: textAt(instance, "name"),
      description: textAt(instance, "description"),
      hostname: textAt(instance, "hostname"),
      zone: zone === null ? null : zone.slice(zone.lastIndexOf("/") + 1),
      ssh_public_key: textAt(instance, "attributes", "ssh-keys"),
      serial_port_enabled: textAt(instance, "attributes", "serial-port-enable"),
      metadata_endpoint: endpoint,
    };
  },
});
