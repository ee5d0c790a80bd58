// osquery's functions and collations with its results, and auditql's own.
#include "sql_fixture.h"

namespace auditql::test {
namespace {

struct Case {
  const char* sql;
  const char* expected;
};

void expect_cases(const std::vector<Case>& cases) {
  Connection connection;
  for (const Case& each : cases) {
    const std::string found = connection.value(std::string("SELECT ") + each.sql);
    if (found == each.expected) continue;
    std::fprintf(stderr, "%s: expected %s, found %s\n", each.sql, each.expected, found.c_str());
    EXPECT_EQ(found, std::string(each.expected));
  }
}

}  // namespace
}  // namespace auditql::test

int main(int argc, char** argv) {
  using namespace auditql::test;

  claim("carve is an aggregate that carves nothing and says so", [] {
    expect_cases({
        {"carve('/etc/passwd')", "Carve Failed:"},
        {"carve(value) || count(*) FROM json_each('[1,2]')", "Carve Failed:2"},
    });
  });

  claim("is_launcher knows shells, interpreters and programs that start others", [] {
    for (const char* name : {"sh",         "bash",        "dash",
                             "zsh",        "ksh93",       "busybox",
                             "python3",    "python3.11",  "perl5.36.0",
                             "php8.2",     "node",        "ruby3.1",
                             "lua5.4",     "java",        "gawk",
                             "env",        "sudo",        "xargs",
                             "find",       "systemd-run", "sshd",
                             "cron",       "run-parts",   "containerd-shim-runc-v2",
                             "runc",       "make",        "vim",
                             "tmux",       "gdb",         "ld-linux-x86-64.so.2",
                             "ld-2.31.so", "Rscript"}) {
      const std::string path = std::string("is_launcher('/usr/bin/") + name + "')";
      expect_cases({{path.c_str(), "1"}});
    }
    expect_cases({{"is_launcher('bash')", "1"},
                  {"is_launcher('/usr/sbin/nginx')", "0"},
                  {"is_launcher('/usr/bin/true')", "0"},
                  {"is_launcher('/opt/bash/agent')", "0"},
                  {"is_launcher('/usr/lib/postgresql/15/bin/postgres')", "0"},
                  {"is_launcher('')", "0"},
                  {"is_launcher('7')", "0"},
                  {"is_launcher(NULL)", "NULL"}});
  });

  claim("split, concat and concat_ws", [] {
    expect_cases({
        {"split('/foo/bar', '/', 0)", "foo"},
        {"split('/foo/bar', '/', 1)", "bar"},
        {"split('/foo/bar', '/', 2)", "NULL"},
        {"split('foo;;bar', ';;', 1)", "bar"},
        {"split('a, b ,c', ',', 1)", "b"},
        {"'[' || split('a, ,c', ',', 1) || ']'", "[]"},
        {"split('a b', ' ', -1)", "NULL"},
        {"split(NULL, ' ', 0)", "NULL"},
        {"split('foo', '', 0)", "error: Invalid input to split function"},
        {"concat()", "NULL"},
        {"concat('hello', NULL, 'world')", "helloworld"},
        {"concat(1, 2, 3, 'go')", "123go"},
        {"typeof(concat(NULL))", "text"},
        {"concat_ws(', ', 'hello', 'world', 1, 2)", "hello, world, 1, 2"},
        {"concat_ws(NULL, 'a', 'b')", "ab"},
        {"concat_ws(' ', 'hello', NULL, 'world')", "hello world"},
        {"concat_ws('-', 'a', NULL)", "a-"},
        {"concat_ws('x', '', '')", "x"},
        {"concat_ws('x')", "NULL"},
        {"concat_ws()", "error: Missing separator to concat_ws"},
    });
  });

  claim("regex_match, regex_split and REGEXP", [] {
    expect_cases({
        {"regex_match('hello world', '(l)(o).*', 0)", "lo world"},
        {"regex_match('hello world', '(l)(o).*', 2)", "o"},
        {"regex_match('hello world', '(l)(o).*', 3)", "NULL"},
        {"regex_match('hello world', '(\\w+) .*(or|ld)', 2)", "ld"},
        {"regex_match('/filesystem/path/download.extension.zip', '.+/([^./]+)', 1)", "download"},
        {"typeof(regex_match('hello', '', 0))", "text"},
        {"regex_match('hello', 'no match', 0)", "NULL"},
        {"typeof(regex_match('foo/bar', '|', 0))", "text"},
        {"regex_match('foo', '(/', 0)", "error: Invalid regex: missing )"},
        {"regex_split('/foo/bar', '/', 1)", "foo"},
        {"typeof(regex_split('/foo/bar', '/', 0))", "text"},
        {"regex_split('/foo/bar', '/', 3)", "NULL"},
        {"regex_split('foo;bar//qux', '(;|/)+', 2)", "qux"},
        {"regex_split('/filesystem/path/download.extension.zip', '(.*/)|(.extension.zip)', 1)",
         "download"},
        {"regex_split('foo/bar', '|', 1)", "f"},
        {"regex_split('a,', ',', 1)", "NULL"},
        {"regex_split('abc', 'x', 0)", "abc"},
        {"regex_split('foo', '', 0)", "error: Invalid input to split function"},
        {"'/usr/bin/curl' REGEXP 'curl$'", "1"},
        {"'/usr/bin/curl' REGEXP '^curl'", "0"},
        {"'CURL' REGEXP '(?i)curl'", "1"},
        {"NULL REGEXP 'x'", "NULL"},
    });
    Connection connection;
    const std::string big(257, 'x');
    EXPECT_EQ(connection.value("SELECT regex_match('x', '" + big + "', 0)"),
              "error: Invalid regex: too big, max size is 256 bytes");
    EXPECT_EQ(connection.value("SELECT regex_split('x', '" + big + "', 0)"),
              "error: Invalid regex");
  });

  claim("digests, base64 and community ids", [] {
    expect_cases({
        {"md5('test')", "098f6bcd4621d373cade4e832627b4f6"},
        {"sha1('test')", "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"},
        {"sha256('test')", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
        {"md5('')", "d41d8cd98f00b204e9800998ecf8427e"},
        {"sha256(printf('%.*c', 119, 'a'))",
         "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
        {"md5('test' || char(0) || 'more')", "098f6bcd4621d373cade4e832627b4f6"},
        {"md5(NULL)", "NULL"},
        {"hash_xxh64('')", "ef46db3751d8e999"},
        {"hash_xxh64('abc')", "44bc2cf5ad770999"},
        {"hash_xxh64('Nobody inspects the spammish repetition')", "fbcea83c8a378bf1"},
        {"hash_xxh64('abc', 1) <> hash_xxh64('abc')", "1"},
        {"to_base64('test')", "dGVzdA=="},
        {"from_base64('dGVzdA==')", "test"},
        {"from_base64('dGV' || char(10) || 'zdA')", "test"},
        {"typeof(from_base64('!!'))", "text"},
        {"length(from_base64('d GVz'))", "0"},
        {"conditional_to_base64('test')", "test"},
        {"conditional_to_base64('悪因悪果')", "5oKq5Zug5oKq5p6c"},
        {"community_id_v1('66.35.250.204', '128.232.110.120', 80, 34855, 6)",
         "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
        {"community_id_v1('128.232.110.120', '66.35.250.204', 34855, 80, 6, 0)",
         "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
        {"community_id_v1('66.35.250.204', '128.232.110.120', 80, 34855, 6, 1)",
         "1:3V71V58M3Ksw/yuFALMcW0LAHvc="},
        {"community_id_v1('127.0.0.1', 'fe80::14b0:de4a:f8e8:522f', 64, 10, 6)",
         "1:Jww+Ua4pSUNl9TvSUwvSHL4n93w="},
        {"community_id_v1('192.168.170.8', '192.168.170.56', 7, 80, 132, 1)",
         "1:Y1/0jQg6e+I3ZwZZ9LP65DNbTXU="},
        {"community_id_v1('192.168.1.52', '8.8.8.8', 54585, 53, 17, 1)",
         "1:Q9We8WO3piVF8yEQBNJF4uiSVrI="},
        {"community_id_v1('192.168.1.52', 'foo', 10, 53, 17)", "NULL"},
        {"community_id_v1('192.168.1.52', '8.8.8.8', '10', 53, 17)", "NULL"},
        {"community_id_v1_strict('192.168.1.52', 'foo', 10, 53, 17, 0)",
         "error: Community ID daddr cannot be parsed as IP"},
    });
  });

  claim("addresses and blocks", [] {
    expect_cases({
        {"inet_aton('1.2.3.4')", "16909060"},
        {"inet_aton('::1')", "NULL"},
        {"inet_aton('1.2.3')", "NULL"},
        {"in_cidr_block('10.0.0.0/26', '10.0.0.24')", "1"},
        {"in_cidr_block('198.51.100.14/24', '198.51.100.14')", "1"},
        {"in_cidr_block('10.0.0.0/26', '10.0.0.64')", "0"},
        {"in_cidr_block('10.0.0.0/24', '10.0.0.0')", "0"},
        {"in_cidr_block('10.0.0.0/24', '10.0.0.255')", "0"},
        {"in_cidr_block('10.0.0.1/32', '10.0.0.1')", "1"},
        {"in_cidr_block('2001:db8::/48', '2001:db8:0:ffff:ffff:ffff:ffff:ffff')", "1"},
        {"in_cidr_block('10.0.0.0/24', '::1')", "error: CIDR for IP address v6 cannot be parsed"},
        {"in_cidr_block('10.0.0.0/33', '10.0.0.1')",
         "error: CIDR for IP address v4 cannot be parsed"},
        {"in_cidr_block(NULL, '10.0.0.1')", "error: CIDR must be a string"},
        {"in_cidr_block('10.0.0.0/8', 'x')", "error: IP address cannot be parsed"},
        {"cidr_match('10.0.0.0/24', '10.0.0.255')", "1"},
        {"cidr_match('0.0.0.0/0', '255.255.255.255')", "1"},
        {"cidr_match('10.0.0.0/24', '::1')", "0"},
        {"cidr_match('nonsense', '10.0.0.1')", "NULL"},
        {"cidr_first('10.1.2.3/20')", "10.1.0.0"},
        {"cidr_last('2001:db8::/33')", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"},
    });
  });

  claim("mathematics with osquery's names, types and errors", [] {
    expect_cases({
        {"log(exp(1))", "1.0"},
        {"log10(1000)", "3.0"},
        {"typeof(ceil(1.5))", "integer"},
        {"ceil(1.2)", "2"},
        {"floor(-1.2)", "-2"},
        {"ceil(7)", "7"},
        {"floor(NULL)", "NULL"},
        {"power(2, 10)", "1024.0"},
        {"degrees(pi())", "180.0"},
        {"sqrt(16)", "4.0"},
        {"round(cot(1), 6)", "0.642093"},
        {"sqrt(-1)", "error: Numerical argument out of domain"},
        {"log(0)", "error: Numerical result out of range"},
        {"exp('x')", "1.0"},
        {"sin(NULL)", "NULL"},
    });
  });

  claim("versions compare as osquery's collations do", [] {
    expect_cases({
        {"version_compare('1.0', '1.0')", "0"},
        {"version_compare('1:2.0-10', '1:2.0-10', 'DPKG')", "0"},
        {"version_compare('4:1.1.0', '4:1.1.0-3', 'arCH')", "0"},
        {"version_compare('50.4.1b', '50.4.1c')", "-1"},
        {"version_compare('1.0.8-4', '1.0.8-6', 'arch')", "-1"},
        {"version_compare('1.0.0~rc2^2021', '1.0.0', 'RHEL')", "-1"},
        {"version_compare('1.1.0~BETA2^1', '1.1.0~CR1', 'RhEl')", "-1"},
        {"version_compare('1.0.1.1', '1.0.1^2021', 'rhel')", "1"},
        {"version_compare('1.9.9-1ubuntu2.4', '1.9.9-1ubuntu2.3', 'dpkg')", "1"},
        {"version_compare('1:1.2.13-2', '4.2.1', 'ARCH')", "1"},
        {"version_compare('106.32.1', '106:32.1')", "0"},
        {"version_compare('1', 1)", "error: Must provide two version strings to compare."},
        {"'1:0.0' = '1.0.0' COLLATE version", "1"},
        {"'1.12.1' < '1.13' COLLATE version", "1"},
        {"'190.10a' > '20.10a' COLLATE version", "1"},
        {"'57:4' > '6.87.5' COLLATE version", "1"},
        {"'1.0.0' < '1.0.0-2' COLLATE version", "1"},
        {"'1.0~rc1' < '1.0' COLLATE version_rhel", "1"},
    });
  });

  claim("paths in command lines", [] {
    expect_cases({
        {"parent_directory('/usr/bin/ls')", "/usr/bin"},
        {"parent_directory('ls')", "NULL"},
        {"'[' || parent_directory('/ls') || ']'", "[]"},
        {"parent_directory(NULL)", "error: Invalid inputs to parent_directory, TEXT was expected"},
        {"find_file_path_in_cmd('/proc/self/status now and then')", "/proc/self/status"},
        {"find_file_path_in_cmd('\"/proc/self/status\" x', 1)", "/proc/self/status"},
        {"typeof(find_file_path_in_cmd('/no/such file'))", "text"},
        {"find_file_path_in_cmd(NULL)", "error: Invalid inputs to find_binary_path_from_cmd"},
        {"is_path_deterministic('/proc/self/status x')", "1"},
        {"is_path_deterministic('/no/such file')", "1"},
    });
  });

  claim("instr, replace and the trims do what SQLite's do", [] {
    expect_cases({
        {"instr('héllo', 'l')", "3"},
        {"instr(x'C3A96C', x'6C')", "3"},
        {"instr('abc', '')", "1"},
        {"instr('abc', 'z')", "0"},
        {"instr('', 'z')", "0"},
        {"instr(NULL, 'z')", "NULL"},
        {"instr(12345, 34)", "3"},
        {"instr('日本', CAST(x'A5' AS TEXT))", "0"},
        {"replace('aXbXc', 'X', '--')", "a--b--c"},
        {"replace('aaa', 'aa', 'b')", "ba"},
        {"replace('abc', 'c', '')", "ab"},
        {"typeof(replace(5, '', 'x'))", "integer"},
        {"replace('abc', NULL, 'x')", "NULL"},
        {"trim('  a b ')", "a b"},
        {"'[' || ltrim('  a ') || ']'", "[a ]"},
        {"'[' || rtrim('  a ') || ']'", "[  a]"},
        {"trim('ééxé', 'é')", "x"},
        {"trim('xyaxy', 'xy')", "a"},
        {"'[' || trim('   ') || ']'", "[]"},
        {"trim('abc', '')", "abc"},
        {"trim(NULL)", "NULL"},
    });
  });

  claim("functions on megabytes end within the time of one pass", [] {
    // Quadratic versions of these take minutes.
    Connection connection;
    const std::string a = "printf('%.*c', 4000000, 'a')";
    EXPECT_EQ(connection.value("SELECT instr(" + a + ", printf('%.*c', 1000000, 'a') || 'b')"),
              "0");
    EXPECT_EQ(
        connection.value("SELECT length(replace(" + a + ", printf('%.*c', 999, 'a') || 'b', ''))"),
        "4000000");
    EXPECT_EQ(
        connection.value("SELECT length(trim(" + a + ", printf('%.*c', 1000000, 'b') || 'a'))"),
        "0");
    EXPECT_EQ(connection.value("SELECT " + a + " REGEXP '(a*)*b'"), "0");
    EXPECT_EQ(connection.value("SELECT length(split(" + a + ", 'b', 0))"), "4000000");
  });

  claim("sizes for people", [] {
    expect_cases({
        {"human_bytes(0)", "0 B"},
        {"human_bytes(1023)", "1023 B"},
        {"human_bytes(1024)", "1.0 KiB"},
        {"human_bytes(1536)", "1.5 KiB"},
        {"human_bytes(1048575)", "1.0 MiB"},
        {"human_bytes(-5000000)", "-4.8 MiB"},
        {"human_bytes('x')", "NULL"},
        {"human_bytes(NULL)", "NULL"},
        {"human_bytes(9223372036854775807)", "8.0 EiB"},
    });
  });

  return run_claims(argc, argv);
}
