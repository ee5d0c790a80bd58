#include "lineage_module.h"

#include <deque>
#include <set>

#include "../../bytes/utf8.h"
#include "../../bytes/xxh64.h"
#include "../../system/clocks.h"
#include "../values/uuid_value.h"
#include "../values/value_interval.h"
#include "../values/virtual_table.h"
#include "event_cell.h"
#include "lineage.h"

namespace auditql {

namespace {

constexpr char kDeclaration[] =
    "CREATE TABLE x (depth INTEGER, process_uuid TEXT, parent_uuid TEXT, pid BIGINT, "
    "parent BIGINT, path TEXT, cmdline TEXT, username TEXT, time BIGINT, eid TEXT, "
    "uuid TEXT HIDDEN, at BIGINT HIDDEN)";
enum LineageColumn {
  kDepth,
  kProcessUuid,
  kParentUuid,
  kPid,
  kParent,
  kPath,
  kCmdline,
  kUsername,
  kTime,
  kEid,
  kUuidArgument,
  kAtArgument,
};

// Chains longer than this are made by a uuid that was wrongly given; walks stay bounded.
constexpr int64_t kMaxProcesses = 1'000'000;

enum class Direction { ancestors, descendants };

template <Direction kDirection>
class LineageVtab : public sqlite3_vtab {
 public:
  LineageVtab(sqlite3* connection, EventView& events)
      : sqlite3_vtab{}, db(connection), view(events) {}

  static int connect(sqlite3* db, void* aux, LineageVtab** out, char**) {
    const int code = sqlite3_declare_vtab(db, kDeclaration);
    if (code != SQLITE_OK) return code;
    *out = new LineageVtab(db, *static_cast<EventView*>(aux));
    return sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  }

  int best_index(sqlite3_index_info* info) {
    int asked = 0, given = 0;
    // SQLite hands the arguments on in the order of argvIndex: the uuid is the first.
    for (const int argument : {kUuidArgument, kAtArgument}) {
      for (int i = 0; i < info->nConstraint; i++) {
        const auto& constraint = info->aConstraint[i];
        const bool is_it =
            constraint.iColumn == argument && constraint.op == SQLITE_INDEX_CONSTRAINT_EQ;
        if (!is_it) continue;
        asked |= bit(argument);
        if (!constraint.usable || (given & bit(argument)) != 0) continue;
        given |= bit(argument);
        info->aConstraintUsage[i].argvIndex = given == bit(kUuidArgument) ? 1 : 2;
        info->aConstraintUsage[i].omit = 1;
      }
    }
    if ((asked & bit(kUuidArgument)) == 0) {
      return fail_table(this, "the function needs the uuid of a process as its argument");
    }
    // An argument comes from a table that has to be read first.
    if (given != asked) return SQLITE_CONSTRAINT;
    info->idxNum = given;
    info->estimatedCost = 100;
    info->estimatedRows = 10;
    return SQLITE_OK;
  }

  /// In idxNum: the arguments that filter() gets.
  static int bit(int argument) { return 1 << (argument - kUuidArgument); }

  sqlite3* db;
  EventView& view;
};

/// Walks breadth first; an ancestry is a tree with one branch.
template <Direction kDirection>
class LineageCursor : public sqlite3_vtab_cursor {
 public:
  explicit LineageCursor(LineageVtab<kDirection>& table)
      : sqlite3_vtab_cursor{}, table_(table), lineage_(table.view) {
    table_.view.cursor_opened();
  }
  ~LineageCursor() { table_.view.cursor_closed(); }

  int filter(int given, const char*, sqlite3_value** values) {
    waiting_.clear();
    seen_.clear();
    argument_.clear();
    at_.reset();
    const bool has_time = (given & LineageVtab<kDirection>::bit(kAtArgument)) != 0;
    if (has_time && sqlite3_value_type(values[1]) != SQLITE_NULL) {
      at_ = sqlite3_value_int64(values[1]);
    }
    if (const auto uuid = uuid_of_value(values[0])) {
      argument_ = uuid_text({reinterpret_cast<const char*>(uuid->data()), uuid->size()}).view();
      enqueue(*uuid, 0);
    }
    return next();
  }

