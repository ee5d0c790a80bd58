#include "object.h"

#if defined(__x86_64__)
#define AUDITQL_EBPF_OBJECT "capture/ebpf/generated/x86_64.bpf"
#elif defined(__aarch64__)
#define AUDITQL_EBPF_OBJECT "capture/ebpf/generated/aarch64.bpf"
#endif

#ifdef AUDITQL_EBPF_OBJECT
// The path is relative to addon/, where make compiles.
asm(".pushsection .rodata\n"
    ".balign 8\n"
    ".hidden auditql_ebpf_object, auditql_ebpf_object_end\n"
    ".global auditql_ebpf_object, auditql_ebpf_object_end\n"
    "auditql_ebpf_object: .incbin \"" AUDITQL_EBPF_OBJECT
    "\"\n"
    "auditql_ebpf_object_end: .byte 0\n"
    ".popsection\n");
extern "C" const char auditql_ebpf_object[], auditql_ebpf_object_end[];

namespace auditql {
std::string_view ebpf_object() {
  return {auditql_ebpf_object, static_cast<size_t>(auditql_ebpf_object_end - auditql_ebpf_object)};
}
}  // namespace auditql
#else
namespace auditql {
std::string_view ebpf_object() { return {}; }
}  // namespace auditql
#endif
