import { defineTable } from "../define_table.js";
import { dockerGet, dockerImages } from "../sources/docker_api.js";
import { integerAt, listAt, stringsAt, textAt } from "../sources/json_file.js";

export const dockerImageHistory = defineTable("docker_image_history", {
  *generate(request, host) {
    for (const { id } of dockerImages(request, host)) {
      for (const step of listAt(dockerGet(host, `/images/${id}/history`))) {
        yield {
          id,
          created: integerAt(step, "Created"),
          size: integerAt(step, "Size"),
          created_by: textAt(step, "CreatedBy"),
          tags: stringsAt(step, "Tags").join(","),
          comment: textAt(step, "Comment"),
        };
      }
    }
  },
});
