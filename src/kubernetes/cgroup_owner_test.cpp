#include "kubernetes/cgroup_owner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quoted::kubernetes {
namespace {

using Kind = CgroupOwner::Kind;
using testing::HasSubstr;

const std::string kId(64, 'a');
const std::string kOther(64, 'b');
const std::string kUid = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
const std::string kUidOfSystemd = "0f1e2d3c_4b5a_6978_8796_a5b4c3d2e1f0";
const std::string kOtherUid = "11111111-2222-3333-4444-555555555555";
const std::string kHostDaemon = "0::/system.slice/quoted.service\n";

struct Row {
  std::string name;
  std::string path;
  Qos qos;
};

// kubernetes 11.2, each with the same pod and container.
std::vector<Row> rows() {
  const std::string slice = "kubepods-burstable-pod" + kUidOfSystemd + ".slice";
  return {
      {"cgroupfs, containerd", "/kubepods/burstable/pod" + kUid + "/" + kId, Qos::kBurstable},
      {"cgroupfs, guaranteed", "/kubepods/pod" + kUid + "/" + kId, Qos::kGuaranteed},
      {"cgroupfs, CRI-O", "/kubepods/besteffort/pod" + kUid + "/crio-" + kId, Qos::kBestEffort},
      {"systemd, containerd",
       "/kubepods.slice/kubepods-burstable.slice/" + slice + "/cri-containerd-" + kId + ".scope",
       Qos::kBurstable},
      {"systemd, guaranteed",
       "/kubepods.slice/kubepods-pod" + kUidOfSystemd + ".slice/cri-containerd-" + kId + ".scope",
       Qos::kGuaranteed},
      {"systemd, CRI-O with crun",
       "/kubepods.slice/kubepods-burstable.slice/" + slice + "/crio-" + kId + ".scope/container",
       Qos::kBurstable},
      {"systemd, Docker",
       "/kubepods.slice/kubepods-burstable.slice/" + slice + "/docker-" + kId + ".scope",
       Qos::kBurstable},
      {"mixed drivers", "/" + slice + ":cri-containerd:" + kId, Qos::kBurstable},
      {"private namespace, another class", "/../../../burstable/pod" + kUid + "/" + kId,
       Qos::kBurstable},
      {"private namespace, the same class", "/../../pod" + kUid + "/" + kId, Qos::kUnknown},
      {"private namespace, systemd",
       "/../../../kubepods-burstable.slice/" + slice + "/cri-containerd-" + kId + ".scope",
       Qos::kBurstable},
      {"subgroups below the container", "/kubepods/pod" + kUid + "/" + kId + "/init/worker",
       Qos::kGuaranteed},
      {"nested slices",
       "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
       "kubelet-kubepods-burstable-pod" +
           kUidOfSystemd + ".slice/cri-containerd-" + kId + ".scope",
       Qos::kBurstable},
  };
}

TEST(CgroupOwner, PodsOfEveryDriverAndRuntime) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.name);
    for (const std::string& text : {"0::" + row.path + "\n", "0::" + row.path,
                                    "12:pids:" + row.path + "\n4:memory:" + row.path +
                                        "\n1:name=systemd:" + row.path + "\n0::/\n"}) {
      const CgroupOwner owner = cgroup_owner(text, kHostDaemon);
      EXPECT_EQ(owner.kind, Kind::kPod) << owner.reason;
      EXPECT_EQ(owner.pod_uid, kUid);
      EXPECT_EQ(owner.container_id, kId);
      EXPECT_EQ(owner.qos, row.qos) << qos_name(owner.qos);
    }
  }
}

TEST(CgroupOwner, StaticPodsHaveAHashForAUid) {
  const std::string hash = "0123456789abcdef0123456789abcdef";
  const auto owner = cgroup_owner("0::/kubepods/pod" + hash + "/" + kId, kHostDaemon);
  EXPECT_EQ(owner.kind, Kind::kPod);
  EXPECT_EQ(owner.pod_uid, hash);
}

TEST(CgroupOwner, ANodeThatIsAContainerIsNotThePeers) {
  const std::string node = "/docker/" + kOther + "/kubelet/kubepods";
  const auto owner = cgroup_owner("0::" + node + "/burstable/pod" + kUid + "/" + kId,
                                  "0::" + node + "/pod" + kOtherUid + "/" + kOther);
  EXPECT_EQ(owner.kind, Kind::kPod);
  EXPECT_EQ(owner.container_id, kId);
}

TEST(CgroupOwner, NamesOfPodsBelowAContainerCountForNothing) {
  const std::string forged = "/pod" + kOtherUid + "/" + kOther;
  const auto in_pod =
      cgroup_owner("0::/kubepods/pod" + kUid + "/" + kId + "/kubepods" + forged, kHostDaemon);
  EXPECT_EQ(in_pod.pod_uid, kUid);
  EXPECT_EQ(in_pod.container_id, kId);
  EXPECT_EQ(in_pod.qos, Qos::kGuaranteed);

  for (const std::string& path :
       {"/docker/" + kId + "/kubepods" + forged, "/../" + kId + "/kubepods" + forged,
        "/system.slice/docker-" + kId + ".scope" + forged}) {
    const auto owner = cgroup_owner("0::" + path, kHostDaemon);
    EXPECT_EQ(owner.kind, Kind::kUnidentified) << path;
    EXPECT_THAT(owner.reason, HasSubstr("below a container"));
    EXPECT_EQ(owner.pod_uid, "");
  }
}

