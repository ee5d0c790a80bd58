#include "kept_event.h"

#include <algorithm>
#include <initializer_list>

namespace auditql {

namespace {

/// Copies the texts into one string, and points the views to it.
std::string keep(std::initializer_list<std::string_view*> texts) {
  size_t size = 0;
  for (const std::string_view* text : texts) size += text->size();
  std::string bytes;
  // Longer than what std::string keeps inside itself, so that moving it leaves views valid.
  bytes.reserve(std::max<size_t>(size, 64));
  for (std::string_view* text : texts) {
    const size_t at = bytes.size();
    bytes.append(*text);
    *text = std::string_view(bytes).substr(at);
  }
  return bytes;
}

}  // namespace

KeptEvent::KeptEvent(const ProcessEvent& from) : event(from) {
  event.paths = {};
  event.argv = {};
  bytes_ =
      keep({&event.header.syscall_name, &event.header.node, &event.header.key, &event.caller.comm,
            &event.caller.exe, &event.caller.tty, &event.caller.subject, &event.cwd, &event.title});
}

KeptIdentity::KeptIdentity(const Identity& from) : identity(from) {
  bytes_ = keep({&identity.exe, &identity.comm, &identity.cwd, &identity.container});
}

}  // namespace auditql
