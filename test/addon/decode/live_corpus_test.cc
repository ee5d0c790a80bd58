// Replays records of a real kernel and compares with what the workload says it did.
#include <sys/stat.h>

#include <cerrno>
#include <map>
#include <tuple>

#include "check.h"
#include "collected_events.h"
#include "corpus.h"
#include "json_reader.h"

using namespace auditql;
using namespace auditql::test;

namespace {

std::vector<Json> truth_of(const std::string& text) {
  std::vector<Json> out;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) out.push_back(parse_json(text.substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

std::string decode_base64(const std::string& text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const size_t value = alphabet.find(c);
    if (value == std::string::npos) break;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) out += static_cast<char>(bits >> (count -= 8) & 0xff);
  }
  return out;
}

struct Replay {
  DecoderFixture fixture;
  std::vector<Json> truth;
};

Replay& keyed() {
  static Replay replay;
  if (replay.truth.empty()) {
    const std::string live = corpus_folder() + "/live/";
    const std::string log = gunzip(live + "keyed.log.gz");
    // Chunks whose ends fall anywhere in a line.
    for (size_t at = 0; at < log.size(); at += 4093)
      replay.fixture.decoder.feed_log(std::string_view(log).substr(at, 4093));
    replay.fixture.decoder.finish();
    replay.truth = truth_of(gunzip(live + "truth-keyed.jsonl.gz"));
  }
  return replay;
}

/// Arguments the kernel must have seen. For a script it puts the interpreter, its option and the
/// script's path where argv[0] was (load_script() of fs/binfmt_script.c), before audit looks.
bool has_arguments(const CollectedProcess& found, const Json& wanted) {
  std::vector<std::string> argv;
  for (const Json& each : wanted.at("argv").items) argv.push_back(decode_base64(each.text));
  if (found.argv == argv) return true;
  const std::string path = decode_base64(wanted.at("path").text);
  if (argv.empty() || found.argv.size() <= argv.size() || found.path_names.at(0) != path)
    return false;
  argv[0] = path;
  return std::equal(argv.rbegin(), argv.rend(), found.argv.rbegin());
}

bool is_this_exec(const CollectedProcess& found, const Json& wanted) {
  if (found.event.action != ProcessAction::exec) return false;
  if (found.event.caller.pid != static_cast<int32_t>(wanted.at("pid").number)) return false;
  const int error = static_cast<int>(wanted.at("errno").number);
  if (found.event.outcome.error() != error) return false;
  if (error != 0) return true;
  if (found.event.header.partial || !has_arguments(found, wanted)) return false;
  return found.cwd.empty() || found.cwd == decode_base64(wanted.at("cwd").text);
}

SocketAction action_of(const std::string& op) {
  if (op == "bind") return SocketAction::bind;
  if (op == "accept") return SocketAction::accept;
  return op == "listen" ? SocketAction::listen : SocketAction::connect;
}

bool is_this_address(const CollectedSocket& found, const Json& wanted) {
  const std::string family = wanted.has("family") ? wanted.at("family").text : "";
  static const std::map<std::string, int> kFamilies = {
      {"ipv4", 2},    {"ipv6", 10},  {"unix", 1},  {"netlink", 16},
      {"packet", 17}, {"vsock", 40}, {"unspec", 0}};
  const bool failed = wanted.has("errno") && wanted.at("errno").number != 0;
  if (!family.empty() && found.side.family != kFamilies.at(family))
    return failed && found.side.family == -1;
  if (wanted.has("addr") && found.address != wanted.at("addr").text) return false;
  if (wanted.has("port") && found.side.port != static_cast<uint16_t>(wanted.at("port").number))
    return false;
  return !wanted.has("path") || found.unix_path == decode_base64(wanted.at("path").text);
}

bool is_this_call(const CollectedSocket& found, const Json& wanted) {
  if (found.event.caller.pid != static_cast<int32_t>(wanted.at("pid").number)) return false;
  if (found.event.action != action_of(wanted.at("op").text)) return false;
  const int error = wanted.has("errno") ? static_cast<int>(wanted.at("errno").number) : 0;
  // A connect that goes on in the background fails later: the workload saw the socket's error.
  const bool later = error != 0 && found.event.outcome.error() == EINPROGRESS;
  return (later || found.event.outcome.error() == error) && is_this_address(found, wanted);
}

/// Each true action takes one event that nobody took yet.
template <typename Event, typename Matches>
bool take(const std::vector<Event>& events, std::vector<bool>& taken, const Matches& matches) {
  taken.resize(events.size());
  for (size_t i = 0; i < events.size(); i++) {
    if (taken[i] || !matches(events[i])) continue;
    taken[i] = true;
    return true;
  }
  return false;
}

void claim_truth() {
  claim("every true exec is found with exactly its arguments", [] {
    const WrongAnswers wrong;
    std::vector<bool> taken;
    int found = 0, wanted = 0;
    for (const Json& each : keyed().truth) {
      if (!each.has("case") || wrong.contains("truth-keyed", each.at("case").text)) continue;
      wanted++;
      const bool ok =
          take(keyed().fixture.sink.processes, taken,
               [&](const CollectedProcess& event) { return is_this_exec(event, each); });
      found += ok;
      if (!ok)
        std::printf("  not found: %s (pid %d)\n", each.at("case").text.c_str(),
                    static_cast<int>(each.at("pid").number));
    }
    std::printf("  execs: %d of %d found byte-exact\n", found, wanted);
    EXPECT_EQ(found, wanted);
  });
  claim("every true socket call is found with exactly its address", [] {
    std::vector<bool> taken;
    int found = 0, wanted = 0;
    for (const Json& each : keyed().truth) {
      if (!each.has("op")) continue;
      wanted++;
      const bool ok = take(keyed().fixture.sink.sockets, taken,
                           [&](const CollectedSocket& event) { return is_this_call(event, each); });
      found += ok;
      if (!ok) std::printf("  not found: %s\n", each.at("op").text.c_str());
    }
    std::printf("  socket calls: %d of %d found byte-exact\n", found, wanted);
    EXPECT_EQ(found, wanted);
  });
  claim("no record of the recorded log is unaccounted for, none malformed, no event partial", [] {
    const DecoderFixture& fixture = keyed().fixture;
    std::printf("  records: %lu seen, %lu used, %lu ignored, %lu dropped; events: %lu\n",
                fixture.counter("seen"), fixture.counter("used"), fixture.counter("ignored", "*"),
                fixture.counter("dropped", "*"), fixture.counter("events"));
    EXPECT(fixture.every_record_is_accounted_for());
    EXPECT_EQ(fixture.counter("dropped", "*"), 0u);
    EXPECT_EQ(fixture.counter("partial", "*"), 0u);
  });
}

void claim_sample() {
  claim("the busy host's log is decoded without a record unaccounted for", [] {
    DecoderFixture fixture;
    fixture.decoder.feed_log(gunzip(corpus_folder() + "/live/sample-10MB.log.gz"));
    fixture.decoder.finish();
    std::printf(
        "  records: %lu seen, %lu used, %lu ignored, %lu dropped; events: %lu, partial: %lu\n",
        fixture.counter("seen"), fixture.counter("used"), fixture.counter("ignored", "*"),
        fixture.counter("dropped", "*"), fixture.counter("events"),
        fixture.counter("partial", "*"));
    EXPECT(fixture.every_record_is_accounted_for());
    EXPECT(fixture.counter("seen") > 0);
    EXPECT_EQ(fixture.counter("dropped", "*"), 0u);
  });
}

}  // namespace

int main(int argc, char** argv) {
  struct stat found {};
  if (stat((corpus_folder() + "/live/keyed.log.gz").c_str(), &found) != 0) {
    std::printf("skipped: no corpus; set AUDITQL_CORPUS\n");
    return 0;
  }
  claim_truth();
  claim_sample();
  return run_claims(argc, argv);
}
