#include "kubernetes/cgroup_owner.h"

#include <algorithm>
#include <vector>

namespace quoted::kubernetes {
namespace {

using Kind = CgroupOwner::Kind;
using Elements = std::vector<std::string_view>;

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool drop_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool drop_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// The container's id, when an element is one: 64 digits, as cgroupfs has them, or in a scope with
// the name of the runtime.
std::optional<std::string_view> container_in(std::string_view element) {
  constexpr std::size_t kIdSize = 64;
  drop_suffix(element, ".scope");
  for (const std::string_view runtime : {"cri-containerd-", "crio-", "docker-", "libpod-"}) {
    if (drop_prefix(element, runtime)) break;
  }
  // A kubelet with the systemd driver over a containerd with cgroupfs: "SLICE:cri-containerd:ID".
  if (const auto colon = element.rfind(":cri-containerd:"); colon != std::string_view::npos) {
    element.remove_prefix(colon + std::string_view(":cri-containerd:").size());
  }
  if (element.size() != kIdSize || !is_lower_hex(element)) return std::nullopt;
  return element;
}

// A UUID whose dashes systemd may have made to underscores, or the hash of a static pod's manifest.
std::optional<std::string> as_pod_uid(std::string_view text) {
  constexpr std::size_t kUuidSize = 36;
  constexpr std::size_t kHashSize = 32;
  if (text.size() == kHashSize && is_lower_hex(text)) return std::string(text);
  if (text.size() != kUuidSize) return std::nullopt;
  std::string uid(text);
  for (std::size_t at = 0; at < uid.size(); ++at) {
    const bool is_dash = at == 8 || at == 13 || at == 18 || at == 23;
    if (is_dash ? (uid[at] != '-' && uid[at] != '_') : !is_lower_hex({&uid[at], 1})) {
      return std::nullopt;
    }
    if (is_dash) uid[at] = '-';
  }
  return uid;
}

// "podUID" of cgroupfs, or "...-podUID.slice" of systemd, with what may follow in the same element.
std::optional<std::string> pod_in(std::string_view element) {
  if (const auto end = element.find(".slice"); end != std::string_view::npos) {
    element = element.substr(0, end);
    const auto pod = element.rfind("-pod");
    if (pod == std::string_view::npos) return std::nullopt;
    return as_pod_uid(element.substr(pod + std::string_view("-pod").size()));
  }
  if (!drop_prefix(element, "pod")) return std::nullopt;
  return as_pod_uid(element);
}

Qos qos_in(const Elements& elements, std::size_t pod) {
  const auto mentions = [&](std::string_view name) {
    const auto upto = elements.begin() + static_cast<std::ptrdiff_t>(pod) + 1;
    return std::any_of(elements.begin(), upto, [&](std::string_view element) {
      return element == name || (element.find(".slice") != std::string_view::npos &&
                                 element.find(name) != std::string_view::npos);
    });
  };
  if (mentions("burstable")) return Qos::kBurstable;
  if (mentions("besteffort")) return Qos::kBestEffort;
  // Without a class between them the pod stands right below kubepods.
  const auto guaranteed = [](std::string_view element) {
    return element == "kubepods" || element == "kubepods.slice" ||
           element.ends_with("-kubepods.slice");
  };
  return pod > 0 && guaranteed(elements[pod - 1]) ? Qos::kGuaranteed : Qos::kUnknown;
}

Elements split(std::string_view path) {
  Elements out;
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (slash != 0) out.push_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return out;
}

CgroupOwner unidentified(std::string_view reason) {
  CgroupOwner out;
  out.reason = reason;
  return out;
}

CgroupOwner outside_containers(const Elements& elements) {
  CgroupOwner out;
  out.kind = Kind::kHost;
  for (const std::string_view element : elements) {
    if (!element.ends_with(".service")) continue;
    out.kind = Kind::kUnit;
    // Of a user's service manager the outermost says who it is.
    out.unit = element;
    break;
  }
  return out;
}

// How many elements both begin with.
std::size_t shared(const Elements& a, const Elements& b) {
  const auto [end, ignored] = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(end - a.begin());
}

CgroupOwner owner_of(const Elements& elements, const Elements& own) {
  const auto first = [&](std::size_t from, const auto& is) {
    std::size_t at = from;
    while (at < elements.size() && !is(elements[at])) ++at;
    return at;
  };
  const auto is_pod = [](std::string_view element) { return pod_in(element).has_value(); };
  const auto is_container = [](std::string_view element) {
    return container_in(element).has_value();
  };
  const std::size_t pod = first(0, is_pod);
  // What surrounds a pod and the reader alike is the node, also where the node is a container.
  const bool relative = !elements.empty() && elements.front() == "..";
  const bool is_in_pod = pod < elements.size();
  const std::size_t inside = is_in_pod && !relative ? std::min(shared(elements, own), pod) : 0;
  const std::size_t before = first(inside, is_container);

  CgroupOwner out;
  if (before < pod) {
    // A container that no pod stands in front of.
    if (is_in_pod) {
      return unidentified("a pod's name stands below a container that is in no pod");
    }
    out.container_id = *container_in(elements[before]);
    out.kind = relative ? Kind::kOwnPod : Kind::kContainer;
    return out;
  }
  if (!is_in_pod) return outside_containers(elements);

  // The element may hold both, when two drivers are mixed.
  const std::size_t container = first(pod, is_container);
  if (container == elements.size()) {
    return unidentified("the process is in a pod's group, but in none of its containers");
  }
  out.kind = Kind::kPod;
  out.pod_uid = *pod_in(elements[pod]);
  out.container_id = *container_in(elements[container]);
  out.qos = qos_in(elements, pod);
  return out;
}

struct Hierarchy {
  std::string_view controllers;
  std::string_view path;
};

// "5:memory:/path"; a path may hold colons.
std::optional<Hierarchy> parse_line(std::string_view line) {
  const auto first = line.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = line.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  Hierarchy out{.controllers = line.substr(first + 1, second - first - 1),
                .path = line.substr(second + 1)};
  // A group that was removed under a process that ends.
  drop_suffix(out.path, " (deleted)");
  if (!out.path.starts_with('/')) return std::nullopt;
  return out;
}

// Empty when the text is none.
std::vector<Hierarchy> parse(std::string_view text) {
  std::vector<Hierarchy> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto hierarchy = parse_line(text.substr(0, end));
    if (!hierarchy) return {};
    out.push_back(*hierarchy);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::string_view path_in(const std::vector<Hierarchy>& hierarchies, std::string_view controllers) {
  const auto found = std::ranges::find(hierarchies, controllers, &Hierarchy::controllers);
  return found == hierarchies.end() ? std::string_view() : found->path;
}

}  // namespace

std::string_view qos_name(Qos qos) {
  switch (qos) {
    case Qos::kGuaranteed:
      return "guaranteed";
    case Qos::kBurstable:
      return "burstable";
    case Qos::kBestEffort:
      return "besteffort";
    case Qos::kUnknown:
      break;
  }
  return "unknown";
}

CgroupOwner cgroup_owner(std::string_view text, std::string_view own) {
  if (text.size() > kMaxCgroupText) return unidentified("the list of its groups is too long");
  const std::vector<Hierarchy> hierarchies = parse(text);
  if (hierarchies.empty()) return unidentified("the list of its groups cannot be read");
  const std::vector<Hierarchy> own_hierarchies = parse(own);

  // Every hierarchy is looked at: on v1 a container may be able to move its processes in one of
  // them, and a contradiction shows that it did. Those that know of no container say nothing.
  std::optional<CgroupOwner> found;
  for (const Hierarchy& hierarchy : hierarchies) {
    const CgroupOwner owner =
        owner_of(split(hierarchy.path), split(path_in(own_hierarchies, hierarchy.controllers)));
    if (owner.kind == Kind::kUnidentified) return owner;
    if (!found) {
      found = owner;
      continue;
    }
    const bool says_nothing = owner.container_id.empty() && owner.kind != Kind::kUnit;
    if (says_nothing || owner == *found) continue;
    if (found->container_id.empty() &&
        (found->kind == Kind::kHost || !owner.container_id.empty())) {
      found = owner;
      continue;
    }
    if (owner.kind == Kind::kUnit && !found->container_id.empty()) continue;
    return unidentified("its groups name different owners");
  }
  return *found;
}

}  // namespace quoted::kubernetes
