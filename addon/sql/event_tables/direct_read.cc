#include "direct_read.h"

#include <algorithm>
#include <string_view>

#include "statement_program.h"

namespace auditql {

namespace {

/// Instructions that stand outside the loop over rows and change nothing of them.
bool is_known_outside(const Instruction& each) {
  constexpr std::string_view kKnown[] = {
      "Init",    "VOpen", "Integer", "Int64", "Real",    "String8", "Variable",   "Null",
      "VFilter", "VNext", "Halt",    "Goto",  "Explain", "Noop",    "Transaction"};
  return std::find(std::begin(kKnown), std::end(kKnown), each.opcode) != std::end(kKnown);
}

}  // namespace

std::optional<std::vector<uint16_t>> handed_on_columns(sqlite3* db, const std::string& sql) {
  const std::vector<Instruction> program = program_of(db, sql);
  const auto at = [&](std::string_view opcode) {
    return std::find_if(program.begin(), program.end(),
                        [&](const Instruction& each) { return each.opcode == opcode; });
  };
  const auto filter = at("VFilter"), next = at("VNext"), result = at("ResultRow");
  if (filter >= result || next == program.end() || result + 1 != next) return std::nullopt;
  // The loop: a column to each register of the result, one after the other.
  std::vector<uint16_t> columns;
  for (auto each = filter + 1; each != result; ++each) {
    const int reg = result->p1 + static_cast<int>(columns.size());
    if (each->opcode != "VColumn" || each->p3 != reg) return std::nullopt;
    columns.push_back(static_cast<uint16_t>(each->p2));
  }
  const bool others_known = std::all_of(program.begin(), filter, is_known_outside) &&
                            std::all_of(next, program.end(), is_known_outside);
  const bool one_loop = std::count_if(program.begin(), program.end(), [](const auto& each) {
                          return each.opcode == "VOpen" || each.opcode == "VFilter";
                        }) == 2;
  if (!others_known || !one_loop || columns.size() != static_cast<size_t>(result->p2)) {
    return std::nullopt;
  }
  return columns;
}

}  // namespace auditql
