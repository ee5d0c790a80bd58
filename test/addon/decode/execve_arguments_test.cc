#include "decode/execve_arguments.h"

#include <string>

#include "check.h"

using namespace auditql;
using auditql::test::claim;

namespace {

struct Joined {
  std::vector<std::string> argv;
  uint32_t count;
  bool complete;
};

Joined join(const std::vector<std::string>& bodies) {
  ExecveArguments arguments;
  ByteArena arena;
  size_t bytes = 0;
  for (const std::string& each : bodies) bytes += each.size();
  arena.reset(bytes);
  arguments.clear();
  for (const std::string& each : bodies) arguments.add_record(each);
  arguments.decode(arena);
  Joined out{{}, arguments.count(), arguments.complete()};
  for (const std::string_view each : arguments.arguments()) out.argv.emplace_back(each);
  return out;
}

std::string hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02X", static_cast<unsigned char>(c));
    out += digits;
  }
  return out;
}

void claim_single_record() {
  claim("arguments beyond the tenth keep their order", [] {
    std::string body = "argc=23";
    for (int i = 0; i < 23; i++)
      body += " a" + std::to_string(i) + "=\"v" + std::to_string(i) + "\"";
    const Joined joined = join({body});
    EXPECT(joined.complete);
    for (size_t i = 0; i < 23; i++) EXPECT_EQ(joined.argv.at(i), "v" + std::to_string(i));
  });
  claim("empty, odd and hex-looking arguments are kept as they are", [] {
    const Joined joined = join(
        {R"-(argc=9 a0="" a1="?" a2="(null)" a3="a\" a4="'q'" a5="4142" a6=4142 a7="k=v" a8=0A)-"});
    EXPECT(joined.complete);
    const std::vector<std::string> expected = {"",     "?",  "(null)", "a\\", "'q'",
                                               "4142", "AB", "k=v",    "\n"};
    EXPECT(joined.argv == expected);
  });
  claim("bytes that are not UTF-8 are kept", [] {
    const std::string odd = "\xff\xfe \x80\x7f\x01";
    const Joined joined = join({"argc=1 a0=" + hex(odd)});
    EXPECT_EQ(joined.argv.at(0), odd);
  });
  claim("what comes late and out of order does not change what was read before", [] {
    const std::string start = "argc=4 a0=" + hex("a b") + " a1=" + hex(std::string(200, '\t'));
    const std::vector<std::string> expected = {"a b", std::string(200, '\t'), "two", "c d"};
    EXPECT(join({start + " a3=" + hex("c d") + " a2=\"two\""}).argv == expected);
    EXPECT(join({start, "a3=" + hex("c d"), "a2=\"two\""}).argv == expected);
    EXPECT(join({start + " a2=\"two\" a3_len=6 a3[0]=" + hex("c d")}).argv == expected);
  });
  claim("a quote that is not closed ends with the record", [] {
    EXPECT(join({"argc=2 a0=\"x\" a1=\"y z"}).argv == (std::vector<std::string>{"x", "y z"}));
  });
  claim("argc=0 is a complete, empty list", [] {
    const Joined joined = join({"argc=0"});
    EXPECT(joined.complete);
    EXPECT(joined.argv.empty());
  });
}

void claim_pieces() {
  const std::string text(9000, 'x');
  const std::string first = "argc=3 a0=\"true\" a1_len=18000 a1[0]=" + hex(text.substr(0, 3700));
  const std::string second = "a1[1]=" + hex(text.substr(3700, 3700));
  const std::string third = "a1[2]=" + hex(text.substr(7400)) + " a2=\"end\"";
  claim("an argument in pieces over records is joined", [=] {
    const Joined joined = join({first, second, third});
    EXPECT(joined.complete);
    EXPECT_EQ(joined.argv.size(), 3u);
    EXPECT(joined.argv.at(1) == text);
    EXPECT_EQ(joined.argv.at(2), "end");
  });
  claim("its records may come in any order", [=] {
    EXPECT(join({third, first, second}).argv == join({first, second, third}).argv);
    EXPECT(join({second, third, first}).complete);
  });
  claim("quoted pieces are joined without their quotes", [] {
    const Joined joined =
        join({"argc=2 a0=\"t\" a1_len=8 a1[0]=\"abc\"", "a1[1]=\"def\\\" a1[2]=\"g\""});
    EXPECT(joined.complete);
    EXPECT_EQ(joined.argv.at(1), "abcdef\\g");
  });
  claim("a missing piece in the middle ends the list before its argument", [=] {
    const Joined joined = join({first, third});
    EXPECT_EQ(joined.argv.size(), 1u);
    EXPECT_EQ(joined.count, 3u);
    EXPECT(!joined.complete);
  });
  claim("a missing last piece is told by the length", [=] {
    const Joined joined =
        join({"argc=2 a0=\"true\" a1_len=18000 a1[0]=" + hex(text.substr(0, 3700))});
    EXPECT_EQ(joined.argv.size(), 1u);
    EXPECT(!joined.complete);
  });
  claim("a missing first record leaves nothing that could be taken for argv[0]", [=] {
    const Joined joined = join({second, third});
    EXPECT(joined.argv.empty());
    EXPECT_EQ(joined.count, 0u);
  });
}

void claim_hostile() {
  claim("a million announced lengths do not make it slow, nor do doubled or absurd names", [] {
    std::string body = "argc=4294967295";
    for (int i = 0; i < 100000; i++)
      body += " a" + std::to_string(i) + "_len=1 a" + std::to_string(i) + "[0]=41";
    EXPECT_EQ(join({body}).argv.size(), 100000u);
    EXPECT(
        join({"argc=2 a0=41 a0=42 a99999999999=1 a[0]=1 a0[=2 a0[x]=1 a-1=5 a=1 =7"}).argv.size() <=
        1);
    EXPECT(join({"argc=1 a0[0]= a0_len=0"}).argv.size() == 1);
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_single_record();
  claim_pieces();
  claim_hostile();
  return test::run_claims(argc, argv);
}
