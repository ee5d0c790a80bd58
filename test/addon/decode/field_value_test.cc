#include "decode/field_value.h"

#include <string>

#include "bytes/hex.h"
#include "check.h"

using namespace auditql;
using auditql::test::claim;

namespace {

std::string hex(const std::string& bytes, const char* digits) {
  std::string out;
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 0x0f];
  }
  return out;
}

std::string every_byte() {
  std::string bytes;
  for (int c = 0; c < 256; c++) bytes += static_cast<char>(c);
  return bytes;
}

/// Decodes into a buffer of just the right size, so that a write beyond it is found.
bool decodes_to(const std::string& digits, const std::string& expected) {
  std::string out(digits.size() / 2, '?');
  return decode_hex(digits, out.data()) && out == expected;
}

bool is_refused(const std::string& digits) {
  std::string out(digits.size() / 2 + 1, '?');
  return !decode_hex(digits, out.data());
}

void claim_hex() {
  claim("every byte is decoded at every place of a text of any length", [] {
    const std::string all = every_byte();
    for (size_t start = 0; start < all.size(); start++) {
      for (size_t size = 0; size <= 40 && start + size <= all.size(); size++) {
        const std::string bytes = all.substr(start, size);
        EXPECT(decodes_to(hex(bytes, "0123456789ABCDEF"), bytes));
        EXPECT(decodes_to(hex(bytes, "0123456789abcdef"), bytes));
      }
    }
  });
  claim("a character that is no digit is found at every place", [] {
    const std::string good = hex(every_byte().substr(0, 30), "0123456789ABCDEF");
    for (const char c : every_byte()) {
      const bool is_digit =
          (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      for (size_t size : {2, 14, 16, 18, 32, 34, 60}) {
        for (size_t at = 0; at < size; at++) {
          std::string text = good.substr(0, size);
          text[at] = c;
          EXPECT(is_refused(text) == !is_digit);
        }
      }
    }
  });
  claim("an odd number of digits is refused", [] {
    for (size_t size = 1; size < 50; size += 2) EXPECT(is_refused(std::string(size, '4')));
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_hex();
  return test::run_claims(argc, argv);
}
