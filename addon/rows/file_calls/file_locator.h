#pragma once

#include <functional>
#include <optional>
#include <string>

#include "file_call.h"
#include "known_files.h"

namespace auditql {

/// What is asked of the host, later than the call.
struct LocatorHost {
  std::function<std::optional<FileIdentity>(const std::string& path, FollowLink follow)> identity;
  /// The path that a descriptor of a process leads to; empty when that cannot be told any more.
  std::function<std::string(int32_t pid, int32_t descriptor)> descriptor;
  /// Without links; empty when it is not there.
  std::function<std::string(const std::string& path)> real_path;
  /// This host.
  static LocatorHost own();
};

/// What is known of the call that a name is of.
struct CallContext {
  std::string_view cwd;
  int32_t pid = 0;
  uint64_t time_ns = 0;
  /// Whether a folder that is not there any more may be taken for the one that is known under its
  /// key: no record is known to be missing since, and the call is one in a watched folder.
  bool trusts_known = false;
};

struct LocatedFile {
  std::string path;  ///< absolute, or as the caller gave it
  bool is_proven = false;
  /// Where it is, to be learnt from; only of what is proven by its folder.
  std::optional<FilePlace> place;
};

/// Finds the path of a file that a record names. A name alone proves nothing: a relative one starts
/// from a descriptor that is closed, or from a folder that has another name by now; an absolute one
/// may be of another mount namespace. So a path is taken where the record's device and inode, of
/// the file or of its folder, are found at it: by what is known of watched folders, by the name,
/// and by the descriptor, in this order. Else it is not proven.
class FileLocator {
 public:
  FileLocator(const KnownFiles& known, LocatorHost host) : known_(known), host_(std::move(host)) {}

  LocatedFile locate(const NamedFile& file, const CallContext& call) const;
  /// Tells the folders of both names apart where their text does not.
  void tell_folders_apart(FileAct& act, const CallContext& call) const;

 private:
  struct Question;
  LocatedFile in_folder(const Question& asked, const FileKey& folder) const;
  std::optional<std::string> known_folder(const Question& asked, const FileKey& folder) const;
  LocatedFile by_itself(const Question& asked) const;
  std::optional<std::string> known_file(const Question& asked) const;
  std::string by_descriptor(const Question& asked) const;
  LocatedFile unproven(const Question& asked) const;
  bool is_at(const std::string& path, const FileKey& key, FollowLink follow) const;
  bool is_gone(const std::string& path) const;
  bool may_have_been_at(const std::string& path) const;
  std::string start_of(const NamedFile& file, int32_t pid) const;

  const KnownFiles& known_;
  const LocatorHost host_;
};

}  // namespace auditql
