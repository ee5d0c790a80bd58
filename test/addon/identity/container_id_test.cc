#include "identity/container_id.h"

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

const std::string kId = "4a1b2c3d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809";
const std::string kOther = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

struct Path {
  std::string cgroup, id;
};

}  // namespace

int main(int argc, char** argv) {
  claim("the id is found in the paths that each runtime makes, v1 and v2", [] {
    const Path paths[] = {
        {"/docker/" + kId, kId},
        {"/system.slice/docker-" + kId + ".scope", kId},
        {"/system.slice/nerdctl-" + kId + ".scope", kId},
        {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId +
             ".scope/container",
         kId},
        {"/machine.slice/libpod-" + kId + ".scope", kId},
        {"/libpod_parent/libpod-" + kId, kId},
        {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1234_5678.slice/"
         "cri-containerd-" +
             kId + ".scope",
         kId},
        {"/kubepods/besteffort/pod3f2e9c1a-6a1e-4f0b-8c37-3a6c2d1b9e55/" + kId, kId},
        {"/kubepods.slice/kubepods-pod12.slice/crio-" + kId + ".scope", kId},
        {"/system.slice/containerd.service/kubepods-burstable-pod12.slice:cri-containerd:" + kId,
         kId},
        {"/ecs/0f1e2d3c4b5a/" + kId, kId},
        {"/k8s.io/" + kId, kId},
        {"/machine.slice/systemd-nspawn@web\\x2d1.service", "web-1"},
        {"/machine.slice/machine-debian\\x2dtree.scope", "debian-tree"},
        {"/lxc/web1", "web1"},
        {"/lxc.payload.web1/system.slice/cron.service", "web1"},
        {"/lxc.payload/web1", "web1"},
    };
    for (const Path& path : paths) {
      EXPECT_EQ(container_id("0::" + path.cgroup + "\n"), path.id);
      EXPECT_EQ(container_id("12:cpu,cpuacct:/\n11:name=systemd:" + path.cgroup + "\n0::/\n"),
                path.id);
    }
  });

  claim("a container inside a container is the inner one", [] {
    EXPECT_EQ(container_id("0::/docker/" + kOther + "/docker/" + kId + "\n"), kId);
    EXPECT_EQ(container_id("0::/lxc.payload.web1/system.slice/docker-" + kId + ".scope\n"), kId);
  });

  claim("the host's own groups and the monitors of containers are none", [] {
    for (const std::string& path : {
             std::string("/"),
             std::string("/init.scope"),
             std::string("/system.slice/docker.service"),
             std::string("/user.slice/user-1000.slice/session-2.scope"),
             "/machine.slice/libpod-conmon-" + kId + ".scope",
             "/kubepods.slice/crio-conmon-" + kId + ".scope",
             std::string("/lxc.monitor.web1"),
             std::string("/lxc"),
             "/jobs/" + kId.substr(1),
             "/jobs/x" + kId,
             std::string("/machine.slice/systemd-nspawn@.service"),
         }) {
      EXPECT_EQ(container_id("0::" + path + "\n"), "");
    }
  });

  claim("lines of another shape are passed over", [] {
    EXPECT_EQ(container_id(""), "");
    EXPECT_EQ(container_id("\n:\n::\nx\n"), "");
    EXPECT_EQ(container_id("nothing\n0::/docker/" + kId), kId);
  });

  return run_claims(argc, argv);
}
