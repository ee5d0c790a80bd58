#include <sys/stat.h>

#include <cctype>
#include <optional>

#include "../values/function_values.h"
#include "functions.h"

namespace auditql {

namespace {

// PATH_MAX: longer prefixes cannot name a file, and looking each one up would be quadratic.
constexpr size_t kMaxPath = 4096;

bool is_file(const std::string& path) {
  struct stat found {};
  return path.size() < kMaxPath && ::stat(path.c_str(), &found) == 0 && !S_ISDIR(found.st_mode);
}

struct CommandSyntax {
  bool quoting = false;
  char escape = '\\';
};

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

/// The shortest (or longest) prefix of a command line, cut at a space, that names an existing file;
/// empty when none does. As osquery's findExistingProgramPathFromCommand().
std::string program_path(std::string_view command, CommandSyntax syntax, bool shortest) {
  std::string found, prefix;
  bool quoted = false, escaped = false;
  while (!command.empty() && is_space(command[0])) command.remove_prefix(1);
  for (const char c : command) {
    if (escaped) {
      prefix += c;
      escaped = false;
    } else if (syntax.quoting && c == '"') {
      quoted = !quoted;
    } else if (c == syntax.escape) {
      escaped = true;
    } else {
      if (!quoted && is_space(c) && is_file(prefix)) {
        if (shortest) return prefix;
        found = prefix;
      }
      prefix += c;
    }
  }
  return is_file(prefix) ? prefix : found;
}

/// The optional arguments (quoting, escape); none when they are unusable.
std::optional<CommandSyntax> syntax_of(int count, sqlite3_value** values) {
  if (count == 0 || any_null(count, values)) return std::nullopt;
  CommandSyntax syntax;
  if (count > 1) syntax.quoting = sqlite3_value_int(values[1]) != 0;
  if (count > 2) {
    const std::string_view escape = c_text(values[2]);
    if (escape.size() != 1) return std::nullopt;
    syntax.escape = escape[0];
  }
  return syntax;
}

void find_file_path_in_cmd(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto syntax = syntax_of(count, values);
  if (!syntax) return give_error(context, "Invalid inputs to find_binary_path_from_cmd");
  give_text(context, program_path(c_text(values[0]), *syntax, true));
}

void is_path_deterministic(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto syntax = syntax_of(count, values);
  if (!syntax) return give_error(context, "Invalid inputs to is_path_deterministic");
  const std::string_view command = c_text(values[0]);
  const std::string shortest = program_path(command, *syntax, true);
  const bool only_one = shortest.empty() || shortest.size() == command.size() ||
                        shortest.size() == program_path(command, *syntax, false).size();
  sqlite3_result_int(context, only_one ? 1 : 0);
}

void parent_directory(sqlite3_context* context, int, sqlite3_value** values) {
  if (!is_text(values[0])) {
    return give_error(context, "Invalid inputs to parent_directory, TEXT was expected");
  }
  const std::string_view path = c_text(values[0]);
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) give_text(context, path.substr(0, slash));
}

}  // namespace

int register_path_functions(sqlite3* db) {
  constexpr ScalarFunction kFunctions[] = {
      {"is_path_deterministic", -1, is_path_deterministic, false},
      {"find_file_path_in_cmd", -1, find_file_path_in_cmd, false},
      {"parent_directory", 1, parent_directory},
  };
  return register_scalars(db, kFunctions);
}

}  // namespace auditql
