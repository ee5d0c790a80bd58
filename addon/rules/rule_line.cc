#include "rule_line.h"

#include <linux/limits.h>

#include <span>

#include "rule_arch.h"
#include "rule_names.h"

namespace auditql {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool is_escapable(char next, char quote) {
  if (next == '\\') return true;
  return quote == 0 ? is_blank(next) || next == '"' || next == '\'' : next == quote;
}

struct OptionSpec {
  std::string_view name;
  bool has_value;
};

constexpr OptionSpec kOptions[] = {
    {"-a", true},
    {"-A", true},
    {"-d", true},
    {"-w", true},
    {"-W", true},
    {"-S", true},
    {"-F", true},
    {"-C", true},
    {"-k", true},
    {"-p", true},
    {"-D", false},
    {"-b", true},
    {"-f", true},
    {"-r", true},
    {"-e", true},
    {"-i", false},
    {"-c", false},
    {"-t", false},
    {"-q", true},
    {"--backlog_wait_time", true},
    {"--loginuid-immutable", false},
    {"--reset-lost", false},
    {"--reset_backlog_wait_time_actual", false},
};

const OptionSpec* find_option(std::string_view name) {
  for (const OptionSpec& each : kOptions) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

using CommandKind = RuleCommand::Kind;

constexpr uint32_t kSyscallLimit = AUDIT_BITMASK_SIZE * 32 - AUDIT_SYSCALL_CLASSES;

struct ListAndAction {
  uint32_t list;
  uint32_t action;
};

/// `exit,always` and `always,exit` are the same.
Result<ListAndAction> parse_list_and_action(const std::string& text) {
  const size_t comma = text.find(',');
  if (comma == std::string::npos) return invalid_rule("needs LIST,ACTION: " + text);
  const std::string first = text.substr(0, comma), second = text.substr(comma + 1);
  auto list = rule_list_number(first);
  auto action = rule_action_number(second);
  if (!list || !action) {
    list = rule_list_number(second);
    action = rule_action_number(first);
  }
  if (!list || !action) return invalid_rule("unknown list or action: " + text);
  if (*action == AUDIT_POSSIBLE)
    return invalid_rule("the action `possible` is no longer supported");
  return ListAndAction{*list, *action};
}

}  // namespace

Result<std::vector<std::string>> split_rule_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < line.size(); i++) {
    const char c = line[i];
    if (quote == 0 && is_blank(c)) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
      continue;
    }
    if (!in_word && words.empty() && c == '#') return words;
    in_word = true;
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size() &&
               is_escapable(line[i + 1], quote)) {
      word += line[++i];
    } else {
      word += c;
    }
  }
  if (quote != 0) {
    return Error{"audit_rule_invalid", std::string("unclosed quote: ") + quote, 0};
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

std::vector<std::string> split_auditctl_words(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  for (size_t i = 0; i < line.size(); i++) {
    const bool is_escape =
        line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == ' ' || line[i + 1] == '\\');
    if (!is_escape && line[i] == ' ') {
      in_word = false;
      continue;
    }
    if (!in_word && words.empty() && line[i] == '#') return words;
    if (!in_word) words.emplace_back();
    in_word = true;
    words.back() += line[is_escape ? ++i : i];
  }
  return words;
}

bool has_auditctl_difference(std::string_view line) {
  return line.find_first_of("\"'\t\r\\") != std::string_view::npos;
}

Result<std::vector<RuleOption>> split_rule_options(const std::vector<std::string>& words) {
  std::vector<RuleOption> options;
  for (size_t i = 0; i < words.size(); i++) {
    RuleOption option{words[i], {}};
    if (words[i].size() < 2 || words[i][0] != '-') {
      return invalid_rule("a value without an option: " + words[i]);
    }
    bool is_attached = false;
    if (words[i][1] == '-') {
      const size_t equals = words[i].find('=');
      is_attached = equals != std::string::npos;
      option.name = words[i].substr(0, equals);
      if (is_attached) option.value = words[i].substr(equals + 1);
    } else if (words[i].size() > 2) {
      is_attached = true;
      option = {words[i].substr(0, 2), words[i].substr(2)};
    }
    const OptionSpec* spec = find_option(option.name);
    if (spec == nullptr)
      return invalid_rule("unknown option, or not allowed in a rules file: " + words[i]);
    if (is_attached && !spec->has_value)
      return invalid_rule(option.name + " does not accept a value");
    if (spec->has_value && !is_attached) {
      if (i + 1 == words.size()) return invalid_rule(option.name + " requires a value");
      option.value = words[++i];
    }
    options.push_back(std::move(option));
  }
  return options;
}

