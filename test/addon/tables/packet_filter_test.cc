#include "tables/packet_filter.h"

#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>

#include <cstring>
#include <random>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

using Bytes = std::vector<uint8_t>;

template <typename T>
void append(Bytes& bytes, const T& value) {
  const auto* data = reinterpret_cast<const uint8_t*>(&value);
  bytes.insert(bytes.end(), data, data + sizeof value);
}

/// An entry without matches whose target is `name`, followed by `data`.
template <typename T>
void append_entry(Bytes& bytes, const char* name, const T& data) {
  ipt_entry entry{};
  xt_entry_target target{};
  entry.target_offset = sizeof entry;
  entry.next_offset = static_cast<uint16_t>(sizeof entry + sizeof target + sizeof data);
  entry.counters.pcnt = 3;
  target.u.target_size = sizeof target + sizeof data;
  std::strncpy(target.u.user.name, name, sizeof target.u.user.name - 1);
  append(bytes, entry);
  append(bytes, target);
  append(bytes, data);
}

struct ErrorName {
  char name[XT_FUNCTION_MAXNAMELEN] = "";
};

ErrorName error_name(const char* text) {
  ErrorName name;
  std::strncpy(name.name, text, sizeof name.name - 1);
  return name;
}

// Standard targets are padded to eight bytes, as the kernel aligns them.
struct Verdict {
  int value;
  int padding = 0;
};

constexpr int kDrop = -1;
constexpr int kAccept = -2;

/// INPUT with one rule that drops, then a chain `mine` that returns, then the end of the table.
Bytes small_table(FilterHooks& hooks) {
  Bytes bytes;
  hooks.valid = 1 << 1;
  hooks.begin[1] = 0;
  append_entry(bytes, "", Verdict{kDrop});
  hooks.end[1] = static_cast<uint32_t>(bytes.size());
  append_entry(bytes, "", Verdict{kAccept});
  append_entry(bytes, XT_ERROR_TARGET, error_name("mine"));
  append_entry(bytes, "", Verdict{XT_RETURN});
  append_entry(bytes, XT_ERROR_TARGET, error_name("ERROR"));
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  claim("chains have their rules, then a row for themselves with the policy", [] {
    FilterHooks hooks;
    const auto rules = parse_filter_rules(small_table(hooks), hooks);
    EXPECT_EQ(rules.size(), 3u);
    EXPECT_EQ(rules[0].chain, "INPUT");
    EXPECT_EQ(rules[0].policy, "ACCEPT");
    EXPECT_EQ(rules[0].target, "DROP");
    EXPECT(!rules[0].is_chain);
    EXPECT(rules[1].is_chain && rules[1].chain == "INPUT");
    EXPECT_EQ(rules[1].packets, 3u);
    EXPECT(rules[2].is_chain && rules[2].chain == "mine" && rules[2].policy.empty());
  });

  claim("a table that is cut anywhere gives what is whole", [] {
    FilterHooks hooks;
    const Bytes whole = small_table(hooks);
    for (size_t length = 0; length < whole.size(); length++) {
      EXPECT(parse_filter_rules({whole.data(), length}, hooks).size() <= 3);
    }
  });

  claim("offsets that lie lead nowhere", [] {
    FilterHooks hooks;
    const Bytes whole = small_table(hooks);
    std::mt19937 random(42);
    for (int round = 0; round < 20'000; round++) {
      Bytes bent = whole;
      for (int i = 0; i < 4; i++) bent[random() % bent.size()] = static_cast<uint8_t>(random());
      EXPECT(parse_filter_rules(bent, hooks).size() <= bent.size() / sizeof(ipt_entry));
    }
  });

  return run_claims(argc, argv);
}
