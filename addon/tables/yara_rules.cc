#include "yara_rules.h"

#include <cstring>

namespace auditql {

namespace {

// yara/rules.h and yara/compiler.h; part of the ABI.
constexpr int kRuleMatches = 1;
constexpr int kContinue = 0;
constexpr int kReportMatchesOnly = 8;
// libyara would catch SIGBUS and SIGSEGV of the whole process otherwise.
constexpr int kNoTryCatch = 4;

/// A version of the library and its struct YR_RULE (yara/types.h): 4.3 put two numbers before
/// the identifier. Of versions that are not listed the layout is not known.
struct KnownLibrary {
  const char* name;
  size_t identifier_offset;
};
constexpr KnownLibrary kLibraries[] = {{"libyara.so.10", 16}, {"libyara.so.9", 8}};

const char* text_at(const void* object, size_t offset) {
  const char* text = nullptr;
  std::memcpy(&text, static_cast<const char*>(object) + offset, sizeof text);
  return text;
}

}  // namespace

struct YaraRules::Scan {
  size_t identifier_offset;
  std::vector<YaraMatch> matches;
};

std::unique_ptr<YaraRules> YaraRules::compile(const std::string& source) {
  std::unique_ptr<YaraRules> rules(new YaraRules);
  rules->source_ = source;
  if (!rules->load() || !rules->build()) return nullptr;
  return rules;
}

YaraRules::~YaraRules() {
  if (rules_ != nullptr) api_.destroy_rules(rules_);
}

bool YaraRules::load() {
  for (const auto& [name, offset] : kLibraries) {
    library_ = SharedLibrary(name);
    identifier_offset_ = offset;
    // yr_initialize() counts its calls; the library is meant to stay initialized.
    if (bind()) return api_.initialize() == 0;
  }
  return false;
}

bool YaraRules::bind() {
  return library_.bind(api_.initialize, "yr_initialize") &&
         library_.bind(api_.create, "yr_compiler_create") &&
         library_.bind(api_.destroy, "yr_compiler_destroy") &&
         library_.bind(api_.set_include, "yr_compiler_set_include_callback") &&
         library_.bind(api_.add_string, "yr_compiler_add_string") &&
         library_.bind(api_.get_rules, "yr_compiler_get_rules") &&
         library_.bind(api_.destroy_rules, "yr_rules_destroy") &&
         library_.bind(api_.scan_memory, "yr_rules_scan_mem") &&
         library_.bind(api_.scan_process, "yr_rules_scan_proc");
}

bool YaraRules::build() {
  Compiler compiler = nullptr;
  if (api_.create(&compiler) != 0) return false;
  api_.set_include(compiler, nullptr, nullptr, nullptr);
  const bool built = api_.add_string(compiler, source_.c_str(), nullptr) == 0 &&
                     api_.get_rules(compiler, &rules_) == 0;
  api_.destroy(compiler);
  return built;
}

int YaraRules::take_message(void*, int message, void* data, void* user_data) {
  if (message != kRuleMatches) return kContinue;
  auto& scan = *static_cast<Scan*>(user_data);
  YaraMatch match{text_at(data, scan.identifier_offset), {}};
  // One after another, with an empty one at the end.
  const char* tag = text_at(data, scan.identifier_offset + sizeof(char*));
  for (; tag != nullptr && *tag != '\0'; tag += std::strlen(tag) + 1) match.tags.emplace_back(tag);
  scan.matches.push_back(std::move(match));
  return kContinue;
}

std::optional<std::vector<YaraMatch>> YaraRules::scan(std::span<const uint8_t> bytes,
                                                      int timeout_seconds) {
  Scan scan{identifier_offset_, {}};
  if (api_.scan_memory(rules_, bytes.data(), bytes.size(), kNoTryCatch | kReportMatchesOnly,
                       take_message, &scan, timeout_seconds) != 0) {
    return std::nullopt;
  }
  return std::move(scan.matches);
}

std::optional<std::vector<YaraMatch>> YaraRules::scan_process(int pid, int timeout_seconds) {
  Scan scan{identifier_offset_, {}};
  if (api_.scan_process(rules_, pid, kNoTryCatch | kReportMatchesOnly, take_message, &scan,
                        timeout_seconds) != 0) {
    return std::nullopt;
  }
  return std::move(scan.matches);
}

}  // namespace auditql
