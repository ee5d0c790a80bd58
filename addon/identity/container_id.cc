#include "container_id.h"

#include <algorithm>
#include <optional>
#include <span>

#include "../bytes/hex.h"

namespace auditql {
namespace {

constexpr size_t kIdDigits = 64;

std::optional<std::string_view> between(std::string_view text, std::string_view prefix,
                                        std::string_view suffix) {
  if (text.size() <= prefix.size() + suffix.size()) return std::nullopt;
  if (!text.starts_with(prefix) || !text.ends_with(suffix)) return std::nullopt;
  return text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
}

struct Named {
  std::string_view prefix, runtime;
};

/// How runtimes begin the names of cgroups of systemd's driver, before `-<id>.scope`.
constexpr Named kScopes[] = {
    {"docker", "docker"},      {"cri-containerd", "containerd"},
    {"nerdctl", "containerd"}, {"crio", "cri-o"},
    {"libpod", "podman"},
};

/// Cgroups that hold those of the containers of one runtime (cgroupfs drivers).
constexpr Named kParents[] = {
    {"docker", "docker"},
    {"k8s.io", "containerd"},
    {"cri-containerd", "containerd"},
    {"libpod_parent", "podman"},
};

std::string_view runtime_of(std::span<const Named> table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Named& each) { return each.prefix == name; });
  return found == table.end() ? std::string_view() : found->runtime;
}

/// `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>`, `libpod-<id>.scope`, `<id>`.
std::string_view hex_id(std::string_view name) {
  if (name.ends_with(".scope")) name.remove_suffix(6);
  if (name.size() < kIdDigits || !is_lower_hex(name.substr(name.size() - kIdDigits))) return {};
  const std::string_view id = name.substr(name.size() - kIdDigits);
  const std::string_view prefix = name.substr(0, name.size() - kIdDigits);
  if (prefix.empty()) return id;
  return prefix.back() == '-' && !prefix.ends_with("conmon-") ? id : std::string_view();
}

/// The runtime that names its cgroups so, else the one whose folder it is in.
std::string_view runtime_of_id(std::string_view name, std::string_view parent) {
  const size_t hyphen = name.rfind('-');
  if (hyphen != std::string_view::npos) return runtime_of(kScopes, name.substr(0, hyphen));
  return runtime_of(kParents, parent);
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

/// Fills in the machine of systemd-machined or LXC that a cgroup is named after.
bool take_machine(std::string_view name, std::string_view parent, ContainerOrigin& origin) {
  struct Form {
    std::string_view prefix, suffix, runtime;
  };
  // Whoever registers a machine names its scope: nspawn, libvirt, others
  // (org.freedesktop.machine1).
  constexpr Form kForms[] = {{"systemd-nspawn@", ".service", "systemd-nspawn"},
                             {"machine-", ".scope", ""},
                             {"lxc.payload.", "", "lxc"}};
  for (const Form& form : kForms) {
    const auto found = between(name, form.prefix, form.suffix);
    if (!found) continue;
    origin = {unescaped(*found), std::string(form.runtime), {}};
    return true;
  }
  const bool below_lxc = parent == "lxc" || parent == "lxc.payload";
  if (!below_lxc || name.empty()) return false;
  origin = {std::string(name), "lxc", {}};
  return true;
}

/// `pod<uid>`, or systemd's `kubepods-burstable-pod<uid>.slice` with `_` for each `-`, as the
/// kubelet's cgroup manager writes them (pkg/kubelet/cm).
std::string pod_uid_of(std::string_view name) {
  if (name.ends_with(".slice")) name.remove_suffix(6);
  const size_t at = name.rfind("pod");
  const bool begins = at == 0 || (at != std::string_view::npos && name[at - 1] == '-' &&
                                  name.find("kubepods") != std::string_view::npos);
  if (!begins) return {};
  std::string uid(name.substr(at + 3));
  std::replace(uid.begin(), uid.end(), '_', '-');
  constexpr size_t kUuid = 36, kStaticPod = 32;
  const bool is_uid = (uid.size() == kUuid || uid.size() == kStaticPod) &&
                      std::all_of(uid.begin(), uid.end(), [](char each) {
                        return each == '-' || is_lower_hex({&each, 1});
                      });
  return is_uid ? uid : std::string();
}

ContainerOrigin origin_in_path(std::string_view path) {
  ContainerOrigin origin;
  std::string pod;
  std::string_view parent;
  while (!path.empty()) {
    const size_t end = path.find_first_of("/:");
    const std::string_view name = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
    if (std::string uid = pod_uid_of(name); !uid.empty()) pod = std::move(uid);
    if (const std::string_view hex = hex_id(name); !hex.empty()) {
      origin = {std::string(hex), std::string(runtime_of_id(name, parent)), pod};
    } else {
      take_machine(name, parent, origin);
    }
    parent = name;
  }
  return origin;
}

}  // namespace

std::string container_id(std::string_view cgroup) { return container_origin(cgroup).id; }

ContainerOrigin container_origin(std::string_view cgroup) {
  while (!cgroup.empty()) {
    const size_t end = cgroup.find('\n');
    const std::string_view line = cgroup.substr(0, end);
    cgroup = end == std::string_view::npos ? std::string_view() : cgroup.substr(end + 1);
    // hierarchy-ID:controller-list:path
    const size_t first = line.find(':');
    const size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    ContainerOrigin origin = origin_in_path(line.substr(second + 1));
    if (!origin.id.empty()) return origin;
  }
  return {};
}

}  // namespace auditql
