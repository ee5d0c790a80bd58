#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace auditql::test {

/// A JSON value, for comparing with expected files. Input is trusted.
struct Json {
  enum class Kind { null, boolean, number, text, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  double number = 0;
  std::string text;
  std::vector<Json> items;
  std::map<std::string, Json> members;

  bool has(const std::string& name) const { return members.count(name) != 0; }
  const Json& at(const std::string& name) const {
    static const Json none;
    const auto found = members.find(name);
    return found == members.end() ? none : found->second;
  }
  bool operator==(const Json&) const = default;
};

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  Json value() {
    skip_space();
    if (at_ >= text_.size()) return {};
    switch (text_[at_]) {
      case '{':
        return object();
      case '[':
        return array();
      case '"':
        return string();
      case 't':
        return word(4, true);
      case 'f':
        return word(5, false);
      case 'n':
        at_ += 4;
        return {};
      default:
        return number();
    }
  }

 private:
  void skip_space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n,:").find(text_[at_]) != std::string_view::npos)
      at_++;
  }
  bool close(char wanted) {
    skip_space();
    if (at_ < text_.size() && text_[at_] != wanted) return false;
    at_++;
    return true;
  }
  Json word(size_t length, bool truth) {
    at_ += length;
    Json out;
    out.kind = Json::Kind::boolean;
    out.boolean = truth;
    return out;
  }
  Json number() {
    Json out;
    out.kind = Json::Kind::number;
    const std::string rest(text_.substr(at_, 40));
    char* end = nullptr;
    out.number = std::strtod(rest.c_str(), &end);
    at_ += std::max<size_t>(1, static_cast<size_t>(end - rest.c_str()));
    return out;
  }
  uint32_t hex4() {
    const uint32_t code =
        static_cast<uint32_t>(std::strtoul(std::string(text_.substr(at_, 4)).c_str(), nullptr, 16));
    at_ += 4;
    return code;
  }
  void append_code(std::string& out) {
    uint32_t code = hex4();
    if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      code = 0x10000 + ((code - 0xd800) << 10) + (hex4() - 0xdc00);
    }
    if (code < 0x80) {
      out += static_cast<char>(code);
      return;
    }
    const int tail = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static constexpr uint8_t kLead[] = {0, 0xc0, 0xe0, 0xf0};
    out += static_cast<char>(kLead[tail] | code >> (6 * tail));
    for (int i = tail - 1; i >= 0; i--) out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3f));
  }
  Json string() {
    Json out;
    out.kind = Json::Kind::text;
    for (at_++; at_ < text_.size() && text_[at_] != '"';) {
      if (text_[at_] != '\\') {
        out.text += text_[at_++];
        continue;
      }
      const char escape = text_[at_ + 1];
      at_ += 2;
      static const std::map<char, char> kEscapes = {
          {'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'b', '\b'}, {'f', '\f'}};
      if (escape == 'u')
        append_code(out.text);
      else
        out.text += kEscapes.count(escape) ? kEscapes.at(escape) : escape;
    }
    at_++;
    return out;
  }
  Json array() {
    Json out;
    out.kind = Json::Kind::array;
    for (at_++; !close(']');) out.items.push_back(value());
    return out;
  }
  Json object() {
    Json out;
    out.kind = Json::Kind::object;
    for (at_++; !close('}');) {
      std::string name = string().text;
      out.members[std::move(name)] = value();
    }
    return out;
  }

  std::string_view text_;
  size_t at_ = 0;
};

inline Json parse_json(std::string_view text) { return JsonReader(text).value(); }

}  // namespace auditql::test
