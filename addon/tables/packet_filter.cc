#include "packet_filter.h"

#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "../bytes/hex.h"
#include "../system/unique_fd.h"

namespace auditql {

namespace {

constexpr char kFilterError[] = "packet_filter_failed";
constexpr uint32_t kMaxTableBytes = 64 << 20;
constexpr const char* kHookNames[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};

/// Reads structures at offsets that the bytes themselves give, each checked.
class Blob {
 public:
  explicit Blob(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  template <typename T>
  bool read(size_t at, T& value) const {
    if (at > bytes_.size() || bytes_.size() - at < sizeof value) return false;
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return true;
  }
  size_t size() const { return bytes_.size(); }

 private:
  std::span<const uint8_t> bytes_;
};

std::string text_in(const char* text, size_t size) { return {text, strnlen(text, size)}; }

std::string interface_mask(const unsigned char (&mask)[IFNAMSIZ]) {
  const auto* bytes = reinterpret_cast<const char*>(mask);
  std::string shown;
  append_upper_hex(shown, {bytes, strnlen(bytes, IFNAMSIZ)});
  return shown;
}

const char* verdict_name(int verdict) {
  if (verdict == XT_RETURN) return "RETURN";
  switch (-verdict - 1) {
    case NF_DROP:
      return "DROP";
    case NF_ACCEPT:
      return "ACCEPT";
    case NF_QUEUE:
      return "QUEUE";
    default:
      return "";
  }
}

struct Target {
  std::string name;
  /// Of the standard target: a verdict below 0, the offset of a chain otherwise.
  int verdict = 0;
  /// Name that an error target has: that of the chain which begins with it.
  std::string error;
};

bool read_target(const Blob& blob, size_t at, Target& target) {
  xt_entry_target header;
  if (!blob.read(at, header)) return false;
  target.name = text_in(header.u.user.name, sizeof header.u.user.name);
  if (target.name == XT_STANDARD_TARGET) return blob.read(at + sizeof header, target.verdict);
  if (target.name == XT_ERROR_TARGET) {
    char name[XT_FUNCTION_MAXNAMELEN];
    if (!blob.read(at + sizeof header, name)) return false;
    target.error = text_in(name, sizeof name);
  }
  return true;
}

void take_ports(const Blob& blob, size_t at, FilterRule& rule) {
  xt_entry_match match;
  if (!blob.read(at, match)) return;
  const std::string name = text_in(match.u.user.name, sizeof match.u.user.name);
  // struct xt_udp begins with the same ports.
  xt_udp ports;
  if ((name != "tcp" && name != "udp") || !blob.read(at + sizeof match, ports)) return;
  rule.has_ports = true;
  std::copy_n(ports.spts, 2, rule.source_ports);
  std::copy_n(ports.dpts, 2, rule.destination_ports);
}

FilterRule rule_from(const Blob& blob, size_t at, const ipt_entry& entry) {
  FilterRule rule;
  rule.protocol = entry.ip.proto;
  rule.inverted = entry.ip.invflags;
  rule.source = entry.ip.src.s_addr;
  rule.source_mask = entry.ip.smsk.s_addr;
  rule.destination = entry.ip.dst.s_addr;
  rule.destination_mask = entry.ip.dmsk.s_addr;
  rule.in_interface = text_in(entry.ip.iniface, sizeof entry.ip.iniface);
  rule.out_interface = text_in(entry.ip.outiface, sizeof entry.ip.outiface);
  rule.in_mask = interface_mask(entry.ip.iniface_mask);
  rule.out_mask = interface_mask(entry.ip.outiface_mask);
  rule.packets = entry.counters.pcnt;
  rule.bytes = entry.counters.bcnt;
  rule.has_matches = entry.target_offset > sizeof entry;
  for (size_t next = sizeof entry; next < entry.target_offset;) {
    xt_entry_match match;
    if (!blob.read(at + next, match) || match.u.match_size < sizeof match) break;
    take_ports(blob, at + next, rule);
    next += match.u.match_size;
  }
  return rule;
}

struct FilterParser {
  const Blob blob;
  const FilterHooks hooks;
  std::vector<FilterRule> rules;
  std::string chain;
  /// Offset of the entry that holds the policy; none in chains of users.
  int64_t policy_at = -1;
  /// First row of the chain that is being read.
  size_t chain_begin = 0;
  /// Chains by the offset of their first rule, and rules that jump to one.
  std::unordered_map<uint32_t, std::string> chain_at;
  std::vector<std::pair<size_t, uint32_t>> jumps;

  void begin_hook(size_t at) {
    for (size_t hook = 0; hook < std::size(kHookNames); hook++) {
      if ((hooks.valid & (1u << hook)) == 0 || hooks.begin[hook] != at) continue;
      chain = kHookNames[hook];
      policy_at = hooks.end[hook];
      chain_begin = rules.size();
    }
  }

  void begin_user_chain(const std::string& name, uint32_t first_rule) {
    chain = name;
    policy_at = -1;
    chain_begin = rules.size();
    chain_at[first_rule] = name;
  }

