import { defineTable } from "./define_table.js";

export const curlCertificate = defineTable("curl_certificate", { generate: () => [] });
