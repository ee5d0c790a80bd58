// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// The eBPF programs of auditql. The kernel lends most of its helpers to programs under the GPL
// only, so this folder may be used under the GPL, version 2, as well as under the project's
// license.

#include "open_connections.bpf.h"
#include "uring.bpf.h"

char programs_license[] SEC("license") = "GPL";
