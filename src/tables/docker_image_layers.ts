import { defineTable } from "./define_table.js";
import { dockerGet, dockerImages, shownId } from "./sources/docker_api.js";
import { stringsAt } from "./sources/json_file.js";

export const dockerImageLayers = defineTable("docker_image_layers", {
  *generate(request, host) {
    for (const { id } of dockerImages(request, host)) {
      const layers = stringsAt(dockerGet(host, `/images/${id}/json`), "RootFS", "Layers");
      for (const [index, layer] of layers.entries()) {
        yield { id, layer_id: shownId(layer, null), layer_order: index + 1 };
      }
    }
  },
});
