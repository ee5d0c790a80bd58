/** A JSON Schema, as far as the API's description uses it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
}

/** The schema as a type in TypeScript's words, with descriptions as comments. */
export function schemaText(schema: Schema, indent = ""): string {
  if (schema.anyOf !== undefined) return unionText(schema.anyOf, indent);
  if (schema.enum !== undefined) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (schema.items !== undefined) {
    const item = schemaText(schema.items, indent);
    return /[|]/.test(item) && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
  }
  if (schema.properties !== undefined) return objectText(schema, schema.properties, indent);
  const [values] = Object.values(schema.patternProperties ?? {});
  const rest =
    typeof schema.additionalProperties === "object" ? schema.additionalProperties : values;
  if (schema.type === "object") return `{ [name]: ${rest ? schemaText(rest, indent) : "any"} }`;
  return [schema.type ?? "any"].flat().join(" | ");
}

function unionText(schemas: readonly Schema[], indent: string): string {
  return [...new Set(schemas.map((each) => schemaText(each, indent)))].join(" | ");
}

function objectText(
  schema: Schema,
  properties: Readonly<Record<string, Schema>>,
  indent: string,
): string {
  const deeper = `${indent}  `;
  const lines = Object.entries(properties).map(([name, property]) => {
    const mark = schema.required?.includes(name) ? "" : "?";
    const note = property.description === undefined ? "" : `  // ${property.description}`;
    return `${deeper}${name}${mark}: ${schemaText(property, deeper)},${note}`;
  });
  return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${indent}}`;
}
