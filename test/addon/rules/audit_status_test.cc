#include <linux/audit.h>

#include "check.h"
#include "rules/audit_netlink.h"

using namespace auditql;
using namespace auditql::test;

int main(int argc, char** argv) {
  claim("a status of any kernel's size is read, and missing fields are 0", [] {
    audit_status raw{};
    raw.enabled = 1;
    raw.pid = 812;
    raw.lost = 7;
    raw.backlog = 3;
    raw.feature_bitmap = 0x7f;
    raw.backlog_wait_time = 15000;
    std::string bytes(reinterpret_cast<const char*>(&raw), sizeof raw);
    const AuditStatus whole = AuditStatus::parse(bytes + std::string(8, 'x')).value();
    EXPECT_EQ(whole.pid, 812U);
    EXPECT_EQ(whole.backlog_wait_time, 15000U);
    const AuditStatus old = AuditStatus::parse(bytes.substr(0, 32)).value();
    EXPECT_EQ(old.lost, 7U);
    EXPECT_EQ(old.backlog_wait_time, 0U);
    EXPECT(!AuditStatus::parse(bytes.substr(0, 28)).ok());
  });

  claim("a refused request says what to do", [] {
    EXPECT_EQ(audit_request_error(EPERM, "x").code, std::string("audit_permission"));
    EXPECT_EQ(audit_request_error(ECONNREFUSED, "x").code, std::string("audit_unavailable"));
    EXPECT_EQ(audit_request_error(EEXIST, "x").code, std::string("audit_exists"));
    EXPECT(audit_request_error(EPERM, "x").message.find("CAP_AUDIT_CONTROL") != std::string::npos);
  });
  return run_claims(argc, argv);
}
