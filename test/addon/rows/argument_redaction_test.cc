#include "rows/filters/argument_redaction.h"

#include "check.h"
#include "rows/filters/environment_filter.h"

using namespace auditql;
using namespace auditql::test;

namespace {

std::string redacted(const std::vector<std::string>& names,
                     const std::vector<std::string_view>& arguments) {
  ArgumentRedaction redaction(names);
  std::string text;
  for (const std::string_view each : redaction.redact(arguments)) {
    text.append(text.empty() ? "" : " ").append(each);
  }
  return text;
}

bool match(const std::string& pattern, std::string_view name) {
  return NamePatterns({pattern}).match(name);
}

}  // namespace

int main(int argc, char** argv) {
  claim("names match whole, whatever their case; a star is any text", [] {
    EXPECT(match("--password", "--Password"));
    EXPECT(!match("--password", "--password2"));
    EXPECT(match("--*password*", "--db-password-file"));
    EXPECT(match("*_TOKEN", "github_token"));
    EXPECT(match("a*b*c", "a-bb-bc"));
    EXPECT(!match("a*b*c", "a-bb-b"));
    EXPECT(match("*", "anything"));
    EXPECT(!match("*", ""));
  });

  claim("a name too long to be one matches nothing, so that a look is cheap", [] {
    EXPECT(match("*a", std::string(127, 'x') + "a"));
    EXPECT(!match("*a", std::string(128, 'x') + "a"));
  });

  claim("values are replaced, whichever way they are given", [] {
    const std::vector<std::string> names = {"--*password*", "-p", "*_SECRET"};
    EXPECT_EQ(redacted(names, {"mysql", "--password=x", "db"}), "mysql --password=*** db");
    EXPECT_EQ(redacted(names, {"mysql", "--password", "x", "db"}), "mysql --password *** db");
    EXPECT_EQ(redacted(names, {"mysql", "-p", "x", "db"}), "mysql -p *** db");
    EXPECT_EQ(redacted(names, {"mysql", "-phunter2", "db"}), "mysql -p*** db");
    EXPECT_EQ(redacted(names, {"make", "MY_SECRET=a=b"}), "make MY_SECRET=***");
    EXPECT_EQ(redacted(names, {"MY_SECRET", "x"}), "MY_SECRET x");
    EXPECT_EQ(redacted(names, {"x", "--password"}), "x --password");
    EXPECT_EQ(redacted(names, {"x", "--password", "--password", "y"}), "x --password *** y");
  });

  claim("the password of a URL is replaced, wherever it has signs of its own", [] {
    const std::vector<std::string> names = {"--password"};
    EXPECT_EQ(redacted(names, {"curl", "https://u:p@h/x"}), "curl https://u:***@h/x");
    EXPECT_EQ(redacted(names, {"--url=ftp://u:a:b@c@h"}), "--url=ftp://u:***@h");
    EXPECT_EQ(redacted(names, {"https://u@h:80/a:b@c"}), "https://u@h:80/a:b@c");
    EXPECT_EQ(redacted(names, {"https://h:80/?m=a:b@c"}), "https://h:80/?m=a:b@c");
  });

  claim("without names nothing is replaced", [] {
    EXPECT_EQ(redacted({}, {"x", "--password=y", "a://b:c@d"}), "x --password=y a://b:c@d");
  });

  claim("of an environment the named variables are kept, secrets without their value", [] {
    const EnvironmentFilter filter({{"PATH", "LD_*", "*TOKEN"}, {"*token*"}});
    const std::string bytes("PATH=/bin\0A=1\0LD_PRELOAD=x y\0MY_TOKEN=s\0odd\0TOKEN", 49);
    const Environment kept = filter.filter(bytes);
    EXPECT_EQ(kept.kept, std::string("PATH=/bin\0LD_PRELOAD=x y\0MY_TOKEN=***\0TOKEN\0", 44));
    EXPECT_EQ(kept.count, 6u);
    EXPECT_EQ(kept.size, 49u);
    EXPECT(!kept.cut);
    EXPECT(filter.enabled());
    EXPECT(!EnvironmentFilter({}).enabled());
  });

  claim("what is kept of an environment is bounded, and the rest still counted", [] {
    const EnvironmentFilter filter({{"*"}, {}});
    std::string bytes = "A=" + std::string(EnvironmentFilter::kMaxKeptBytes, 'x');
    bytes.append(1, '\0').append("B=1").append(1, '\0');
    const Environment kept = filter.filter(bytes);
    EXPECT_EQ(kept.kept, std::string("B=1\0", 4));
    EXPECT_EQ(kept.count, 2u);
    EXPECT(kept.cut);
  });

  return run_claims(argc, argv);
}
