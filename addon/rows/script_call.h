#pragma once

#include <string_view>

#include "../decode/event.h"

namespace auditql {

/// A script and who runs it; both empty where the event is not known to run one.
struct ScriptCall {
  std::string_view path;              ///< as it was given: may be relative to the working directory
  std::string_view interpreter;       ///< as the #! line names it, else the file that runs
  bool in_working_directory = false;  ///< a relative path counts from there
};

/// What a successful exec says of a script. For a #! line the kernel rewrites the arguments and
/// opens script and interpreter in turn, which the PATH records show (fs/binfmt_script.c); for a
/// call such as `python3 x.py` the first argument that is no option, where the options before it
/// are known to take no value.
ScriptCall script_call(const ProcessEvent& event);

}  // namespace auditql