Status RuleLine::compile(const std::vector<std::string>& words) {
  Result<std::vector<RuleOption>> split = split_rule_options(words);
  if (!split) return split.error();
  const std::vector<RuleOption>& options = split.value();
  if (!options.empty() && options[0].name == "-D") return delete_all(options);
  for (const RuleOption& each : options) {
    if (Status applied = apply(each); !applied) return applied;
  }
  return finish_rule();
}

Status RuleLine::apply(const RuleOption& option) {
  if (option.name == "-a" || option.name == "-A" || option.name == "-d") return begin_rule(option);
  if (option.name == "-w" || option.name == "-W") return begin_watch(option);
  if (option.name == "-S") return add_syscalls(option.value);
  if (option.name == "-F") {
    // Several keys, by -k or by -F, become one field, the last of the rule.
    if (option.value.starts_with("key=")) return add_key(option.value.substr(4));
    return add_field(option.value);
  }
  if (option.name == "-C") return add_comparison(option.value);
  if (option.name == "-k") return add_key(option.value);
  if (option.name == "-p") return set_permissions(option.value);
  return apply_setting(option);
}

Status RuleLine::apply_setting(const RuleOption& option) {
  if (option.name == "-D") return invalid_rule("-D must be alone, or before -k");
  if (option.name == "-q") {
    const size_t comma = option.value.find(',');
    if (comma == std::string::npos || comma + 1 == option.value.size() ||
        option.value.find(',', comma + 1) != std::string::npos) {
      return invalid_rule("-q requires MOUNT,SUBTREE: " + option.value);
    }
    add_command(CommandKind::make_equivalent, 0, option.value);
    return Done{};
  }
  constexpr std::pair<std::string_view, CommandKind> kFlags[] = {
      {"-i", CommandKind::ignore_errors},
      {"-c", CommandKind::continue_on_error},
      {"-t", CommandKind::trim_subtrees},
      {"--loginuid-immutable", CommandKind::lock_loginuid},
      {"--reset-lost", CommandKind::reset_lost},
      {"--reset_backlog_wait_time_actual", CommandKind::reset_wait_time_actual}};
  for (const auto& [name, kind] : kFlags) {
    if (option.name != name) continue;
    add_command(kind);
    return Done{};
  }
  const auto number = parse_rule_number(option.value);
  if (!number || option.value.starts_with('-')) {
    return invalid_rule(option.name + " requires a number: " + option.value);
  }
  const bool is_three_state = option.name == "-e" || option.name == "-f";
  if (is_three_state && *number > 2) return invalid_rule(option.name + " must be 0, 1 or 2");
  constexpr std::pair<std::string_view, CommandKind> kNumbers[] = {
      {"-b", CommandKind::set_backlog_limit},
      {"-e", CommandKind::set_enabled},
      {"-f", CommandKind::set_failure},
      {"-r", CommandKind::set_rate_limit},
      {"--backlog_wait_time", CommandKind::set_backlog_wait_time}};
  for (const auto& [name, kind] : kNumbers) {
    if (option.name == name) add_command(kind, *number);
  }
  return Done{};
}

Status RuleLine::begin_rule(const RuleOption& option) {
  if (rule_) return invalid_rule("only one of -a, -A, -d, -w and -W is allowed per line");
  Result<ListAndAction> parsed = parse_list_and_action(option.value);
  if (!parsed) return invalid_rule(option.name + " " + parsed.error().message);
  rule_ = RuleCommand{option.name == "-d" ? CommandKind::delete_rule : CommandKind::add_rule};
  rule_->rule.list = parsed.value().list;
  rule_->rule.action = parsed.value().action;
  if (option.name == "-A") rule_->rule.list |= AUDIT_FILTER_PREPEND;
  return Done{};
}

