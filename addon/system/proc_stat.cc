#include "proc_stat.h"

#include <array>
#include <charconv>

namespace auditql {
namespace {

constexpr std::string_view kBlanks = " \t\n";

/// Takes the next word off the front; empty at the end.
std::string_view next_word(std::string_view& text) {
  const size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return text = {};
  const size_t end = text.find_first_of(kBlanks, start);
  const std::string_view word = text.substr(start, end - start);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  return word;
}

template <typename Number>
bool read(std::string_view word, Number& number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc{} && end == word.data() + word.size();
}

bool read_four(std::string_view line, std::array<uint32_t*, 4> numbers) {
  for (uint32_t* number : numbers) {
    if (!read(next_word(line), *number)) return false;
  }
  return true;
}

bool read_ns_pids(std::string_view line, ProcStatus& status) {
  for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
    if (!read(word, status.ns_pid)) return false;
    status.ns_depth++;
  }
  return status.ns_depth > 0;
}

}  // namespace

std::optional<ProcStat> parse_proc_stat(std::string_view text) {
  const size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  ProcStat stat;
  std::string_view front = text.substr(0, open);
  if (!read(next_word(front), stat.pid)) return {};
  stat.comm = text.substr(open + 1, close - open - 1);
  std::string_view rest = text.substr(close + 1);
  bool ok = true;
  for (int field = 3; field <= 27 && ok; field++) {
    const std::string_view word = next_word(rest);
    switch (field) {
      case 3:
        ok = word.size() == 1;
        if (ok) stat.state = word[0];
        break;
      case 4:
        ok = read(word, stat.ppid);
        break;
      case 5:
        ok = read(word, stat.pgrp);
        break;
      case 6:
        ok = read(word, stat.session);
        break;
      case 7:
        ok = read(word, stat.tty);
        break;
      case 20:
        ok = read(word, stat.threads);
        break;
      case 22:
        ok = read(word, stat.start_ticks);
        break;
      default:
        ok = !word.empty();
    }
  }
  return ok ? std::optional(std::move(stat)) : std::nullopt;
}

std::optional<ProcStatus> parse_proc_status(std::string_view text) {
  ProcStatus status;
  bool has_tgid = false, ok = true;
  while (!text.empty() && ok) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view name = line.substr(0, line.find(':'));
    line.remove_prefix(name.size() < line.size() ? name.size() + 1 : name.size());
    if (name == "Tgid") ok = has_tgid = read(next_word(line), status.tgid);
    if (name == "PPid") ok = read(next_word(line), status.ppid);
    if (name == "NSpid") ok = read_ns_pids(line, status);
    if (name == "Uid")
      ok = read_four(line, {&status.uid, &status.euid, &status.suid, &status.fsuid});
    if (name == "Gid")
      ok = read_four(line, {&status.gid, &status.egid, &status.sgid, &status.fsgid});
  }
  return ok && has_tgid ? std::optional(status) : std::nullopt;
}

}  // namespace auditql
