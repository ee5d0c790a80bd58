#include "record_fields.h"

#include <algorithm>
#include <cctype>

#include "../../bytes/hex.h"
#include "../audit_names.h"
#include "../field_value.h"
#include "../record_type.h"
#include "../socket_address.h"
#include "field_text.h"

namespace auditql {
namespace {

constexpr uint16_t kTty = 1319, kUserTty = 1124, kUserCmd = 1123;
constexpr uint16_t kUserStart = 1105, kUserEnd = 1106, kCredDisp = 1104;

/// Whether audit_log_untrustedstring() or audit_encode_value(3) wrote the field: bare hex is text.
bool is_encoded(uint16_t type, std::string_view name) {
  const auto is_one_of = [name](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (is_one_of({"comm", "ocomm", "exe", "cwd", "acct", "vm", "sw", "root_dir", "grp", "new_group",
                 "old-disk", "new-disk", "old-fs", "new-fs", "cgroup", "profile", "peer", "label",
                 "namespace"}))
    return true;
  if (name == "cmd") return type == kUserCmd;
  if (name == "data") return type == kTty || type == kUserTty;
  if (record_type::is_whole_event(type)) return false;
  if (is_one_of({"name", "path", "proctitle"})) return true;
  return type == record_type::execve && name[0] == 'a' && name != "argc" && !name.ends_with("_len");
}

bool is_upper_hex(std::string_view text) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'f'; };
  return is_hex(text) && std::none_of(text.begin(), text.end(), lower);
}

std::string hex_bytes(std::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  decode_hex(hex, bytes.data());
  return bytes;
}

/// IP families by their version; AF_UNSPEC, which is none, and families without a name by number.
std::string family_label(int32_t family) {
  const std::string_view name = socket_family_name(family);
  if (name == "inet") return "ipv4";
  if (name == "inet6") return "ipv6";
  return name.empty() || family == 0 ? std::to_string(family) : std::string(name);
}

/// AVC of SELinux starts with words: `avc:  denied  { read write } for  pid=…`.
void read_selinux_words(std::string_view body, FieldMap& values) {
  constexpr std::string_view kStart = "avc:";
  const size_t open = body.find('{'), close = body.find('}');
  if (!body.starts_with(kStart) || open == std::string_view::npos ||
      close == std::string_view::npos || close < open)
    return;
  std::string permissions;
  for (const char c : trimmed(body.substr(open + 1, close - open - 1))) {
    if (c != ' ')
      permissions += c;
    else if (permissions.back() != ',')
      permissions += ',';
  }
  const std::string_view decision = trimmed(body.substr(kStart.size(), open - kStart.size()));
  values["seresult"] = decision;
  if (!permissions.empty()) values["seperms"] = permissions;
}

void replace_words(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

/// Some records write names in two words, or close a bracket behind the last value.
std::string regular_body(const Record& record) {
  std::string body(record.body);
  if (record.type == record_type::login) {
    replace_words(body, "old ", "old_");
    replace_words(body, "new ", "new_");
  }
  const bool bracketed =
      record.type == kCredDisp || record.type == kUserStart || record.type == kUserEnd;
  if (bracketed) body.erase(body.find_last_not_of(")'") + 1);
  return body;
}

class FieldsReader {
 public:
  FieldsReader(const Record& record, RecordFields& out) : record_(record), out_(out) {}

  void read() {
    if (record_.type == record_type::avc) read_selinux_words(record_.body, out_.values);
    read_body(regular_body(record_));
    set_unset("auid");
    set_unset("old-auid");
    set_unset("ses");
    split_label("subj");
    if (record_.type == record_type::path) split_label("obj");
    name_result();
    name_exit();
    name_call();
    if (record_.type == record_type::sockaddr) name_address();
  }

 private:
  void read_body(std::string_view body) {
    FieldReader reader(body);
    for (Field field; reader.next(field);) {
      const std::string_view key = field_key(field.name);
      if (key.empty()) continue;
      if (key == "msg")
        read_body(unquoted(field.value));
      else if (key == "key")
        read_rule_keys(field.value);
      else
        set(key, field.value);
    }
  }

  void set(std::string_view key, std::string_view value) {
    if (is_encoded(record_.type, key)) return set_encoded(key, value);
    const std::string_view plain = plain_text(value);
    if (!says_nothing(plain)) out_.values.insert_or_assign(std::string(key), std::string(plain));
  }

  /// Text is taken exactly: no trimming, and an empty argument is an argument.
  void set_encoded(std::string_view key, std::string_view value) {
    const bool quoted = value.starts_with('"');
    if (!quoted && says_nothing(trimmed(value))) return;
    // User space writes "?" for unknown; the kernel's strings are what they are.
    const bool from_user = record_type::is_whole_event(record_.type);
    if (from_user && says_nothing(trimmed(value))) return;
    std::string text =
        !quoted && is_upper_hex(value) ? hex_bytes(value) : std::string(unquoted(value));
    if (key == "proctitle") std::replace(text.begin(), text.end(), '\0', ' ');
    out_.values.insert_or_assign(std::string(key), std::move(text));
  }

  /// Several keys are joined by 0x01 and then written in hex; auditctl -k once wrote `key=net`.
  void read_rule_keys(std::string_view value) {
    const std::string_view plain = trimmed(value);  // a stray quote has been seen behind hex
    const bool hex = !value.starts_with('"') && is_upper_hex(plain);
    if (says_nothing(plain)) return;
    std::string text = hex ? hex_bytes(plain) : std::string(plain);
    if (!hex && text.find('=') != std::string::npos) text.erase(0, text.find('=') + 1);
    out_.keys.clear();
    for (size_t at = 0; at <= text.size();) {
      const size_t end = std::min(text.find('\1', at), text.size());
      out_.keys.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }

  std::string* find(std::string_view key) {
    const auto found = out_.values.find(key);
    return found == out_.values.end() ? nullptr : &found->second;
  }

  void set_unset(std::string_view key) {
    std::string* value = find(key);
    if (value != nullptr && (*value == "4294967295" || *value == "-1")) *value = "unset";
  }

  /// `user:role:domain:level:category`, the last with what colons it has.
  void split_label(const std::string& key) {
    const std::string* found = find(key);
    if (found == nullptr) return;
    const std::string label = *found;
    out_.values.erase(key);
    static constexpr std::string_view kParts[] = {"_user", "_role", "_domain", "_level",
                                                  "_category"};
    size_t at = 0;
    for (const std::string_view part : kParts) {
      const bool last = part == "_category";
      const size_t end = last ? label.size() : std::min(label.find(':', at), label.size());
      out_.values[key + std::string(part)] = label.substr(at, end - at);
      if (end == label.size()) return;
      at = end + 1;
    }
  }

  void name_result() {
    const char* key = find("success") != nullptr ? "success" : "res";
    const std::string* found = find(key);
    if (found == nullptr) return;
    std::string value = *found;
    for (char& c : value) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool success = value == "yes" || value == "1" || value.starts_with("suc");
    out_.values.erase(key);
    out_.values["result"] = success ? "success" : "fail";
  }

  void name_exit() {
    std::string* value = find("exit");
    if (value == nullptr) return;
    const auto number = parse_signed(*value);
    if (!number || *number >= 0 || *number < -4095) return;
    const std::string_view name = errno_name(static_cast<int32_t>(-*number));
    if (!name.empty()) *value = name;
  }

  void name_call() {
    std::string* sig = find("sig");
    if (record_.type == record_type::seccomp && sig != nullptr) {
      const std::string_view name =
          signal_name(static_cast<int32_t>(parse_signed(*sig).value_or(0)));
      if (!name.empty()) *sig = name;
    }
    std::string* arch_text = find("arch");
    if (arch_text == nullptr) return;
    const Arch arch = arch_of(static_cast<uint32_t>(parse_hex_number(*arch_text).value_or(0)));
    if (arch == Arch::unknown) return;
    *arch_text = arch_name(arch);
    std::string* call = find("syscall");
    if (call == nullptr) return;
    const auto number = static_cast<int32_t>(parse_signed(*call).value_or(-1));
    const bool x32 = arch == Arch::x86_64 && number >= 0x40000000;
    const std::string_view name = syscall_name(x32 ? Arch::x32 : arch, number);
    if (!name.empty()) *call = name;
  }

  void name_address() {
    const std::string* found = find("saddr");
    if (found == nullptr || !is_hex(*found)) return;
    const std::string raw = hex_bytes(*found);
    ByteArena arena;
    arena.reset(kSocketAddressText);
    const SocketAddress address = parse_socket_address(raw, byte_order_of(raw), arena);
    if (address.family < 0) return;
    FieldMap& values = out_.values;
    const std::string_view name = socket_family_name(address.family);
    values["family"] = family_label(address.family);
    const bool is_ip = !address.address.empty();
    if (is_ip) {
      values["addr"] = address.address;
      values["port"] = std::to_string(address.port);
      if (address.flow_info != 0) values["flow"] = std::to_string(address.flow_info);
      if (address.scope_id != 0) values["scope"] = std::to_string(address.scope_id);
    }
    if (name == "unix") values["path"] = address.unix_path;
    if (is_ip || name == "unix") values.erase("saddr");
  }

  const Record& record_;
  RecordFields& out_;
};

}  // namespace

RecordFields read_record_fields(const Record& record) {
  RecordFields fields;
  FieldsReader(record, fields).read();
  return fields;
}

std::string record_type_label(const Record& record) {
  std::string label(record.type == 0 ? record.type_name : record_type_name(record.type));
  if (label.empty()) return "unknown[" + std::to_string(record.type) + "]";
  for (char& c : label) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return label;
}

}  // namespace auditql
