// Included before every C++ file of better-sqlite3 when it is compiled (scripts/setup.mjs).
//
// Since 24.19 node::ObjectWrap takes itself off the list of cleanup hooks when it is destroyed. In
// a garbage collection that runs without an entered context there is no environment to ask, and
// node aborts: "RemoveEnvironmentCleanupHook: Assertion failed: (env) != nullptr". better-sqlite3 12,
// the last that runs on node 20, wraps each database and statement so. It has a cleanup hook of its
// own, for all of its databases, and needs none for each object, as on older nodes.
#pragma once

#include <node.h>

namespace node {
inline void ignore_cleanup_hook(v8::Isolate*, void (*)(void*), void*) {}
}  // namespace node

#define AddEnvironmentCleanupHook ignore_cleanup_hook
#define RemoveEnvironmentCleanupHook ignore_cleanup_hook
#include <node_object_wrap.h>
#undef AddEnvironmentCleanupHook
#undef RemoveEnvironmentCleanupHook
