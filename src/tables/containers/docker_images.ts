import { defineTable } from "../define_table.js";
import { dockerImages as listImages } from "../sources/docker_api.js";
import { integerAt, stringsAt } from "../sources/json_file.js";

export const dockerImages = defineTable("docker_images", {
  *generate(request, host) {
    for (const { id, value } of listImages(request, host)) {
      yield {
        id,
        created: integerAt(value, "Created"),
        size_bytes: integerAt(value, "Size"),
        tags: stringsAt(value, "RepoTags").join(","),
      };
    }
  },
});
