/** Register that a leaf of CPUID answers in; its place in the answer. */
export const registerNames = ["eax", "ebx", "ecx", "edx"] as const;

interface CpuFeature {
  readonly name: string;
  readonly register: (typeof registerNames)[number];
  readonly bit: number;
}

function features(register: CpuFeature["register"], list: string): CpuFeature[] {
  return list.split(" ").map((entry) => {
    const [name = "", bit] = entry.split(":");
    return { name, register, bit: Number(bit) };
  });
}

/** Bits by leaf, with osquery's names (Intel SDM volume 2A, AMD APM volume 3). */
export const cpuFeatures: readonly (readonly [number, readonly CpuFeature[]])[] = [
  [
    1,
    [
      ...features(
        "edx",
        "pae:6 msr:5 sep:11 mtrr:12 pge:13 mca:14 pat:16 clfsh:19 acpi:22 mmz:23 sse:25 sse2:26 ss:27 htt:28 ia64:30",
      ),
      ...features(
        "ecx",
        "sse3:0 vmx:5 smx:6 ssse3:9 sdbg:11 pdcm:15 pcid:17 dca:18 sse4.1:19 sse4.2:20 aes:25 avx:28 hypervisor:31",
      ),
    ],
  ],
  [
    7,
    [
      ...features(
        "ebx",
        "sgx:2 hle:4 avx2:5 smep:7 bmi2:8 erms:9 invpcid:10 rtm:11 pqm:12 mpx:14 pqe:15 avx512f:16 avx512dq:17 rdseed:18 adx:19 smap:20 intel_pt:25 sha:29",
      ),
      ...features("ecx", "umip:2 pku:3 ospke:4 gfni:8 vaes:9 sgx_lc:30"),
      ...features("edx", "spec_ctrl:26"),
    ],
  ],
  [
    0x80000001,
    [
      ...features("ecx", "lahfsahf:0 svm:2 3dnowprefetch:8 ibs:10 skinit:12 lwp:15"),
      ...features("edx", "nx:20 page1gb:26 lm:29"),
    ],
  ],
];
