#include "script_call.h"

#include <algorithm>
#include <array>

namespace auditql {

namespace {

struct Interpreter {
  std::string_view name;   ///< file name; a version such as 3.11 may follow
  std::string_view flags;  ///< one-letter options without a value that leave the script in place
  bool searches_path;      ///< a name without a slash may be found elsewhere
};

// dash(1), bash(1), zsh(1), ksh(1), python(1), perlrun(1), ruby(1), node(1), php(1), lua(1),
// tclsh(1).
constexpr std::string_view kShellFlags = "aefhklmnpruvxBCEHP";
constexpr std::array kInterpreters = {
    Interpreter{"sh", kShellFlags, true},
    Interpreter{"dash", kShellFlags, true},
    Interpreter{"bash", kShellFlags, true},
    Interpreter{"zsh", "efnuvx", true},
    Interpreter{"ksh", "aefhkmnpuvx", true},
    Interpreter{"mksh", "aefhkmnpuvx", true},
    Interpreter{"python", "bBdEiIOPqsSuvx", false},
    Interpreter{"pypy", "bBdEiIOPqsSuvx", false},
    Interpreter{"perl", "wWTtcuUX", false},
    Interpreter{"ruby", "wvWd", false},
    Interpreter{"node", "", false},
    Interpreter{"nodejs", "", false},
    Interpreter{"php", "nq", false},
    Interpreter{"lua", "", false},
    Interpreter{"tclsh", "", false},
};
/// A script whose interpreter is a script, and so on (BINPRM_MAX_RECURSION of older kernels; five
/// in fs/exec.c).
constexpr int kMaxNesting = 5;

const PathItem* item_of(const ProcessEvent& event, int32_t number) {
  const auto found = std::find_if(event.paths.begin(), event.paths.end(),
                                  [&](const PathItem& each) { return each.item == number; });
  return found == event.paths.end() || !found->has_name ? nullptr : &*found;
}

/// Items are the script, one interpreter after the other, and the loader of the last; the arguments
/// begin with the last interpreter and have the script further on. A program that is no script has
/// no third item, whatever its caller wrote into argv[0].
ScriptCall by_first_line(const ProcessEvent& event) {
  const PathItem* script = item_of(event, 0);
  if (script == nullptr || event.argv.size() < 2) return {};
  for (int32_t last = 1; last <= kMaxNesting; last++) {
    const PathItem* interpreter = item_of(event, last);
    if (interpreter == nullptr) return {};
    if (interpreter->name != event.argv[0]) continue;
    const bool runs = item_of(event, last + 1) != nullptr || interpreter->name == event.caller.exe;
    const auto end =
        event.argv.begin() + static_cast<ptrdiff_t>(std::min<size_t>(
                                 event.argv.size(), static_cast<size_t>(last) * 2 + 1));
    if (!runs || std::find(event.argv.begin() + 1, end, script->name) == end) return {};
    return {script->name, interpreter->name, true};
  }
  return {};
}

const Interpreter* interpreter_of(std::string_view exe) {
  const std::string_view name = exe.substr(exe.rfind('/') + 1);
  for (const Interpreter& each : kInterpreters) {
    const bool versioned =
        name.starts_with(each.name) &&
        name.find_first_not_of("0123456789.", each.name.size()) == std::string_view::npos;
    if (versioned) return &each;
  }
  return nullptr;
}

bool is_plain_option(std::string_view argument, const Interpreter& interpreter) {
  return argument.size() > 1 && argument[0] == '-' &&
         argument.find_first_not_of(interpreter.flags, 1) == std::string_view::npos;
}

ScriptCall by_arguments(const ProcessEvent& event) {
  const Interpreter* interpreter = interpreter_of(event.caller.exe);
  if (interpreter == nullptr) return {};
  size_t at = 1;
  while (at < event.argv.size() && is_plain_option(event.argv[at], *interpreter)) at++;
  if (at < event.argv.size() && event.argv[at] == "--") at++;
  if (at >= event.argv.size()) return {};
  const std::string_view script = event.argv[at];
  // `node inspect` is a command of its own.
  const bool is_option = script.empty() || script[0] == '-' || script[0] == '+';
  if (is_option || (interpreter->name.starts_with("node") && script == "inspect")) return {};
  const bool is_placed = script.find('/') != std::string_view::npos || !interpreter->searches_path;
  return {script, event.caller.exe, is_placed};
}

}  // namespace

ScriptCall script_call(const ProcessEvent& event) {
  if (event.action != ProcessAction::exec || !event.outcome.success) return {};
  const ScriptCall named = by_first_line(event);
  return named.path.empty() ? by_arguments(event) : named;
}

}  // namespace auditql
