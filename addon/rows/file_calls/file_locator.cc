#include "file_locator.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <memory>

#include "path_text.h"

namespace auditql {

namespace {

std::string link_of_descriptor(int32_t pid, int32_t descriptor) {
  const std::string link = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(descriptor);
  char path[PATH_MAX];
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  const bool is_file = size > 0 && path[0] == '/';
  return is_file ? std::string(path, static_cast<size_t>(size)) : std::string();
}

std::string own_real_path(const std::string& path) {
  char real[PATH_MAX];
  return ::realpath(path.c_str(), real) == nullptr ? std::string() : std::string(real);
}

}  // namespace

LocatorHost LocatorHost::own() {
  const auto mounts = std::make_shared<MountDevices>();
  return {[mounts](const std::string& path, FollowLink follow) {
            return file_identity(path, follow, *mounts);
          },
          link_of_descriptor, own_real_path};
}

struct FileLocator::Question {
  const NamedFile& file;
  const CallContext& call;
  std::string text;  ///< absolute, by the name alone; empty where it starts from a descriptor
  std::string folder() const {
    return text.empty() ? std::string() : normalised_path(folder_text(text));
  }
};

LocatedFile FileLocator::locate(const NamedFile& file, const CallContext& call) const {
  Question asked{file, call, {}};
  if (file.name.starts_with('/')) {
    asked.text = normalised_path(file.name);
  } else if (!file.name.empty() && file.start == AT_FDCWD && !call.cwd.empty()) {
    asked.text = normalised_path(path_in(call.cwd, file.name));
  }
  if (file.folders.size() == 1) return in_folder(asked, file.folders.front());
  if (file.folders.empty() && file.file) return by_itself(asked);
  return unproven(asked);
}

void FileLocator::tell_folders_apart(FileAct& act, const CallContext& call) const {
  if (!act.dest || act.file.folders.size() != 2 || act.dest->folders != act.file.folders) return;
  const FileKey first = act.file.folders[0], second = act.file.folders[1];
  const auto settle = [&](const FileKey& folder, const FileKey& dest_folder) {
    act.file.folders = {folder};
    act.dest->folders = {dest_folder};
  };
  if (act.file.file) {
    const std::string name(last_name(act.file.name));
    const auto places = known_.places_of(*act.file.file);
    const auto was_in = [&](const FileKey& folder) {
      return std::find(places.begin(), places.end(), FilePlace{folder, name}) != places.end();
    };
    if (was_in(first) != was_in(second)) {
      return was_in(first) ? settle(first, second) : settle(second, first);
    }
  }
  // The text in front of both names is the same: where that starts from tells.
  const auto folder_of = [&](const NamedFile& file) {
    const std::string start =
        file.start == AT_FDCWD ? std::string(call.cwd) : start_of(file, call.pid);
    return start.empty() ? start : normalised_path(path_in(start, folder_text(file.name)));
  };
  const std::string folder = folder_of(act.file), dest = folder_of(*act.dest);
  if (is_at(folder, first, FollowLink::yes) || is_at(dest, second, FollowLink::yes)) {
    return settle(first, second);
  }
  if (is_at(folder, second, FollowLink::yes) || is_at(dest, first, FollowLink::yes)) {
    return settle(second, first);
  }
}

/// The record has the folder that holds it.
LocatedFile FileLocator::in_folder(const Question& asked, const FileKey& folder) const {
  const std::string_view name = last_name(asked.file.name);
  const auto proven = [&](std::string_view path) {
    return LocatedFile{normalised_path(path_in(path, name)), true,
                       FilePlace{folder, std::string(name)}};
  };
  if (const auto path = known_folder(asked, folder)) return proven(*path);
  const std::string by_name = asked.folder();
  if (is_at(by_name, folder, FollowLink::yes)) return proven(by_name);
  if (!asked.file.name.starts_with('/')) {
    const std::string start = start_of(asked.file, asked.call.pid);
    if (!start.empty()) {
      const std::string by_descriptor =
          normalised_path(path_in(start, folder_text(asked.file.name)));
      if (is_at(by_descriptor, folder, FollowLink::yes)) return proven(by_descriptor);
    }
  }
  return unproven(asked);
}

/// The path of a watched folder, where nothing speaks against it.
std::optional<std::string> FileLocator::known_folder(const Question& asked,
                                                     const FileKey& folder) const {
  const auto paths = known_.paths_of(folder, asked.call.time_ns);
  if (paths.empty()) return std::nullopt;
  const KnownFiles::Path& known = paths.front();
  if (known.text == asked.folder()) return known.text;
  if (known.is_late) return std::nullopt;
  if (!known.is_unique) {
    const std::string start = start_of(asked.file, asked.call.pid);
    const std::string path =
        start.empty() ? start : normalised_path(path_in(start, folder_text(asked.file.name)));
    return path == known.text ? std::optional(known.text) : std::nullopt;
  }
  const bool holds = is_at(known.text, folder, FollowLink::no) ||
                     (asked.call.trusts_known && may_have_been_at(known.text));
  return holds ? std::optional(known.text) : std::nullopt;
}

/// The record has the file alone.
LocatedFile FileLocator::by_itself(const Question& asked) const {
  const FileKey& key = *asked.file.file;
  if (is_at(asked.text, key, FollowLink::no)) return {asked.text, true, {}};
  if (const auto path = known_file(asked)) return {*path, true, {}};
  if (is_at(asked.text, key, FollowLink::yes) && host_.real_path) {
    const std::string real = host_.real_path(asked.text);
    if (!real.empty()) return {real, true, {}};
  }
  const std::string path = by_descriptor(asked);
  if (is_at(path, key, FollowLink::no)) return {path, true, {}};
  return unproven(asked);
}

/// A name that the file is known to have, of several the one that the call used.
std::optional<std::string> FileLocator::known_file(const Question& asked) const {
  auto paths = known_.paths_of(*asked.file.file, asked.call.time_ns);
  std::erase_if(paths, [&](const KnownFiles::Path& each) {
    const bool holds = is_at(each.text, *asked.file.file, FollowLink::no) ||
                       (asked.call.trusts_known && may_have_been_at(each.text));
    return !each.is_unique || each.is_late || !holds;
  });
  if (paths.empty()) return std::nullopt;
  const auto find = [&](auto is_it) { return std::find_if(paths.begin(), paths.end(), is_it); };
  auto used = find([&](const KnownFiles::Path& each) { return each.text == asked.text; });
  if (used == paths.end() && paths.size() > 1) {
    const std::string opened = by_descriptor(asked);
    used = find([&](const KnownFiles::Path& each) { return each.text == opened; });
  }
  if (used == paths.end() && !asked.file.name.empty()) {
    used = find([&](const KnownFiles::Path& each) {
      return last_name(each.text) == last_name(asked.file.name);
    });
  }
  return used == paths.end() ? paths.back().text : used->text;
}

/// Where a descriptor that is still open leads.
std::string FileLocator::by_descriptor(const Question& asked) const {
  const std::string start = start_of(asked.file, asked.call.pid);
  return start.empty() || asked.file.name.empty()
             ? start
             : normalised_path(path_in(start, asked.file.name));
}

/// The name, as far as the host does not have another file there.
LocatedFile FileLocator::unproven(const Question& asked) const {
  const bool is_free = !asked.text.empty() &&
                       (asked.file.folders.empty() ? is_gone(asked.text) : is_gone(asked.folder()));
  return {is_free ? asked.text : asked.file.name, false, {}};
}

bool FileLocator::is_at(const std::string& path, const FileKey& key, FollowLink follow) const {
  if (path.empty() || !host_.identity) return false;
  const auto found = host_.identity(path, follow);
  return found && found->key == key;
}

bool FileLocator::is_gone(const std::string& path) const {
  return !host_.identity || !host_.identity(path, FollowLink::no);
}

/// What is not at its path any more was there where the nearest folder above it that is left is the
/// one that is known: else that was moved, of which no record tells.
bool FileLocator::may_have_been_at(const std::string& path) const {
  std::string above = path;
  while (above != "/" && host_.identity) {
    above = normalised_path(folder_text(above));
    const auto found = host_.identity(above, FollowLink::no);
    if (!found) continue;
    const auto known = known_.paths_of(found->key, UINT64_MAX);
    return !known.empty() && known.front().text == above;
  }
  return false;
}

/// The folder, or without a name the file, of a descriptor that is still open.
std::string FileLocator::start_of(const NamedFile& file, int32_t pid) const {
  const bool has_descriptor = file.start != AT_FDCWD && !file.name.starts_with('/');
  return has_descriptor && host_.descriptor ? host_.descriptor(pid, file.start) : std::string();
}

}  // namespace auditql
