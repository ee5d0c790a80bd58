#include "rule_compiler.h"

#include "rule_line.h"
#include "rule_words.h"

namespace auditql {

CompiledRules compile_rules(std::string_view text, const RuleHost& host) {
  CompiledRules compiled;
  int line = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view content = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line++;
    Result<std::vector<std::string>> words = split_rule_words(content);
    if (!words) {
      compiled.errors.push_back({line, words.error().message});
      continue;
    }
    RuleLine parsed(host, line);
    if (Status done = parsed.compile(words.value()); !done) {
      compiled.errors.push_back({line, done.error().message});
      continue;
    }
    for (const std::string& warning : parsed.warnings()) {
      compiled.warnings.push_back({line, warning});
    }
    for (RuleCommand& each : parsed.commands()) compiled.commands.push_back(std::move(each));
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
