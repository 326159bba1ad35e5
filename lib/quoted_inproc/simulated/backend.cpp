#include "quoted_inproc/simulated/backend.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "drop_in/fork_gate.h"
#include "quoted_inproc/simulated/provider.h"
#include "quoted_inproc/simulated/refusal.h"
#include "quoting/in_process_platform.h"

namespace quoted::inproc {
namespace {

using drop_in::ForkGate;

quoting::EnclaveFile enclave_of(PathType type) {
  switch (type) {
    case PathType::kPce:
      return quoting::EnclaveFile::kPce;
    case PathType::kIde:
      return quoting::EnclaveFile::kId;
    default:
      return quoting::EnclaveFile::kQe;
  }
}

}  // namespace

// In the child of a fork another thread's lock would stay locked for ever, and what that thread was
// changing would stay half changed: the child gets another one, and lets its parent's be.
struct SimulatedBackend::Process {
  Process(const std::filesystem::path& provision_file, Process* parent_process)
      : parent(parent_process),
        lost(parent != nullptr && (parent->loaded.load() || parent->lost.load())),
        platform(provision_file, provider) {}

  const pid_t pid = ::getpid();
  Process* const parent;  // so that it stays reachable
  std::atomic<bool> loaded = false;
  std::atomic<bool> lost;

  std::mutex mutex;  // of what follows
  Provider provider;
  quoting::InProcessPlatform platform;
  const ChosenPath* applied = nullptr;
};

SimulatedBackend::SimulatedBackend(std::filesystem::path provision_file)
    : provision_file_(std::move(provision_file)) {}

SimulatedBackend::~SimulatedBackend() {
  // Of processes before this one nothing is taken apart.
  Process* const last = current_.load();
  const std::unique_ptr<Process> owned(last != nullptr && last->pid == ::getpid() ? last : nullptr);
  for (const ChosenPath* path = paths_.load(); path != nullptr;) {
    const std::unique_ptr<const ChosenPath> node(path);
    path = node->before;
  }
}

SimulatedBackend::Process& SimulatedBackend::process() {
  Process* known = current_.load();
  while (known == nullptr || known->pid != ::getpid()) {
    auto fresh = std::make_unique<Process>(provision_file_, known);
    if (current_.compare_exchange_strong(known, fresh.get())) known = fresh.release();
  }
  return *known;
}

// Paths that were set since the last call, in their order.
void SimulatedBackend::apply_settings(Process& process) const {
  process.platform.set_ephemeral(policy_.load() == LoadPolicy::kEphemeral);
  const ChosenPath* const latest = paths_.load();
  std::vector<const ChosenPath*> fresh;
  for (const ChosenPath* path = latest; path != process.applied; path = path->before) {
    fresh.push_back(path);
  }
  std::ranges::reverse(fresh);
  for (const ChosenPath* const path : fresh) {
    if (path->type == PathType::kQpl) {
      process.provider.set_path(path->path);
    } else {
      process.platform.set_enclave_file(enclave_of(path->type), path->path);
    }
  }
  process.applied = latest;
}

template <class Body>
auto SimulatedBackend::call(const Body& body) -> decltype(body(std::declval<Process&>())) {
  Process& process = this->process();
  const std::scoped_lock lock(process.mutex);
  const ForkGate gate;
  if (process.lost.load() && policy_.load() == LoadPolicy::kPersistent) {
    return tl::unexpected(refusal_of(
        base::Error(base::ErrorCode::kEnclaveLost,
                    "this process was made by fork(), and the enclaves stayed with its parent")));
  }
  apply_settings(process);
  // Before the call, because another thread may fork in the middle of it.
  process.loaded.store(true);
  auto out = body(process);
  process.loaded.store(process.platform.loaded());
  return out;
}

Answer<void> SimulatedBackend::set_load_policy(LoadPolicy policy) {
  policy_.store(policy);
  if (policy == LoadPolicy::kPersistent) return {};
  process().lost.store(false);
  return call([](Process&) { return Answer<void>(); });
}

Answer<sgx::TargetInfo> SimulatedBackend::target_info() {
  return call([](Process& process) -> Answer<sgx::TargetInfo> {
    auto made = process.platform.target_info();
    if (!made) return tl::unexpected(refusal_of(made.error()));
    return *made;
  });
}

Answer<std::uint32_t> SimulatedBackend::quote_size() {
  return call([](Process& process) -> Answer<std::uint32_t> {
    auto size = process.platform.quote_size();
    if (!size) return tl::unexpected(refusal_of(size.error()));
    return *size;
  });
}

Answer<void> SimulatedBackend::quote(const sgx::Report& report, std::span<std::uint8_t> quote) {
  return call([&](Process& process) -> Answer<void> {
    auto made = process.platform.quote(report, quote.size());
    if (!made) return tl::unexpected(refusal_of(made.error()));
    std::memcpy(quote.data(), made->data(), made->size());
    return {};
  });
}

Answer<void> SimulatedBackend::set_path(PathType type, const std::filesystem::path& path) {
  auto fresh =
      std::make_unique<ChosenPath>(ChosenPath{.type = type, .path = path, .before = paths_.load()});
  while (!paths_.compare_exchange_weak(fresh->before, fresh.get())) {
  }
  (void)fresh.release();
  return {};
}

}  // namespace quoted::inproc