  /// The kernel ends each chain with a rule that holds its policy.
  void end_chain(FilterRule rule, const std::string& policy) {
    rule.is_chain = true;
    rule.chain = chain;
    rule.policy = policy;
    for (size_t i = chain_begin; i < rules.size(); i++) {
      rules[i].policy = policy;
    }
    rules.push_back(std::move(rule));
    chain.clear();
  }

  /// False at the end of the table.
  bool take(size_t at, const ipt_entry& entry) {
    Target target;
    if (!read_target(blob, at + entry.target_offset, target)) return false;
    if (target.name == XT_ERROR_TARGET) {
      if (at + entry.next_offset >= blob.size()) return false;
      begin_user_chain(target.error, static_cast<uint32_t>(at + entry.next_offset));
      return true;
    }
    begin_hook(at);
    FilterRule rule = rule_from(blob, at, entry);
    const bool is_standard = target.name == XT_STANDARD_TARGET;
    const bool is_last = policy_at >= 0 ? at == static_cast<size_t>(policy_at)
                                        : is_standard && ends_user_chain(at, entry);
    if (is_last) {
      if (policy_at < 0) rule.packets = rule.bytes = 0;
      end_chain(std::move(rule), policy_at < 0 ? "" : verdict_name(target.verdict));
      return true;
    }
    rule.chain = chain;
    rule.target = is_standard ? verdict_name(target.verdict) : target.name;
    // A jump to the next rule is what iptables makes of a rule without a target.
    const bool falls_through =
        static_cast<size_t>(std::max(target.verdict, 0)) == at + entry.next_offset;
    if (is_standard && target.verdict >= 0 && !falls_through) {
      jumps.emplace_back(rules.size(), static_cast<uint32_t>(target.verdict));
    }
    rules.push_back(std::move(rule));
    return true;
  }

  /// Chains of users end where the next chain's error target stands.
  bool ends_user_chain(size_t at, const ipt_entry& entry) const {
    ipt_entry next;
    Target target;
    const size_t next_at = at + entry.next_offset;
    return blob.read(next_at, next) && read_target(blob, next_at + next.target_offset, target) &&
           target.name == XT_ERROR_TARGET;
  }
};

Result<std::vector<uint8_t>> read_entries(const std::string& table, FilterHooks& hooks) {
  // ip_getsockopt() takes these options of any socket; a raw one would need CAP_NET_RAW as well.
  UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return Error::from_errno(kFilterError, "open a socket");
  ipt_getinfo info{};
  if (table.size() >= sizeof info.name) return Error{kFilterError, "no table " + table, ENOENT};
  table.copy(info.name, table.size());
  socklen_t size = sizeof info;
  if (getsockopt(fd.get(), IPPROTO_IP, IPT_SO_GET_INFO, &info, &size) != 0) {
    return Error::from_errno(kFilterError, "read table " + table);
  }
  if (info.size > kMaxTableBytes)
    return Error::from_errno(kFilterError, "read table " + table, EFBIG);
  hooks.valid = info.valid_hooks;
  std::copy_n(info.hook_entry, std::size(hooks.begin), hooks.begin);
  std::copy_n(info.underflow, std::size(hooks.end), hooks.end);
  std::vector<uint8_t> bytes(sizeof(ipt_get_entries) + info.size);
  ipt_get_entries request{};
  table.copy(request.name, table.size());
  request.size = info.size;
  std::memcpy(bytes.data(), &request, sizeof request);
  size = static_cast<socklen_t>(bytes.size());
  // EAGAIN: the table was replaced between both calls.
  if (getsockopt(fd.get(), IPPROTO_IP, IPT_SO_GET_ENTRIES, bytes.data(), &size) != 0) {
    return Error::from_errno(kFilterError, "read rules of table " + table);
  }
  bytes.erase(bytes.begin(), bytes.begin() + sizeof request);
  return bytes;
}

}  // namespace

std::vector<FilterRule> parse_filter_rules(std::span<const uint8_t> entries,
                                           const FilterHooks& hooks) {
  FilterParser parser{Blob(entries), hooks, {}, {}, -1, 0, {}, {}};
  ipt_entry entry;
  for (size_t at = 0; parser.blob.read(at, entry); at += entry.next_offset) {
    if (entry.next_offset < sizeof entry || !parser.take(at, entry)) break;
  }
  for (const auto& [rule, offset] : parser.jumps) {
    const auto chain = parser.chain_at.find(offset);
    if (chain != parser.chain_at.end()) parser.rules[rule].target = chain->second;
  }
  return std::move(parser.rules);
}

Result<std::vector<FilterRule>> packet_filter_rules(const std::string& table) {
  constexpr int kMaxAttempts = 3;
  for (int attempt = 1;; attempt++) {
    FilterHooks hooks;
    auto entries = read_entries(table, hooks);
    if (entries.ok()) return parse_filter_rules(entries.value(), hooks);
    if (entries.error().error_number != EAGAIN || attempt == kMaxAttempts) return entries.error();
  }
}

}  // namespace auditql
