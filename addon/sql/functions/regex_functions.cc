#include <memory>

#include "../regex/regex_dfa.h"
#include "../regex/regex_matcher.h"
#include "../values/function_values.h"
#include "functions.h"

namespace auditql {

namespace {

// osquery's regex_max_size.
constexpr size_t kMaxOsqueryPattern = 256;
constexpr size_t kMaxPattern = 4096;

/// A compiled pattern and its matcher, kept by SQLite for as long as the argument stays the same.
struct Regex {
  RegexProgram program;
  RegexMatcher matcher;
  RegexDfa dfa;
  Regex(RegexProgram compiled, sqlite3* db)
      : program(std::move(compiled)),
        matcher(program, [db] { return sqlite3_is_interrupted(db) != 0; }),
        dfa(program) {}
};

/// The regex in argument `index`; null after an error was given to SQLite.
Regex* regex_of(sqlite3_context* context, int index, sqlite3_value* pattern) {
  auto* known = static_cast<Regex*>(sqlite3_get_auxdata(context, index));
  if (known != nullptr) return known;
  auto compiled = compile_regex(c_text(pattern));
  if (!compiled.ok()) {
    give_error(context, ("Invalid regex: " + compiled.error().message).c_str());
    return nullptr;
  }
  auto* regex = new Regex(compiled.take(), sqlite3_context_db_handle(context));
  sqlite3_set_auxdata(context, index, regex, [](void* held) { delete static_cast<Regex*>(held); });
  // Without memory SQLite frees what it was given at once.
  auto* kept = static_cast<Regex*>(sqlite3_get_auxdata(context, index));
  if (kept == nullptr) sqlite3_result_error_nomem(context);
  return kept;
}

bool is_too_big(sqlite3_context* context, sqlite3_value* pattern, size_t most) {
  if (c_text(pattern).size() <= most) return false;
  const std::string message =
      "Invalid regex: too big, max size is " + std::to_string(most) + " bytes";
  give_error(context, message.c_str());
  return true;
}

/// True when the search was ended; the query then fails as interrupted.
bool was_stopped(sqlite3_context* context, RegexMatcher::Outcome outcome) {
  if (outcome != RegexMatcher::Outcome::stopped) return false;
  sqlite3_result_error_code(context, SQLITE_INTERRUPT);
  return true;
}

/// regex_match(text, pattern, group): what the group took of the first match, NULL without one.
void regex_match(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values) || is_too_big(context, values[1], kMaxOsqueryPattern)) return;
  Regex* regex = regex_of(context, 1, values[1]);
  if (regex == nullptr) return;
  const std::string_view text = c_text(values[0]);
  RegexGroups groups;
  const auto outcome = regex->matcher.search({text}, groups);
  if (was_stopped(context, outcome) || outcome == RegexMatcher::Outcome::not_found) return;
  const int64_t group = sqlite3_value_int(values[2]);
  if (group < 0 || group >= int64_t{regex->program.groups}) return;
  const size_t start = groups[static_cast<size_t>(2 * group)];
  const size_t end = groups[static_cast<size_t>(2 * group + 1)];
  // A group that took no part in the match is empty in std::regex.
  const bool took_part = start != kNoPosition && end != kNoPosition;
  give_text(context, took_part ? text.substr(start, end - start) : std::string_view());
}

/// Steps over the matches in a text as std::regex_iterator does.
class MatchSteps {
 public:
  MatchSteps(RegexMatcher& matcher, std::string_view text) : matcher_(matcher), text_(text) {}

  RegexMatcher::Outcome next() {
    auto outcome = RegexMatcher::Outcome::not_found;
    if (was_empty_) {
      // After an empty match: a longer one at the same place, else the first one behind it.
      outcome = matcher_.search({text_, end_, true, true}, groups_);
      if (outcome == RegexMatcher::Outcome::not_found && end_ < text_.size()) {
        outcome = matcher_.search({text_, end_ + 1}, groups_);
      }
    } else {
      outcome = matcher_.search({text_, end_}, groups_);
    }
    if (outcome != RegexMatcher::Outcome::found) return outcome;
    start_ = groups_[0];
    end_ = groups_[1];
    was_empty_ = start_ == end_;
    return outcome;
  }
  size_t start() const { return start_; }
  size_t end() const { return end_; }

 private:
  RegexMatcher& matcher_;
  std::string_view text_;
  RegexGroups groups_;
  size_t start_ = 0, end_ = 0;
  bool was_empty_ = false;
};

/// regex_split(text, pattern, index): the index-th piece between matches; empty pieces count, but
/// for an empty rest behind the last match (std::sregex_token_iterator with -1).
void regex_split(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return;
  const std::string_view pattern = c_text(values[1]);
  if (pattern.empty()) return give_error(context, "Invalid input to split function");
  if (pattern.size() > kMaxOsqueryPattern) return give_error(context, "Invalid regex");
  Regex* regex = regex_of(context, 1, values[1]);
  if (regex == nullptr) return;
  const std::string_view text = c_text(values[0]);
  int64_t index = sqlite3_value_int(values[2]);
  if (index < 0) return;
  MatchSteps steps(regex->matcher, text);
  size_t piece = 0;
  bool any = false;
  for (;; any = true) {
    const auto outcome = steps.next();
    if (was_stopped(context, outcome)) return;
    if (outcome == RegexMatcher::Outcome::not_found) break;
    if (index-- == 0) return give_text(context, text.substr(piece, steps.start() - piece));
    piece = steps.end();
  }
  const bool has_rest = !any || piece < text.size();
  if (has_rest && index == 0) give_text(context, text.substr(piece));
}

/// `text REGEXP pattern` is regexp(pattern, text): 1 when a match is anywhere in the text.
void regexp(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values) || is_too_big(context, values[0], kMaxPattern)) return;
  Regex* regex = regex_of(context, 0, values[0]);
  if (regex == nullptr) return;
  const std::string_view text = whole_text(values[1]);
  if (const auto matches = regex->dfa.test(text))
    return sqlite3_result_int(context, *matches ? 1 : 0);
  const auto outcome = regex->matcher.test(text);
  if (was_stopped(context, outcome)) return;
  sqlite3_result_int(context, outcome == RegexMatcher::Outcome::found ? 1 : 0);
}

}  // namespace

int register_regex_functions(sqlite3* db) {
  constexpr ScalarFunction kFunctions[] = {
      {"regex_match", 3, regex_match},
      {"regex_split", 3, regex_split},
      {"regexp", 2, regexp},
  };
  return register_scalars(db, kFunctions);
}

}  // namespace auditql
