#pragma once

#include <string>

#include "../decode/event.h"
#include "../identity/process_table.h"

namespace auditql {

/// An event that outlives the records it was made of, with the bytes that its views point to. It
/// has neither arguments nor paths. Moving it leaves the views valid; it is not to be copied.
struct KeptEvent {
  explicit KeptEvent(const ProcessEvent& from);
  KeptEvent(KeptEvent&&) = default;
  KeptEvent& operator=(KeptEvent&&) = default;

  ProcessEvent event;

 private:
  std::string bytes_;
};

/// The same for who made it.
struct KeptIdentity {
  explicit KeptIdentity(const Identity& from);
  KeptIdentity(KeptIdentity&&) = default;
  KeptIdentity& operator=(KeptIdentity&&) = default;

  Identity identity;

 private:
  std::string bytes_;
};

}  // namespace auditql
