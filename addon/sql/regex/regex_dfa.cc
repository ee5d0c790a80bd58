#include "regex_dfa.h"

#include <algorithm>

namespace auditql {

namespace {

using Op = RegexInstruction::Op;
constexpr size_t kMaxStates = 512;
constexpr uint32_t kMaxForgotten = 64;  ///< then the states of this program are worth no table

}  // namespace

RegexDfa::RegexDfa(const RegexProgram& program) : program_(program), visited_(program.code.size()) {
  for (const RegexInstruction& each : program.code) {
    if (each.op == Op::word_boundary || each.op == Op::no_word_boundary) usable_ = false;
  }
}

std::optional<bool> RegexDfa::test(std::string_view text) {
  if (!usable_) return std::nullopt;
  State state = start();
  for (const char c : text) {
    if (is_match_[state]) return true;
    const auto byte = static_cast<unsigned char>(c);
    const State next = next_[size_t{state} * 256 + byte];
    state = next != kUnknown ? next : step(state, byte);
    if (!usable_) return std::nullopt;
  }
  return is_match_[state] || matches_at_end(state, text.empty());
}

RegexDfa::State RegexDfa::start() {
  if (start_ == kUnknown) {
    Waiting waiting;
    round_++;
    follow(waiting, 0, true);
    start_ = state_of(std::move(waiting));
  }
  return start_;
}

RegexDfa::State RegexDfa::step(State state, unsigned char byte) {
  Waiting waiting;
  round_++;
  for (const uint32_t at : states_[state]) {
    const RegexInstruction& instruction = program_.code[at];
    const bool takes = instruction.op == Op::byte_set && program_.sets[instruction.argument][byte];
    if (takes) follow(waiting, at + 1, false);
  }
  // A match may begin behind any byte.
  follow(waiting, 0, false);
  const uint32_t forgotten = forgotten_;
  const State next = state_of(std::move(waiting));
  if (forgotten == forgotten_) next_[size_t{state} * 256 + byte] = next;
  return next;
}

RegexDfa::State RegexDfa::state_of(Waiting waiting) {
  std::sort(waiting.begin(), waiting.end());
  const auto found = known_.find(waiting);
  if (found != known_.end()) return found->second;
  if (states_.size() == kMaxStates) forget();
  const auto state = static_cast<State>(states_.size());
  is_match_.push_back(std::any_of(waiting.begin(), waiting.end(), [this](uint32_t at) {
    return program_.code[at].op == Op::match;
  }));
  next_.insert(next_.end(), 256, kUnknown);
  states_.push_back(waiting);
  known_.emplace(std::move(waiting), state);
  return state;
}

void RegexDfa::follow(Waiting& waiting, uint32_t start, bool at_text_start) {
  std::vector<uint32_t> pending{start};
  while (!pending.empty()) {
    const uint32_t at = pending.back();
    pending.pop_back();
    if (visited_[at] == round_) continue;
    visited_[at] = round_;
    const RegexInstruction& instruction = program_.code[at];
    const auto target = [&](int32_t offset) {
      return static_cast<uint32_t>(static_cast<int32_t>(at) + offset);
    };
    switch (instruction.op) {
      case Op::jump:
        pending.push_back(target(instruction.first));
        break;
      case Op::split:
        pending.push_back(target(instruction.first));
        pending.push_back(target(instruction.second));
        break;
      case Op::save:
        pending.push_back(at + 1);
        break;
      case Op::text_start:
        if (at_text_start) pending.push_back(at + 1);
        break;
      default:
        waiting.push_back(at);
    }
  }
}

bool RegexDfa::matches_at_end(State state, bool at_text_start) {
  Waiting ends = states_[state];
  round_++;
  for (size_t i = 0; i < ends.size(); i++) {
    const RegexInstruction& instruction = program_.code[ends[i]];
    if (instruction.op == Op::match) return true;
    if (instruction.op == Op::text_end) follow(ends, ends[i] + 1, at_text_start);
  }
  return false;
}

void RegexDfa::forget() {
  if (++forgotten_ > kMaxForgotten) usable_ = false;
  states_.clear();
  is_match_.clear();
  next_.clear();
  known_.clear();
  start_ = kUnknown;
}

}  // namespace auditql
