import { defineTable } from "../define_table.js";
import { integerAt, listAt, stringsAt, textAt } from "../sources/json_file.js";
import { dockerGet, fetchImages, labelsOf, shownId } from "./docker_api.js";

export const dockerImages = defineTable("docker_images", {
  *generate(request, host) {
    for (const { id, value } of fetchImages(request, host)) {
      yield {
        id,
        created: integerAt(value, "Created"),
        size_bytes: integerAt(value, "Size"),
        tags: stringsAt(value, "RepoTags").join(","),
      };
    }
  },
});

export const dockerImageHistory = defineTable("docker_image_history", {
  *generate(request, host) {
    for (const { id } of fetchImages(request, host)) {
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

export const dockerImageLabels = defineTable("docker_image_labels", {
  *generate(request, host) {
    for (const { id, value } of fetchImages(request, host)) {
      for (const label of labelsOf(value)) yield { id, ...label };
    }
  },
});

export const dockerImageLayers = defineTable("docker_image_layers", {
  *generate(request, host) {
    for (const { id } of fetchImages(request, host)) {
      const layers = stringsAt(dockerGet(host, `/images/${id}/json`), "RootFS", "Layers");
      for (const [index, layer] of layers.entries()) {
        yield { id, layer_id: shownId(layer, null), layer_order: index + 1 };
      }
    }
  },
});
