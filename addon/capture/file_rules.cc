#include "file_rules.h"

#include <sys/stat.h>

#include <climits>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "../rules/rule_arch.h"
#include "../rules/rule_compiler.h"

namespace auditql {

namespace {

/// Each rule is tested at every call of its list; two rules a root.
constexpr size_t kMaxRoots = 100;

/// Calls that file_call.cc tells the operation of. Named, so that the kernel tests the path of no
/// other call.
constexpr const char* kCalls[] = {
    "open",      "openat",     "openat2",     "creat",        "truncate",     "ftruncate",
    "rename",    "renameat",   "renameat2",   "link",         "linkat",       "symlink",
    "symlinkat", "unlink",     "unlinkat",    "mkdir",        "mkdirat",      "rmdir",
    "mknod",     "mknodat",    "chmod",       "fchmod",       "fchmodat",     "fchmodat2",
    "chown",     "fchown",     "lchown",      "fchownat",     "setxattr",     "lsetxattr",
    "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat",
    "chown32",   "fchown32",   "lchown32",    "truncate64",   "ftruncate64"};

std::string call_names(uint32_t arch) {
  std::string names;
  for (const char* name : kCalls) {
    if (!rule_syscall_number(arch, name)) continue;
    names += (names.empty() ? "" : ",") + std::string(name);
  }
  return names;
}

/// A path of the configuration may hold what a rule line cannot: it is put in behind the compiler.
Result<AuditRule> compile_for_path(const std::string& line, const std::string& path) {
  Result<AuditRule> rule = compile_rule(line);
  if (!rule) return rule;
  AuditRule made = rule.take();
  for (RuleField& each : made.fields) {
    if (each.field != AUDIT_DIR && each.field != AUDIT_WATCH) continue;
    each.text = path;
    each.value = static_cast<uint32_t>(path.size());
  }
  return made;
}

/// `dir` or `path`; nothing when the kernel would not take it: it wants a folder that exists, or a
/// name in one that does (audit_make_tree(), audit_get_nd()).
std::optional<std::string_view> field_for(const FileRuleRoot& root) {
  struct stat info {};
  if (::stat(root.path.c_str(), &info) == 0) return S_ISDIR(info.st_mode) ? "dir" : "path";
  const std::string parent = root.path.substr(0, root.path.rfind('/') + 1);
  const bool may_come = root.is_file && ::stat(parent.c_str(), &info) == 0;
  return may_come ? std::optional<std::string_view>("path") : std::nullopt;
}

/// What a link leads to is a root of its own.
bool is_through_link(const std::string& path) {
  char real[PATH_MAX];
  return ::realpath(path.c_str(), real) != nullptr && path != real;
}

}  // namespace

Result<FileRules> file_rules(const std::vector<FileRuleRoot>& roots) {
  FileRules made;
  for (const FileRuleRoot& root : roots) {
    if (is_through_link(root.path)) continue;
    const auto field = field_for(root);
    if (!field) {
      made.problems.push_back(root.path +
                              " does not exist: process_file_events ignores it until "
                              "the configuration is reloaded");
      continue;
    }
    if (made.rules.size() >= 2 * kMaxRoots) {
      made.problems.push_back("process_file_events: only " + std::to_string(kMaxRoots) +
                              " folders of file_paths are watched; " + root.path + " is not");
      continue;
    }
    for (const char* width : {"b64", "b32"}) {
      const auto arch = arch_number(width, host_arch());
      if (!arch) continue;  // e.g. no 32-bit programs on riscv64
      auto rule = compile_for_path(
          "-a always,exit -F arch=" + std::string(width) + " -S " + call_names(*arch) + " -F " +
              std::string(*field) + "=/placeholder -F perm=" + (root.with_accesses ? "rwa" : "wa"),
          root.path);
      if (!rule) return rule.error();
      made.rules.push_back(rule.take());
    }
  }
  return made;
}

}  // namespace auditql