Status RuleLine::begin_watch(const RuleOption& option) {
  if (rule_) return invalid_rule("only one of -a, -A, -d, -w and -W is allowed per line");
  std::string path = option.value;
  if (path.size() >= PATH_MAX) return invalid_rule("the path of a watch is too long");
  if (path[0] != '/') return invalid_rule("the path of a watch must start with /: " + path);
  if (path.find("..") != std::string::npos) warnings_.push_back("relative paths do not work");
  if (path.find_first_of("*?") != std::string::npos) warnings_.push_back("wildcards do not work");
  if (path.size() > 2) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
  }
  if (path.size() - path.rfind('/') - 1 > NAME_MAX)
    return invalid_rule("the file name is too long");
  rule_ = RuleCommand{option.name == "-W" ? CommandKind::delete_rule : CommandKind::add_rule};
  is_watch_ = true;
  AuditRule& rule = rule_->rule;
  rule.add_all_syscalls();
  const uint32_t field = host_.is_directory(path) ? AUDIT_DIR : AUDIT_WATCH;
  rule.fields.push_back({field, AUDIT_EQUAL, static_cast<uint32_t>(path.size()), path});
  constexpr uint32_t kAll = AUDIT_PERM_READ | AUDIT_PERM_WRITE | AUDIT_PERM_EXEC | AUDIT_PERM_ATTR;
  rule.fields.push_back({AUDIT_PERM, AUDIT_EQUAL, kAll, {}});
  return Done{};
}

Status RuleLine::append_field(RuleField field) {
  // The last of the kernel's 64 places stays free for the key.
  if (rule_->rule.fields.size() >= AUDIT_MAX_FIELDS - 1) return invalid_rule("too many fields");
  rule_->rule.fields.push_back(std::move(field));
  return Done{};
}

Status RuleLine::add_field(const std::string& text) {
  if (!rule_) return invalid_rule("a list (-a, -A, -d) must come before -F " + text);
  const uint32_t list = rule_->rule.list & ~uint32_t{AUDIT_FILTER_PREPEND};
  Result<RuleField> field = parse_rule_field(text, list, host_);
  if (!field) return field.error();
  if (field.value().field == AUDIT_ARCH) {
    if (has_syscalls_) return invalid_rule(text + " must be before -S");
    arch_ = field.value().value;
  }
  return append_field(field.take());
}

Status RuleLine::add_comparison(const std::string& text) {
  if (!rule_) return invalid_rule("a list (-a, -A, -d) must come before -C " + text);
  Result<RuleField> field =
      parse_field_comparison(text, rule_->rule.list & ~uint32_t{AUDIT_FILTER_PREPEND});
  if (!field) return field.error();
  return append_field(field.take());
}

std::optional<uint32_t> RuleLine::syscall_arch() const {
  if (arch_) return arch_;
  return host_.arch == 0 ? std::nullopt : std::optional(host_.arch);
}

Status RuleLine::add_syscalls(const std::string& names) {
  if (!rule_) return invalid_rule("a list (-a, -A, -d) must come before -S " + names);
  const uint32_t list = rule_->rule.list & ~uint32_t{AUDIT_FILTER_PREPEND};
  if (list != AUDIT_FILTER_EXIT && list != AUDIT_FILTER_URING_EXIT) {
    return invalid_rule("-S cannot be used with the list " + std::string(rule_list_name(list)));
  }
  has_syscalls_ = true;
  size_t from = 0;
  while (from <= names.size()) {
    const size_t comma = std::min(names.find(',', from), names.size());
    const std::string name = names.substr(from, comma - from);
    from = comma + 1;
    if (name.empty()) continue;
    if (name == "all") {
      rule_->rule.add_all_syscalls();
      continue;
    }
    Status added = list == AUDIT_FILTER_EXIT ? add_syscall(name) : add_operation(name);
    if (!added) return added;
  }
  return Done{};
}

