#include "regex_matcher.h"

namespace auditql {

namespace {

using Op = RegexInstruction::Op;
constexpr size_t kBytesBetweenStops = 4096;
constexpr uint32_t kRestore = UINT32_MAX;  ///< `at` of a pending group bound

bool is_word_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

RegexMatcher::RegexMatcher(const RegexProgram& program, std::function<bool()> stop)
    : program_(program), stop_(std::move(stop)), visited_(program.code.size()) {}

RegexMatcher::Outcome RegexMatcher::test(std::string_view text) {
  want_groups_ = false;
  RegexGroups groups;
  const Outcome outcome = search({text}, groups);
  want_groups_ = true;
  return outcome;
}

RegexMatcher::Outcome RegexMatcher::search(const Search& search, RegexGroups& groups) {
  search_ = search;
  found_ = false;
  ThreadList* now = &lists_[0];
  ThreadList* next = &lists_[1];
  now->count = 0;
  RegexGroups fresh(want_groups_ ? 2 * program_.groups : 0, kNoPosition);
  round_++;
  for (position_ = search.start; position_ <= search.text.size(); position_++) {
    if (position_ % kBytesBetweenStops == 0 && stop_()) return Outcome::stopped;
    // A later start has the least priority; once there is a match, none is wanted.
    const bool may_begin = !search.anchored || position_ == search.start;
    if (!found_ && may_begin) follow(*now, 0, fresh);
    if (now->count == 0 && (found_ || search.anchored)) break;
    next->count = 0;
    round_++;
    step(*now, *next);
    if (found_ && !want_groups_) break;
    std::swap(now, next);
  }
  if (found_) groups = best_;
  return found_ ? Outcome::found : Outcome::not_found;
}

void RegexMatcher::step(const ThreadList& now, ThreadList& next) {
  for (size_t i = 0; i < now.count; i++) {
    const Thread& thread = now.threads[i];
    const RegexInstruction& instruction = program_.code[thread.at];
    if (instruction.op == Op::match) {
      found_ = true;
      best_ = thread.groups;
      return;  // the threads behind have less priority
    }
    if (position_ == search_.text.size()) continue;
    const auto byte = static_cast<unsigned char>(search_.text[position_]);
    if (!program_.sets[instruction.argument][byte]) continue;
    // follow() looks at the position behind the byte.
    scratch_ = thread.groups;
    position_++;
    follow(next, thread.at + 1, scratch_);
    position_--;
  }
}

/// Follows the instructions that take no byte, in order of priority, to those that do.
void RegexMatcher::follow(ThreadList& list, uint32_t start, RegexGroups& groups) {
  pending_.assign(1, {start, 0, 0});
  while (!pending_.empty()) {
    const Pending top = pending_.back();
    pending_.pop_back();
    if (top.at == kRestore) {
      groups[top.bound] = top.position;
      continue;
    }
    if (visited_[top.at] == round_) continue;
    visited_[top.at] = round_;
    const RegexInstruction& instruction = program_.code[top.at];
    const auto target = [&](int32_t offset) {
      return static_cast<uint32_t>(static_cast<int32_t>(top.at) + offset);
    };
    bool passes = true;
    switch (instruction.op) {
      case Op::byte_set:
      case Op::match:
        add_thread(list, top.at, groups);
        continue;
      case Op::jump:
        pending_.push_back({target(instruction.first), 0, 0});
        continue;
      case Op::split:
        pending_.push_back({target(instruction.second), 0, 0});
        pending_.push_back({target(instruction.first), 0, 0});
        continue;
      case Op::save:
        if (want_groups_) {
          pending_.push_back({kRestore, instruction.argument, groups[instruction.argument]});
          groups[instruction.argument] = position_;
        }
        break;
      case Op::text_start:
        passes = position_ == 0;
        break;
      case Op::text_end:
        passes = position_ == search_.text.size();
        break;
      case Op::word_boundary:
        passes = is_word_boundary();
        break;
      case Op::no_word_boundary:
        passes = !is_word_boundary();
        break;
    }
    if (passes) pending_.push_back({top.at + 1, 0, 0});
  }
}

void RegexMatcher::add_thread(ThreadList& list, uint32_t at, const RegexGroups& groups) {
  const bool is_match = program_.code[at].op == Op::match;
  if (is_match && search_.not_empty && position_ == search_.start) return;
  if (list.count == list.threads.size()) list.threads.emplace_back();
  Thread& thread = list.threads[list.count++];
  thread.at = at;
  thread.groups = groups;
}

bool RegexMatcher::is_word_boundary() const {
  const std::string_view text = search_.text;
  const bool before = position_ > 0 && is_word_byte(text[position_ - 1]);
  const bool after = position_ < text.size() && is_word_byte(text[position_]);
  return before != after;
}

}  // namespace auditql
