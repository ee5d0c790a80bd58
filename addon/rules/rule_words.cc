#include "rule_words.h"

namespace auditql {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool is_escapable(char next, char quote) {
  if (next == '\\') return true;
  return quote == 0 ? is_blank(next) || next == '"' || next == '\'' : next == quote;
}

}  // namespace

Result<std::vector<std::string>> split_rule_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < line.size(); i++) {
    const char c = line[i];
    if (quote == 0 && is_blank(c)) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
      continue;
    }
    if (!in_word && words.empty() && c == '#') return words;
    in_word = true;
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size() &&
               is_escapable(line[i + 1], quote)) {
      word += line[++i];
    } else {
      word += c;
    }
  }
  if (quote != 0) {
    return Error{"audit_rule_invalid", std::string("a quote is not closed: ") + quote, 0};
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

std::vector<std::string> split_auditctl_words(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  for (size_t i = 0; i < line.size(); i++) {
    const bool is_escape =
        line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == ' ' || line[i + 1] == '\\');
    if (!is_escape && line[i] == ' ') {
      in_word = false;
      continue;
    }
    if (!in_word && words.empty() && line[i] == '#') return words;
    if (!in_word) words.emplace_back();
    in_word = true;
    words.back() += line[is_escape ? ++i : i];
  }
  return words;
}

bool has_auditctl_difference(std::string_view line) {
  return line.find_first_of("\"'\t\r\\") != std::string_view::npos;
}

}  // namespace auditql
