import type { TableSources } from "../../native/table_sources.js";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import { cpuFeatures, registerNames } from "./cpu_features.js";

type Row = TableRows["cpuid"];
type Registers = readonly number[];

const hypervisorLeaf = 0x40000000;
const nameLeaf = 0x80000002;
const sgxLeaf = 0x12;
const familyMask = 0xf00;

const hex = (value: number, digits = 8): string => (value >>> 0).toString(16).padStart(digits, "0");

/** Registers that hold text, four letters each. */
function text(values: readonly number[]): string {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return bytes.toString("latin1").replace(/\0.*$/s, "");
}

function pick(registers: Registers, order: string): number[] {
  const names: readonly string[] = registerNames;
  return order.split(",").map((name) => registers[names.indexOf(name)] ?? 0);
}

function row(feature: string, value: string, from: { output: string; input: string }): Row {
  return {
    feature,
    value,
    output_register: from.output,
    output_bit: 0,
    input_eax: from.input,
  };
}

function* identity(sources: TableSources, first: Registers): Iterable<Row> {
  const vendorOrder = "ebx,edx,ecx";
  yield row("vendor", text(pick(first, vendorOrder)), { output: vendorOrder, input: "0" });
  const name = [0, 1, 2].flatMap((part) => sources.cpuid(nameLeaf + part, 0) ?? []);
  const all = registerNames.join(",");
  yield row("product_name", text(name).trim(), { output: all, input: `0x${hex(nameLeaf)}` });
  const hypervisor = sources.cpuid(hypervisorLeaf, 0);
  if (hypervisor !== null) {
    const order = "ebx,ecx,edx";
    const id = pick(hypervisor, order).map((value) => hex(value));
    yield row("hypervisor_id", id.join(""), { output: order, input: `0x${hex(hypervisorLeaf)}` });
  }
  const signature = sources.cpuid(1, 0)?.[0] ?? 0;
  yield row("family", hex(signature & familyMask, 4), { output: "eax", input: "1" });
}

function* featureBits(sources: TableSources): Iterable<Row> {
  for (const [leaf, features] of cpuFeatures) {
    const registers = sources.cpuid(leaf, 0);
    for (const { name, register, bit } of registers === null ? [] : features) {
      const [value = 0] = pick(registers ?? [], register);
      yield {
        feature: name,
        value: String((value >>> bit) & 1),
        output_register: register,
        output_bit: bit,
        input_eax: String(leaf),
      };
    }
  }
}

export const cpuid = defineTable("cpuid", {
  *generate(_request, host) {
    const sources = host.sources();
    const first = sources?.cpuid(0, 0) ?? null;
    if (sources === null || first === null) return;
    yield* identity(sources, first);
    yield* featureBits(sources);
    for (const subleaf of [0, 1]) {
      const registers = sources.cpuid(sgxLeaf, subleaf);
      const value = registers?.map((each) => hex(each)).join("");
      if (value === undefined) continue;
      yield row(`sgx${subleaf}`, value, {
        output: registerNames.join(","),
        input: String(sgxLeaf),
      });
    }
  },
});