TEST(CgroupOwner, TheClassIsNotTakenFromBelowThePod) {
  const auto owner =
      cgroup_owner("0::/kubepods/pod" + kUid + "/" + kId + "/besteffort", kHostDaemon);
  EXPECT_EQ(owner.qos, Qos::kGuaranteed);
}

TEST(CgroupOwner, TheReadersOwnPodShowsNoUid) {
  const auto owner = cgroup_owner("0::/../" + kId + "\n", "0::/\n");
  EXPECT_EQ(owner.kind, Kind::kOwnPod);
  EXPECT_EQ(owner.container_id, kId);
}

TEST(CgroupOwner, ContainersWithoutKubernetes) {
  for (const std::string& path :
       {"/machine.slice/libpod-" + kId + ".scope", "/system.slice/docker-" + kId + ".scope",
        "/docker/" + kId, "/machine.slice/libpod-" + kId + ".scope/container"}) {
    const auto owner = cgroup_owner("0::" + path + "\n", kHostDaemon);
    EXPECT_EQ(owner.kind, Kind::kContainer) << path;
    EXPECT_EQ(owner.container_id, kId);
  }
  // Also the one that the reader is in.
  EXPECT_EQ(cgroup_owner("0::/docker/" + kId, "0::/docker/" + kId).kind, Kind::kContainer);
}

TEST(CgroupOwner, ProcessesOfTheHost) {
  for (const char* const path : {"/", "/init.scope", "/user.slice/user-0.slice/session-1.scope",
                                 "/../../../../init.scope"}) {
    EXPECT_EQ(cgroup_owner(std::string("0::") + path, kHostDaemon).kind, Kind::kHost) << path;
  }
  const auto unit = cgroup_owner("0::/system.slice/nginx.service/worker.service", kHostDaemon);
  EXPECT_EQ(unit.kind, Kind::kUnit);
  EXPECT_EQ(unit.unit, "nginx.service");
}

TEST(CgroupOwner, HierarchiesThatContradictEachOtherAreUnidentified) {
  const std::string one = "4:memory:/kubepods/pod" + kUid + "/" + kId + "\n";
  for (const std::string& other :
       {"3:pids:/kubepods/pod" + kOtherUid + "/" + kId + "\n",
        "3:pids:/kubepods/pod" + kUid + "/" + kOther + "\n", "3:pids:/docker/" + kId + "\n"}) {
    const auto owner = cgroup_owner(one + other, kHostDaemon);
    EXPECT_EQ(owner.kind, Kind::kUnidentified) << other;
    EXPECT_THAT(owner.reason, HasSubstr("different owners"));
    EXPECT_EQ(cgroup_owner(other + one, kHostDaemon).kind, Kind::kUnidentified);
  }
  // A hierarchy that the runtime does not use says nothing.
  EXPECT_EQ(cgroup_owner("7:rdma:/\n" + one + "0::/system.slice/containerd.service\n", kHostDaemon)
                .pod_uid,
            kUid);
}

TEST(CgroupOwner, WhatLooksLikeAPodAndIsNone) {
  const std::string uid_cut = kUid.substr(1);
  for (const std::string& path :
       {"/kubepods/pod" + uid_cut + "/x", std::string("/kubepods/podcast/x"), "/kubepods/pod/" + uid_cut}) {
    EXPECT_EQ(cgroup_owner("0::" + path, kHostDaemon).kind, Kind::kHost) << path;
  }
  const auto without_container = cgroup_owner("0::/kubepods/pod" + kUid, kHostDaemon);
  EXPECT_EQ(without_container.kind, Kind::kUnidentified);
  EXPECT_THAT(without_container.reason, HasSubstr("none of its containers"));
}

TEST(CgroupOwner, DamagedTextIsUnidentified) {
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("0:"), std::string("0::relative"),
        std::string("nonsense"), "0::/kubepods/pod" + kUid + "/" + kId + "\nnonsense\n",
        std::string(kMaxCgroupText + 1, '/')}) {
    EXPECT_EQ(cgroup_owner(text, kHostDaemon).kind, Kind::kUnidentified) << text.substr(0, 80);
  }
}

TEST(CgroupOwner, ARemovedGroupIsStillItsOwners) {
  const auto owner =
      cgroup_owner("0::/kubepods/pod" + kUid + "/" + kId + " (deleted)\n", kHostDaemon);
  EXPECT_EQ(owner.container_id, kId);
}

}  // namespace
}  // namespace quoted::kubernetes
