#include "capture/rule_replacement.h"

#include <algorithm>
#include <string>

#include "capture/capture_rules.h"
#include "check.h"
#include "rules/rule_compiler.h"
#include "rules/rule_text.h"

using namespace auditql;
using namespace auditql::test;

namespace {

using Rules = std::vector<AuditRule>;

Rules rules_with(const std::vector<std::string>& exclude, const std::vector<std::string>& extra) {
  const auto compiled = [](const std::vector<std::string>& lines) {
    Rules rules;
    for (const std::string& line : lines) rules.push_back(compile_rule(line).take());
    return rules;
  };
  return capture_rules(7, {.exclude = compiled(exclude), .extra = compiled(extra)}).take();
}

bool captures(const AuditRule& rule) { return rule.action == AUDIT_ALWAYS; }

/// The kernel's list: appends, refuses what it has, deletes by value.
struct Kernel {
  Rules list;
  size_t fewest_captures = SIZE_MAX;

  void add(const Rules& rules) {
    for (const AuditRule& each : rules) {
      EXPECT(std::find(list.begin(), list.end(), each) == list.end());
      list.push_back(each);
      look();
    }
  }
  void remove(const Rules& rules) {
    for (const AuditRule& each : rules) {
      EXPECT_EQ(std::erase(list, each), size_t{1});
      look();
    }
  }
  void look() {
    const auto count = static_cast<size_t>(std::count_if(list.begin(), list.end(), captures));
    fewest_captures = std::min(fewest_captures, count);
  }
  void replace(const Rules& wanted) {
    const RuleReplacement plan = plan_replacement(list, wanted);
    add(plan.added);
    add(plan.bridges);
    remove(plan.removed);
    remove(plan.moved);
    add(plan.moved);
    remove(plan.bridges);
  }
};

const std::vector<std::vector<std::string>> kChoices = {
    {},
    {"-a never,exit -F exe=/bin/a"},
    {"-a never,exit -F exe=/bin/b"},
    {"-a never,exit -F exe=/bin/a", "-a never,exit -F uid=5"},
    {"-a never,exit -F uid=5", "-a never,exit -F exe=/bin/a", "-a never,exclude -F msgtype=1400"}};

}  // namespace

int main(int argc, char** argv) {
  claim("from any exclusions to any others nothing goes uncaptured, and all come first", [] {
    const std::vector<std::vector<std::string>> extras = {{}, {"-w /etc/passwd -p wa -k id"}};
    for (const auto& before : kChoices) {
      for (const auto& after : kChoices) {
        for (const auto& extra : extras) {
          Kernel kernel;
          kernel.add(rules_with(before, {}));
          kernel.look();
          const auto captured =
              static_cast<size_t>(std::count_if(kernel.list.begin(), kernel.list.end(), captures));
          kernel.fewest_captures = captured;
          const Rules wanted = rules_with(after, extra);
          kernel.replace(wanted);
          EXPECT(kernel.fewest_captures >= captured);
          EXPECT(std::is_permutation(kernel.list.begin(), kernel.list.end(), wanted.begin(),
                                     wanted.end()));
          const auto first = std::find_if(kernel.list.begin(), kernel.list.end(), captures);
          EXPECT(std::all_of(first, kernel.list.end(), captures));
        }
      }
    }
  });

  claim("without a new exclusion nothing is moved", [] {
    const Rules before = rules_with({"-a never,exit -F exe=/bin/a"}, {});
    EXPECT(plan_replacement(before, before).added.empty());
    EXPECT(plan_replacement(before, before).moved.empty());
    const RuleReplacement fewer = plan_replacement(before, rules_with({}, {}));
    EXPECT_EQ(fewer.removed.size(), size_t{1});
    EXPECT(fewer.moved.empty() && fewer.bridges.empty());
  });
  return run_claims(argc, argv);
}
