#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "record_fields.h"

namespace auditql {

/// How an event of one kind is summed up: who did what to what, and its ECS categories. Lists are
/// words with spaces between; of a list of fields the first that the event has is taken.
struct Normalization {
  std::string_view names = {};   ///< syscalls, or record types, that it is for
  std::string_view action = {};  ///< `connected-to`
  std::string_view object = {};  ///< kind of the object: `socket`, `file`, `user-session`
  std::string_view category = {}, type = {},
                   kind = {};  ///< ECS event.category, event.type, event.kind
  std::string_view actor_primary = {}, actor_secondary = {};
  std::string_view object_primary = {}, object_secondary = {};
  std::string_view how = {};
  std::string_view source_ip = {};
  std::string_view requires_field = {};  ///< only for events that have it
  std::string_view ecs_users = {};       ///< `user<actor.primary group<object.primary`
  size_t path_index = 0;                 ///< PATH record that is the object
};

std::span<const Normalization> syscall_normalizations();
std::span<const Normalization> record_normalizations();

/// For a syscall by name; one for syscalls in general when it has none of its own.
const Normalization& syscall_normalization(std::string_view syscall);
/// For a record type (`USER_LOGIN`) of an event with these fields; null when there is none.
const Normalization* record_normalization(std::string_view type, const FieldMap& data);

/// Takes the next word off a list; empty at its end.
std::string_view next_word(std::string_view& list);

}  // namespace auditql
