// libFuzzer: every rules file compiles or is refused with a reason, and what was compiled survives
// the way to the kernel and back. Run by `node scripts/test.mjs fuzz`.
#include <cstdlib>
#include <string_view>

#include "rules/audit_rule.h"
#include "rules/rule_compiler.h"
#include "rules/rule_text.h"

using namespace auditql;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// A host without files, users and groups: the fuzzer must not depend on this one.
RuleHost empty_host() {
  RuleHost host;
  host.arch = AUDIT_ARCH_X86_64;
  host.is_directory = [](const std::string& path) { return path.size() % 2 == 0; };
  host.uid_of = [](const std::string& name) {
    return name == "root" ? std::optional<uint32_t>(0) : std::nullopt;
  };
  host.gid_of = host.uid_of;
  return host;
}

void check_rule(const AuditRule& rule) {
  const Result<AuditRule> back = AuditRule::parse(rule.serialize());
  require(back.ok());
  require(back.value().serialize() == rule.serialize());
  require(rule_text(back.value(), AUDIT_ARCH_X86_64) == rule_text(rule, AUDIT_ARCH_X86_64));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const RuleHost host = empty_host();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const CompiledRules compiled = compile_rules(input, host);
  for (const RuleProblem& each : compiled.errors) require(!each.message.empty());
  for (const RuleCommand& each : compiled.commands) {
    require(!command_text(each).empty());
    const bool is_rule =
        each.kind == RuleCommand::Kind::add_rule || each.kind == RuleCommand::Kind::delete_rule;
    if (is_rule) check_rule(each.rule);
  }
  // The same bytes as if the kernel had sent them.
  if (const Result<AuditRule> rule = AuditRule::parse(input); rule) {
    (void)rule_text(rule.value(), AUDIT_ARCH_X86_64);
    (void)rule.value().serialize();
  }
  return 0;
}
