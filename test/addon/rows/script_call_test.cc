#include "rows/script_call.h"

#include "../decode/corpus.h"
#include "../decode/json_reader.h"
#include "check.h"
#include "decode/audit_decoder.h"

using namespace auditql;
using namespace auditql::test;

namespace {

struct Call {
  std::string cmdline, script, interpreter;
};

class ScriptCalls : public EventSink {
 public:
  void on_process(const ProcessEvent& event) override {
    const ScriptCall script = script_call(event);
    std::string cmdline;
    for (const std::string_view each : event.argv)
      cmdline.append(cmdline.empty() ? "" : " ") += each;
    calls.push_back({cmdline, std::string(script.path), std::string(script.interpreter)});
  }
  void on_socket(const SocketEvent&) override {}
  std::vector<Call> calls;
};

PathItem item(int32_t number, std::string_view name) {
  PathItem path;
  path.item = number;
  path.name = name;
  path.has_name = true;
  return path;
}

/// What is taken for the script of an exec of `exe` with these arguments and PATH records.
std::string script_of(std::string_view exe, std::vector<std::string_view> argv,
                      const std::vector<std::string_view>& names = {}) {
  std::vector<PathItem> paths;
  for (const std::string_view name : names) {
    paths.push_back(item(static_cast<int32_t>(paths.size()), name));
  }
  ProcessEvent event;
  event.outcome = {true, true, 0};
  event.caller.exe = exe;
  event.argv = argv;
  event.paths = paths;
  return std::string(script_call(event).path);
}

}  // namespace

int main(int argc, char** argv) {
  claim("the script and its interpreter are told of recorded execs", [] {
    const std::string folder = from_root("test/testdata/pipeline/");
    auto health = HealthRegion::in_memory();
    ScriptCalls sink;
    AuditDecoder decoder(sink, *health, {});
    decoder.feed_log(read_file(folder + "script-calls.log"));
    decoder.finish();
    const std::string expected_text = read_file(folder + "script-calls.expected.json");
    const Json expected = JsonReader(expected_text).value();
    EXPECT_EQ(sink.calls.size(), expected.items.size());
    for (size_t i = 0; i < std::min(sink.calls.size(), expected.items.size()); i++) {
      const Json& row = expected.items[i];
      EXPECT_EQ(sink.calls[i].cmdline, row.at("cmdline").text);
      EXPECT_EQ(sink.calls[i].script, row.at("script").text);
      EXPECT_EQ(sink.calls[i].interpreter, row.at("interpreter").text);
    }
  });

  claim("a program that is given a script's look by argv[0] is none", [] {
    const char* loader = "/lib64/ld-linux-x86-64.so.2";
    EXPECT_EQ(script_of("/usr/bin/id", {loader, "/bin/id"}, {"/bin/id", loader}), "");
    EXPECT_EQ(script_of("/usr/bin/id", {"/bin/sh", "/bin/id"}, {"/bin/id", loader}), "");
  });

  claim("a static interpreter opens no loader, and is known by its own name", [] {
    EXPECT_EQ(script_of("/bin/busybox", {"/bin/busybox", "/x"}, {"/x", "/bin/busybox"}), "/x");
    EXPECT_EQ(script_of("/bin/other", {"/bin/busybox", "/x"}, {"/x", "/bin/busybox"}), "");
  });

  claim("options of which it is not known whether they take a value end the look", [] {
    EXPECT_EQ(script_of("/usr/bin/python3.11", {"python3", "-X", "dev", "a.py"}), "");
    EXPECT_EQ(script_of("/usr/bin/python3.11", {"python3", "-m", "http.server"}), "");
    EXPECT_EQ(script_of("/usr/bin/python3.11", {"python3", "-uB", "a.py", "-m"}), "a.py");
    EXPECT_EQ(script_of("/usr/bin/python3.11", {"python3"}), "");
    EXPECT_EQ(script_of("/usr/bin/python3.11", {"python3", "-"}), "");
    EXPECT_EQ(script_of("/usr/bin/python3-config", {"x", "a.py"}), "");
    EXPECT_EQ(script_of("/usr/bin/bash", {"bash", "-c", "a.sh"}), "");
    EXPECT_EQ(script_of("/usr/bin/bash", {"bash", "--", "a.sh"}), "a.sh");
    EXPECT_EQ(script_of("/usr/bin/bash", {"bash", "-xc", "a.sh"}), "");
    EXPECT_EQ(script_of("/usr/bin/node", {"node", "inspect", "a.js"}), "");
    EXPECT_EQ(script_of("/usr/bin/node", {"node", "--inspect", "a.js"}), "");
  });

  claim("a name without a slash is placed where the interpreter looks only there", [] {
    ProcessEvent event;
    event.outcome = {true, true, 0};
    const std::string_view arguments[] = {"x", "a"};
    event.argv = arguments;
    event.caller.exe = "/usr/bin/perl";
    EXPECT(script_call(event).in_working_directory);
    event.caller.exe = "/usr/bin/bash";
    EXPECT(!script_call(event).in_working_directory);
  });

  return run_claims(argc, argv);
}
