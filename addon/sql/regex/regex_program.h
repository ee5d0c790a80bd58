#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

#include "../../system/result.h"

namespace auditql {

/// A regular expression as a program for a machine that runs all alternatives at once, in time
/// linear in the text (R. Cox, "Regular Expression Matching: the Virtual Machine Approach").
///
/// The syntax is ECMAScript's as std::regex has it: `. [] () (?:) | * + ? {n,m}`, lazy forms,
/// `^ $ \b \B \d \w \s`, `[[:alpha:]]`, `\n \t \r \f \v \0 \xHH`, byte by byte; and `(?i)` in
/// front. Back-references and look-ahead cannot be matched in linear time and are refused.
struct RegexInstruction {
  enum class Op : uint8_t {
    byte_set,  ///< takes one byte of sets[argument]
    split,     ///< goes on at `first`, with less priority at `second`
    jump,      ///< goes on at `first`
    save,      ///< notes the position as bound `argument` of a group
    text_start,
    text_end,
    word_boundary,
    no_word_boundary,
    match,
  };
  Op op;
  uint32_t argument = 0;
  int32_t first = 0, second = 0;  ///< relative to this instruction
};

struct RegexProgram {
  std::vector<RegexInstruction> code;
  std::vector<std::bitset<256>> sets;
  uint32_t groups = 1;  ///< the whole match is group 0
};

/// The error's message says what is wrong with the pattern.
Result<RegexProgram> compile_regex(std::string_view pattern);

}  // namespace auditql
