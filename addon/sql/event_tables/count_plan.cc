#include "count_plan.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "statement_program.h"

namespace auditql {

namespace {

size_t occurrences(const std::vector<Instruction>& program, std::string_view opcode) {
  size_t count = 0;
  for (const Instruction& each : program) count += each.opcode == opcode ? 1 : 0;
  return count;
}

void count_step(sqlite3_context* context, int, sqlite3_value**) {
  auto* total = static_cast<int64_t*>(sqlite3_aggregate_context(context, sizeof(int64_t)));
  if (total == nullptr) return sqlite3_result_error_nomem(context);
  const auto& view = *static_cast<const EventView*>(sqlite3_user_data(context));
  *total += view.counting() ? static_cast<int64_t>(view.row_weight()) : 1;
}

void count_inverse(sqlite3_context* context, int, sqlite3_value**) {
  auto* total = static_cast<int64_t*>(sqlite3_aggregate_context(context, sizeof(int64_t)));
  if (total != nullptr) *total -= 1;
}

void count_value(sqlite3_context* context) {
  const auto* total = static_cast<int64_t*>(sqlite3_aggregate_context(context, 0));
  sqlite3_result_int64(context, total == nullptr ? 0 : *total);
}

}  // namespace

bool is_count_of_rows(sqlite3* db, const std::string& sql) {
  // What a loop over grouped rows does besides counting: it notices that the next group begins.
  constexpr std::string_view kGrouping[] = {"AggStep", "VColumn", "Compare", "Jump",    "Gosub",
                                            "Move",    "IfPos",   "If",      "Integer", "Null"};
  const std::vector<Instruction> program = program_of(db, sql);
  // Another aggregate of the statement, inside or outside the loop, would see the weights, too.
  for (const char* once : {"VFilter", "VNext", "AggStep"}) {
    if (occurrences(program, once) != 1) return false;
  }
  bool in_loop = false, counts = false;
  for (const Instruction& each : program) {
    if (each.opcode == "VNext") return counts;
    const bool known =
        std::find(std::begin(kGrouping), std::end(kGrouping), each.opcode) != std::end(kGrouping);
    if (in_loop && !known) return false;
    counts |= in_loop && each.opcode == "AggStep" && each.p4 == "count(0)";
    in_loop |= each.opcode == "VFilter";
  }
  return false;
}

int register_count(sqlite3* db, EventView& view) {
  return sqlite3_create_window_function(db, "count", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, &view,
                                        count_step, count_value, count_value, count_inverse,
                                        nullptr);
}

}  // namespace auditql