  int next() {
    for (at_end_ = true; at_end_ && !waiting_.empty();) {
      if (sqlite3_is_interrupted(table_.db) != 0) return SQLITE_INTERRUPT;
      const Waiting first = waiting_.front();
      waiting_.pop_front();
      auto found = lineage_.summary(
          first.uuid, at_ ? static_cast<uint64_t>(std::max<int64_t>(*at_, 0)) : UINT64_MAX);
      if (!found.ok()) return fail_table(pVtab, found.error().message);
      if (found.value().eid == 0) continue;
      process_ = found.take();
      depth_ = first.depth;
      at_end_ = false;
      const Status more = enqueue_next();
      if (!more.ok()) return fail_table(pVtab, more.error().message);
    }
    return SQLITE_OK;
  }

  bool eof() const { return at_end_; }

  /// Of the arguments and the process: SQLite puts the results of several scans together by it.
  int64_t rowid() const {
    const uint64_t at = static_cast<uint64_t>(at_.value_or(-1));
    const auto* uuid = reinterpret_cast<const char*>(process_.uuid.data());
    return static_cast<int64_t>(xxh64({uuid, process_.uuid.size()}, xxh64(argument_, at)) >> 1);
  }

  int column(sqlite3_context* context, int index) {
    switch (index) {
      case kDepth:
        sqlite3_result_int64(context, depth_);
        break;
      case kProcessUuid:
        give_uuid(context, process_.uuid);
        break;
      case kParentUuid:
        if (process_.parent_uuid) give_uuid(context, *process_.parent_uuid);
        break;
      case kPid:
        if (process_.pid) sqlite3_result_int64(context, *process_.pid);
        break;
      case kParent:
        if (process_.parent) sqlite3_result_int64(context, *process_.parent);
        break;
      case kTime:
        if (process_.ntime) {
          sqlite3_result_int64(context, static_cast<int64_t>(*process_.ntime / kNsPerSecond));
        }
        break;
      case kAtArgument:
        if (at_) sqlite3_result_int64(context, *at_);
        break;
      default:
        give_text_column(context, index);
    }
    return SQLITE_OK;
  }

 private:
  struct Waiting {
    UuidBytes uuid;
    int64_t depth;
  };

  void enqueue(const UuidBytes& uuid, int64_t depth) {
    const bool room = static_cast<int64_t>(seen_.size()) < kMaxProcesses;
    if (room && seen_.insert(uuid).second) waiting_.push_back({uuid, depth});
  }

  Status enqueue_next() {
    if constexpr (kDirection == Direction::ancestors) {
      if (process_.parent_uuid) enqueue(*process_.parent_uuid, depth_ + 1);
    } else {
      const auto children = lineage_.children(process_.uuid);
      if (!children.ok()) return children.error();
      for (const UuidBytes& child : children.value()) enqueue(child, depth_ + 1);
    }
    return Done{};
  }

  static void give(sqlite3_context* context, std::string_view text) {
    sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  static void give_uuid(sqlite3_context* context, const UuidBytes& uuid) {
    give(context, uuid_text({reinterpret_cast<const char*>(uuid.data()), uuid.size()}).view());
  }
  void give_text_column(sqlite3_context* context, int index) const {
    std::string text;
    if (index == kPath) append_escaped_text(text, process_.path);
    if (index == kCmdline) append_escaped_text(text, process_.cmdline);
    if (index == kUsername) append_escaped_text(text, process_.username);
    if (index == kEid) text = eid_text(process_.eid).view();
    if (index == kUuidArgument) text = argument_;
    if (!text.empty()) give(context, text);
  }

  LineageVtab<kDirection>& table_;
  Lineage lineage_;
  std::deque<Waiting> waiting_;
  std::set<UuidBytes> seen_;
  ProcessSummary process_;
  std::string argument_;
  std::optional<int64_t> at_;  ///< nanoseconds since 1970; absent: now
  int64_t depth_ = 0;
  bool at_end_ = true;
};

template <Direction kDirection>
int register_direction(sqlite3* db, const char* name, EventView& view) {
  using Module = EponymousModule<LineageVtab<kDirection>, LineageCursor<kDirection>>;
  return sqlite3_create_module_v2(db, name, Module::module(), &view, nullptr);
}

}  // namespace

int register_lineage_tables(sqlite3* db, EventView& view) {
  const int code = register_direction<Direction::ancestors>(db, "process_ancestry", view);
  if (code != SQLITE_OK) return code;
  return register_direction<Direction::descendants>(db, "process_descendants", view);
}

}  // namespace auditql
