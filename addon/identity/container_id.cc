#include "container_id.h"

#include <algorithm>
#include <optional>

namespace auditql {
namespace {

constexpr size_t kIdDigits = 64;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char each) {
    return (each >= '0' && each <= '9') || (each >= 'a' && each <= 'f');
  });
}

std::optional<std::string_view> between(std::string_view text, std::string_view prefix,
                                        std::string_view suffix) {
  if (text.size() <= prefix.size() + suffix.size()) return std::nullopt;
  if (!text.starts_with(prefix) || !text.ends_with(suffix)) return std::nullopt;
  return text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
}

/// `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>`, `libpod-<id>.scope`, `<id>`.
std::string_view hex_id(std::string_view name) {
  if (name.ends_with(".scope")) name.remove_suffix(6);
  if (name.size() < kIdDigits || !is_hex(name.substr(name.size() - kIdDigits))) return {};
  const std::string_view id = name.substr(name.size() - kIdDigits);
  const std::string_view prefix = name.substr(0, name.size() - kIdDigits);
  if (prefix.empty()) return id;
  return prefix.back() == '-' && !prefix.ends_with("conmon-") ? id : std::string_view();
}

/// systemd writes `-` inside a unit's instance as `\x2d` (systemd.unit(5)).
std::string unescaped(std::string_view name) {
  std::string plain;
  for (size_t i = 0; i < name.size(); i++) {
    if (name.substr(i).starts_with("\\x2d")) {
      plain += '-';
      i += 3;
    } else {
      plain += name[i];
    }
  }
  return plain;
}

/// Name of a machine of systemd-machined or LXC.
std::string machine_name(std::string_view name, std::string_view parent) {
  for (const auto& [prefix, suffix] :
       {std::pair{"systemd-nspawn@", ".service"}, std::pair{"machine-", ".scope"},
        std::pair{"lxc.payload.", ""}}) {
    if (const auto found = between(name, prefix, suffix)) return unescaped(*found);
  }
  const bool below_lxc = parent == "lxc" || parent == "lxc.payload";
  return below_lxc && !name.empty() ? std::string(name) : std::string();
}

std::string id_in_path(std::string_view path) {
  std::string id;
  std::string_view parent;
  while (!path.empty()) {
    const size_t end = path.find_first_of("/:");
    const std::string_view name = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
    if (const std::string_view hex = hex_id(name); !hex.empty()) {
      id = hex;
    } else if (std::string machine = machine_name(name, parent); !machine.empty()) {
      id = std::move(machine);
    }
    parent = name;
  }
  return id;
}

}  // namespace

std::string container_id(std::string_view cgroup) {
  while (!cgroup.empty()) {
    const size_t end = cgroup.find('\n');
    const std::string_view line = cgroup.substr(0, end);
    cgroup = end == std::string_view::npos ? std::string_view() : cgroup.substr(end + 1);
    // hierarchy-ID:controller-list:path
    const size_t first = line.find(':');
    const size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    if (std::string id = id_in_path(line.substr(second + 1)); !id.empty()) return id;
  }
  return {};
}

}  // namespace auditql
