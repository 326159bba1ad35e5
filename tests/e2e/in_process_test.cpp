// Quoting inside an application beside a node that is certified by the simulated manufacturer:
// through this project's provider library, over the network, up to a verdict.
#include <dlfcn.h>

#include <fstream>

#include "quote/quote.h"
#include "quoted_inproc/simulated_backend.h"
#include "simulation/epc/epc_ledger.h"
#include "tests_e2e/world.h"

namespace quoted::e2e {
namespace {

using inproc::Backend;
using inproc::PathType;
using testing::HasSubstr;

class InProcess : public testing::Test {
 protected:
  InProcess() {
    std::ofstream(dir_ / "quoted.toml")
        << "[collateral]\ncache_dir = '" << (dir_ / "cache").string()
        << "'\n[[collateral.source]]\nkind = 'pcs'\nurl = '" << manufacturer_.pcs() << "'\n";
    EXPECT_EQ(quotectl({"sim", "root", "--out", root()}).exit_code, 0);
    set("QUOTED_CONFIG", dir_ / "quoted.toml");
    set("QUOTED_TRUSTED_ROOT", root());
    for (const char* const name : {"QCNL_CONF_PATH", "AZDCAP_BASE_CERT_URL", "AZDCAP_CACHE",
                                   "http_proxy", "https_proxy", "HTTPS_PROXY"}) {
      ::unsetenv(name);
    }
  }

  // The provider library stays in the process, with the settings of its first call.
  ~InProcess() override {
    void* const library = ::dlopen(PROVIDER_LIBRARY, RTLD_LAZY);
    EXPECT_NE(library, nullptr);
    reinterpret_cast<quote3_error_t (*)()>(::dlsym(library, "sgx_qpl_global_cleanup"))();
    ::dlclose(library);
  }

  static void set(const char* name, const std::string& value) {
    ASSERT_EQ(::setenv(name, value.c_str(), 1), 0);
  }
  [[nodiscard]] std::string root() const { return dir_ / "root.pem"; }

  [[nodiscard]] static std::unique_ptr<Backend> open(const std::string& provision_file) {
    set("QUOTED_SIMULATED_PROVISION", provision_file);
    auto out = inproc::open_simulated_backend().value();
    EXPECT_TRUE(out->set_path(PathType::kQpl, PROVIDER_LIBRARY));
    return out;
  }

  // By an enclave on the CPU that was published there.
  [[nodiscard]] static sgx::Report report(const std::filesystem::path& cpu_file,
                                          const sgx::TargetInfo& target) {
    const auto cpu =
        simulation::parse_published_cpu(base::read_file(cpu_file, 1 << 16).value()).value();
    return cpu.ereport(simulation::test::app_enclave(), target, {}).value();
  }

  test::TempDir dir_;
  Manufacturer manufacturer_{dir_ / "world"};
};

TEST_F(InProcess, AQuoteOfTheProcessIsWorthAsMuchAsOneOfTheDaemon) {
  Node node(dir_ / "node", {"--collateral", "pcs=" + manufacturer_.pcs()});
  ASSERT_TRUE(node.serves());
  ASSERT_TRUE(node.becomes("certified"));
  const auto cpu = dir_ / "node" / "simulated-cpu";

  const auto backend = open(node.state_dir() + "/simulated-provision");
  const auto target = backend->target_info();
  ASSERT_TRUE(target) << target.error().reason;
  std::vector<std::uint8_t> buffer(backend->quote_size().value());
  const auto made = backend->quote(report(cpu, *target), buffer);
  ASSERT_TRUE(made) << made.error().reason;
  const auto bytes = base::to_bytes(std::as_bytes(std::span(buffer)));
  ASSERT_TRUE(base::write_file(dir_ / "quote", bytes, 0644));
  EXPECT_EQ(quotectl({"verify", dir_ / "quote", "--root", root()}).exit_code, 0);

  const auto of_daemon = Application::quote(node.socket());
  ASSERT_TRUE(of_daemon) << of_daemon.error().summary();
  EXPECT_EQ(quote::Quote::parse(bytes)->signature.attestation_key,
            quote::Quote::parse(*of_daemon)->signature.attestation_key);

  // Both use enclave memory, and the daemon says so.
  const auto others = [&] {
    const auto status =
        nlohmann::json::parse(quotectl({"status", "--json", "--socket", node.socket()}).out);
    return status["daemon"]["epc"]["others"];
  };
  EXPECT_TRUE(test::Process::eventually([&] { return others()["count"] == 1; }, 60s));
  EXPECT_EQ(others()["bytes"], simulation::kQeEpc + simulation::kPceEpc);
  EXPECT_EQ(others()["largest"][0]["pid"], ::getpid());
  ASSERT_TRUE(backend->set_load_policy(inproc::LoadPolicy::kEphemeral));
  EXPECT_TRUE(test::Process::eventually([&] { return others()["count"] == 0; }, 60s));
}

TEST_F(InProcess, AMachineThatTheManufacturerDoesNotKnowHasToBeRegisteredFirst) {
  const std::string machine = dir_ / "machine";
  ASSERT_EQ(quotectl({"sim", "provision", "--state-dir", dir_.path(), "--platform-name", "stranger",
                      "--out", machine})
                .exit_code,
            0);
  const auto backend = open(machine);
  const auto refused = backend->target_info();
  ASSERT_FALSE(refused);
  EXPECT_EQ(static_cast<std::uint32_t>(refused.error().code), 0xE011U);
  EXPECT_THAT(refused.error().reason, HasSubstr("sgx_ql_get_quote_config returns 0xe011"));
}

}  // namespace
}  // namespace quoted::e2e
