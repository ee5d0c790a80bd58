#include "rule_compiler.h"

#include "rule_line.h"

namespace auditql {

namespace {

/// What a line says when it is split in one way.
class Reading {
 public:
  Reading(const RuleHost& host, int line, const Result<std::vector<std::string>>& words)
      : line_(host, line), done_(words ? line_.compile(words.value()) : Status(words.error())) {}

  bool ok() const { return done_.ok(); }
  const std::string& error() const { return done_.error().message; }
  std::vector<RuleCommand>& commands() { return line_.commands(); }
  const std::vector<std::string>& warnings() const { return line_.warnings(); }

 private:
  RuleLine line_;
  Status done_;
};

void take(Reading& reading, int line, CompiledRules& to) {
  for (const std::string& warning : reading.warnings()) to.warnings.push_back({line, warning});
  for (RuleCommand& each : reading.commands()) to.commands.push_back(std::move(each));
}

/// Where quotes and tabs are read in two ways, auditctl's verdict is told as well.
void compile_line(std::string_view content, int line, const RuleHost& host, CompiledRules& to) {
  Reading reading(host, line, split_rule_words(content));
  if (!has_auditctl_difference(content)) {
    if (!reading.ok()) return to.errors.push_back({line, reading.error()});
    return take(reading, line, to);
  }
  Reading by_auditctl(host, line, split_auditctl_words(content));
  if (!reading.ok() && by_auditctl.ok()) return take(by_auditctl, line, to);
  if (!reading.ok()) return to.errors.push_back({line, reading.error()});
  if (!by_auditctl.ok()) {
    to.refused.push_back({line,
                          "auditctl -R rejects this line: it does not remove quotes and "
                          "splits at spaces only: " +
                              by_auditctl.error() + ". Write a space inside a word as '\\ '"});
  } else if (reading.commands() != by_auditctl.commands()) {
    to.warnings.push_back(
        {line,
         "auditctl -R reads this line differently: quotes, tabs and carriage returns become "
         "part of the value"});
  }
  take(reading, line, to);
}

}  // namespace

CompiledRules compile_rules(std::string_view text, const RuleHost& host) {
  CompiledRules compiled;
  int line = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    compile_line(text.substr(0, end), ++line, host, compiled);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return compiled;
}

Result<AuditRule> compile_rule(std::string_view line, const RuleHost& host) {
  CompiledRules compiled = compile_rules(line, host);
  const std::string shown(line);
  if (!compiled.errors.empty()) {
    return Error{"audit_rule_invalid", compiled.errors[0].message + " in: " + shown, 0};
  }
  if (compiled.commands.size() != 1 || compiled.commands[0].kind != RuleCommand::Kind::add_rule) {
    return Error{"audit_rule_invalid", "expected one rule to add: " + shown, 0};
  }
  return std::move(compiled.commands[0].rule);
}

}  // namespace auditql
