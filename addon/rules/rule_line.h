#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../system/result.h"
#include "rule_compiler.h"

namespace auditql {

/// Splits a line of a rules file into words: at spaces and tabs, except inside '…' and "…" and
/// after a backslash. A line that is blank or begins with `#` has no words.
/// auditctl's own files escape blanks as `\ ` and backslashes as `\\`; a backslash before anything
/// else stands for itself, there and here.
Result<std::vector<std::string>> split_rule_words(std::string_view line);

/// The same as `auditctl -R` does it: at spaces only, quotes, tabs and carriage returns being part
/// of a word (preprocess() of src/auditctl.c and audit_strsplit() of audit-userspace).
std::vector<std::string> split_auditctl_words(std::string_view line);

/// Whether the two may differ.
bool has_auditctl_difference(std::string_view line);

/// One option of a rules line, in the form that getopt_long(3) would give.
struct RuleOption {
  std::string name;   ///< "-a", "--backlog_wait_time"
  std::string value;  ///< empty where the option takes none
};

/// Reads the words of a line as options. Refuses options that auditctl takes on its command line
/// only (-l, -s, -R, -m, ...).
Result<std::vector<RuleOption>> split_rule_options(const std::vector<std::string>& words);

/// Compiles the words of one line: options in order, then the one rule they describe.
class RuleLine {
 public:
  RuleLine(const RuleHost& host, int line) : host_(host), line_(line) {}

  Status compile(const std::vector<std::string>& words);

  std::vector<RuleCommand>& commands() { return commands_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  Status apply(const RuleOption& option);
  Status apply_setting(const RuleOption& option);
  Status begin_rule(const RuleOption& option);
  Status begin_watch(const RuleOption& option);
  Status add_field(const std::string& text);
  Status add_comparison(const std::string& text);
  Status add_syscalls(const std::string& names);
  Status add_syscall(const std::string& name);
  Status add_operation(const std::string& name);
  Status add_key(const std::string& key);
  Status set_permissions(const std::string& letters);
  Status append_field(RuleField field);
  Status delete_all(const std::vector<RuleOption>& options);
  Status finish_rule();
  void add_command(RuleCommand::Kind kind, uint32_t value = 0, std::string text = {});
  std::optional<uint32_t> syscall_arch() const;

  const RuleHost& host_;
  int line_;
  std::vector<RuleCommand> commands_;
  std::vector<std::string> warnings_;
  std::optional<RuleCommand> rule_;  ///< the rule being described
  bool is_watch_ = false;
  bool has_syscalls_ = false;
  std::optional<uint32_t> arch_;  ///< of -F arch
  std::string keys_;              ///< joined by 0x01, as the kernel wants them
};

}  // namespace auditql