Status RuleLine::add_syscall(const std::string& name) {
  const auto arch = syscall_arch();
  auto number = arch ? rule_syscall_number(*arch, name) : std::nullopt;
  if (!number && name[0] != '-') number = parse_rule_number(name);
  if (!number || *number >= kSyscallLimit) return invalid_rule("unknown syscall: " + name);
  rule_->rule.add_syscall(*number);
  const auto other = arch_ ? number : rule_syscall_number(AUDIT_ARCH_I386, name);
  if (host_.arch == AUDIT_ARCH_X86_64 && other != number) {
    warnings_.push_back("32-bit and 64-bit numbers differ; specify an arch: " + name);
  }
  return Done{};
}

/// auditctl(8): rules of the list io_uring name operations, which have numbers of their own.
Status RuleLine::add_operation(const std::string& name) {
  auto number = rule_operation_number(name);
  if (!number && name[0] != '-') number = parse_rule_number(name);
  if (!number || *number >= kSyscallLimit) {
    return invalid_rule("unknown operation of io_uring: " + name +
                        ". Use a name of auditctl(8), or " +
                        "the number IORING_OP_* of linux/io_uring.h");
  }
  rule_->rule.add_syscall(*number);
  return Done{};
}

Status RuleLine::add_key(const std::string& key) {
  if (!rule_) return invalid_rule("a rule must come before the key " + key);
  if (key.empty()) return invalid_rule("a key requires a value");
  if (key.find('\x01') != std::string::npos)
    return invalid_rule("a key contains the separator 0x01");
  if (!keys_.empty()) keys_ += '\x01';
  keys_ += key;
  if (keys_.size() > AUDIT_MAX_KEY_LEN) return invalid_rule("the keys are longer than 256 bytes");
  return Done{};
}

Status RuleLine::set_permissions(const std::string& letters) {
  if (!rule_ || rule_->rule.fields.empty()) return invalid_rule("-p requires a preceding watch");
  Result<uint32_t> bits = parse_permissions(letters);
  if (!bits) return bits.error();
  for (RuleField& each : rule_->rule.fields) {
    if (each.field != AUDIT_PERM) continue;
    each.value = bits.value();
    return Done{};
  }
  return append_field({AUDIT_PERM, AUDIT_EQUAL, bits.value(), {}});
}

Status RuleLine::delete_all(const std::vector<RuleOption>& options) {
  const bool has_key = options.size() == 2 && options[1].name == "-k";
  if (options.size() != 1 && !has_key) return invalid_rule("-D must be alone, or before -k");
  add_command(CommandKind::delete_all, 0, has_key ? options[1].value : std::string());
  return Done{};
}

Status RuleLine::finish_rule() {
  if (!rule_) return Done{};
  AuditRule& rule = rule_->rule;
  if (!keys_.empty()) {
    const bool can_have_key = is_watch_ || has_syscalls_ || rule.find(AUDIT_WATCH) ||
                              rule.find(AUDIT_DIR) || rule.find(AUDIT_PERM) ||
                              rule.find(AUDIT_EXE) || rule.find(AUDIT_FSTYPE);
    if (!can_have_key)
      return invalid_rule("a key requires a watch, syscall or exe in the same rule");
    rule.fields.push_back(
        {AUDIT_FILTERKEY, AUDIT_EQUAL, static_cast<uint32_t>(keys_.size()), keys_});
  }
  const bool is_task = (rule.list & ~uint32_t{AUDIT_FILTER_PREPEND}) == AUDIT_FILTER_TASK;
  if (!is_watch_ && !has_syscalls_ && !is_task) rule.add_all_syscalls();
  rule_->line = line_;
  commands_.push_back(std::move(*rule_));
  return Done{};
}

void RuleLine::add_command(CommandKind kind, uint32_t value, std::string text) {
  commands_.push_back({kind, {}, value, std::move(text), line_});
}

}  // namespace auditql
