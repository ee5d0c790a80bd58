import { defineTable } from "../define_table.js";
import { encodePath, shownPath } from "../os_string.js";
import { requestedFiles } from "../sources/requested_files.js";

// Names by number, of linux/capability.h.
const capabilityNames =
  `chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot
sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease
audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read
perfmon bpf checkpoint_restore`.split(/\s+/);

const revisionMask = 0xff000000;
const effective = 1;
// Revision 1 has one pair of words, 2 and 3 have two; 3 ends with the root user id.
const pairsOfRevision = new Map([
  [0x01000000, 1],
  [0x02000000, 2],
  [0x03000000, 2],
]);

/** Value of security.capability (struct vfs_cap_data) as cap_to_text(3) of libcap 2.42 and later
 * writes it, such as `cap_net_raw=ep`; null for what is none. */
function capabilityText(bytes: Buffer): string | null {
  if (bytes.length < 4) return null;
  const head = bytes.readUInt32LE(0);
  const pairs = pairsOfRevision.get((head & revisionMask) >>> 0);
  if (pairs === undefined || bytes.length < 4 + pairs * 8) return null;
  const isEffective = (head & effective) !== 0;
  const byFlags = new Map<string, string[]>();
  for (let number = 0; number < pairs * 32; number++) {
    const at = 4 + Math.floor(number / 32) * 8;
    const has = (offset: number) => (bytes.readUInt32LE(at + offset) >>> (number % 32)) & 1;
    const [permitted, inheritable] = [has(0), has(4)];
    if (!permitted && !inheritable) continue;
    const flags = `${isEffective ? "e" : ""}${inheritable ? "i" : ""}${permitted ? "p" : ""}`;
    const name =
      capabilityNames[number] === undefined ? String(number) : `cap_${capabilityNames[number]}`;
    byFlags.set(flags, [...(byFlags.get(flags) ?? []), name]);
  }
  return [...byFlags].map(([flags, names]) => `${names.join(",")}=${flags}`).join(" ");
}

const printable = /^[\x20-\x7e]*$/;

interface Shown {
  readonly value: string;
  readonly base64: number;
}

/** Text may end with a NUL, as SELinux labels do; all else is in base64. */
function shownValue(key: string, bytes: Buffer): Shown {
  const capabilities = key === "security.capability" ? capabilityText(bytes) : null;
  if (capabilities !== null) return { value: capabilities, base64: 0 };
  const text = bytes.toString("latin1").replace(/\0$/, "");
  return printable.test(text) && bytes.length > 0
    ? { value: text, base64: 0 }
    : { value: bytes.toString("base64"), base64: 1 };
}

export const extendedAttributes = defineTable("extended_attributes", {
  *generate(request, host) {
    const sources = host.sources();
    if (sources === null) return;
    for (const { path, directory } of requestedFiles(request, host)) {
      for (const { key, value } of sources.extendedAttributes(encodePath(path))) {
        yield {
          path: shownPath(path),
          directory: shownPath(directory),
          key,
          ...shownValue(key, value),
        };
      }
    }
  },
});
