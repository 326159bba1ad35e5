// A simulated machine in a directory of its own, and the provider library that answers what a test
// says. For tests.
#pragma once

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include "simulation/epc/epc_ledger.h"
#include "simulation/node/provision.h"
#include "simulation/testing/pck_answers.h"
#include "simulation/testing/samples.h"
#include "test_support/temp_dir.h"

namespace quoted::inproc::test {

inline const base::UnixTime kNow =
    std::chrono::sys_days(std::chrono::year(2026) / std::chrono::July / 1);

class FakeProvider {
 public:
  FakeProvider() : library_(::dlopen(FAKE_PROVIDER, RTLD_NOW)) {
    if (library_ == nullptr) throw std::runtime_error(::dlerror());
    fail(0);
    version(1);
    during_a_call(nullptr);
  }
  FakeProvider(const FakeProvider&) = delete;
  FakeProvider& operator=(const FakeProvider&) = delete;
  ~FakeProvider() { ::dlclose(library_); }

  void give(const simulation::PckCertification& answer) {
    data_ = answer.chain_pem;
    function<void(const std::uint8_t*, std::uint16_t, std::uint8_t*, std::uint32_t)>("fake_give")(
        reinterpret_cast<const std::uint8_t*>(answer.tcb.cpu_svn.array().data()),
        answer.tcb.isv_svn, reinterpret_cast<std::uint8_t*>(data_.data()),
        static_cast<std::uint32_t>(data_.size() + 1));
  }
  void fail(std::uint32_t code) { function<void(std::uint32_t)>("fake_fail")(code); }
  void version(std::uint32_t version) { function<void(std::uint32_t)>("fake_version")(version); }
  void during_a_call(void (*hook)()) { function<void(void (*)())>("fake_during_a_call")(hook); }
  // Configurations that were not given back.
  [[nodiscard]] int outstanding() const { return function<int()>("fake_outstanding")(); }
  [[nodiscard]] bool initialised() const { return function<int()>("fake_initialised")() != 0; }

 private:
  template <class Function>
  [[nodiscard]] Function* function(const char* name) const {
    return reinterpret_cast<Function*>(::dlsym(library_, name));
  }

  void* library_;
  std::string data_;
};

// The default machine of the development world.
class Machine {
 public:
  explicit Machine(std::uint64_t epc = 128) {
    const auto provision = simulation::provision_for(
        simulation::MasterSeed::development(), "default", simulation::default_node_state().present);
    if (!simulation::save_provision(provision_file(), provision.value()) ||
        !simulation::EpcLedger::create(ledger(), epc)) {
      throw std::runtime_error("no machine");
    }
  }
  [[nodiscard]] std::filesystem::path provision_file() const {
    return directory_ / "simulated-provision";
  }
  [[nodiscard]] std::filesystem::path ledger() const { return directory_ / "simulated-epc"; }

  // By an application's enclave on it.
  [[nodiscard]] sgx::Report report_for(const sgx::TargetInfo& target) const {
    return made().cpu.ereport(simulation::test::app_enclave(), target, {}).value();
  }
  [[nodiscard]] static simulation::ManufacturedPlatform made() {
    return simulation::manufacture(simulation::MasterSeed::development(),
                                   simulation::default_platform_model())
        .value();
  }

 private:
  quoted::test::TempDir directory_;
};

}  // namespace quoted::inproc::test
