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

  claim("the path tells the runtime and the pod where it names them", [] {
    const std::string uid = "3f2e9c1a-6a1e-4f0b-8c37-3a6c2d1b9e55";
    const std::string underscored = "3f2e9c1a_6a1e_4f0b_8c37_3a6c2d1b9e55";
    const std::string hash = "0123456789abcdef0123456789abcdef";
    struct Origin {
      std::string cgroup, runtime, pod;
    };
    const Origin origins[] = {
        {"/docker/" + kId, "docker", ""},
        {"/system.slice/docker-" + kId + ".scope", "docker", ""},
        {"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" + kId + ".scope",
         "docker", ""},
        {"/system.slice/nerdctl-" + kId + ".scope", "containerd", ""},
        {"/k8s.io/" + kId, "containerd", ""},
        {"/machine.slice/libpod-" + kId + ".scope/container", "podman", ""},
        {"/libpod_parent/libpod-" + kId, "podman", ""},
        {"/machine.slice/machine-libpod_pod_" + kOther + ".slice/libpod-" + kId + ".scope",
         "podman", ""},
        {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + underscored +
             ".slice/cri-containerd-" + kId + ".scope",
         "containerd", uid},
        {"/kubepods.slice/kubepods-pod" + underscored + ".slice/crio-" + kId + ".scope", "cri-o",
         uid},
        {"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + underscored +
             ".slice/docker-" + kId + ".scope",
         "docker", uid},
        {"/kubepods/besteffort/pod" + uid + "/" + kId, "", uid},
        {"/kubepods/burstable/pod" + uid + "/crio-" + kId, "cri-o", uid},
        {"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
         "kubelet-kubepods-burstable-pod" +
             underscored + ".slice/cri-containerd-" + kId + ".scope",
         "containerd", uid},
        {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + hash +
             ".slice/cri-containerd-" + kId + ".scope",
         "containerd", hash},
        {"/system.slice/containerd.service/kubepods-burstable-pod" + underscored +
             ".slice:cri-containerd:" + kId,
         "containerd", uid},
        {"/docker/" + kOther + "/kubelet/kubepods/pod" + uid + "/" + kId, "", uid},
        {"/ecs/0f1e2d3c4b5a/" + kId, "", ""},
        {"/machine.slice/systemd-nspawn@web\\x2d1.service/payload", "systemd-nspawn", ""},
        {"/machine.slice/machine-qemu\\x2d1\\x2ddebian.scope", "", ""},
        {"/lxc.payload.web1/system.slice/cron.service", "lxc", ""},
        {"/lxc/web1", "lxc", ""},
    };
    for (const Origin& each : origins) {
      for (const std::string& lines :
           {"0::" + each.cgroup + "\n",
            "12:cpu,cpuacct:/\n11:name=systemd:" + each.cgroup + "\n0::/\n"}) {
        const ContainerOrigin origin = container_origin(lines);
        EXPECT_EQ(origin.id.empty(), false);
        EXPECT_EQ(origin.runtime + "|" + origin.pod_uid, each.runtime + "|" + each.pod);
      }
    }
  });

  claim("a name that is like a pod's is none", [] {
    for (const std::string& folder : {std::string("/podcast"), std::string("/x-pod12"),
                                      "/pod" + kId, std::string("/tripod3f2e9c1a")}) {
      EXPECT_EQ(container_origin("0::" + folder + "/docker-" + kId + ".scope").pod_uid, "");
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
