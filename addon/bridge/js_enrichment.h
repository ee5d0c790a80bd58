#pragma once

#include <napi.h>

#include "../pipeline/engine.h"

namespace auditql {

/// What `Engine.takeExecutables()`, `takeContainers()` and `storeFact()` of
/// src/native/fact_store.ts give.
Napi::Value executable_requests_of(Napi::Env env, EnrichmentQueue& queue, size_t limit);
Napi::Value container_requests_of(Napi::Env env, EnrichmentQueue& queue, size_t limit);
/// Throws `table_unknown` for a table that is not for facts, or has no such column.
Napi::Value store_fact(Napi::Env env, Engine& engine, const std::string& table,
                       const Napi::Object& row);

}  // namespace auditql
