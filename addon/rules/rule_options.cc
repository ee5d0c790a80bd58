#include "rule_options.h"

namespace auditql {
namespace {

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

}  // namespace

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
      return invalid_rule("unknown option, or not one of a rules file: " + words[i]);
    if (is_attached && !spec->has_value) return invalid_rule(option.name + " takes no value");
    if (spec->has_value && !is_attached) {
      if (i + 1 == words.size()) return invalid_rule(option.name + " needs a value");
      option.value = words[++i];
    }
    options.push_back(std::move(option));
  }
  return options;
}

}  // namespace auditql
