// In-process on a machine that has SGX, as far as its device nodes tell, with stand-ins for Intel's
// libraries: the nodes are those of a mount namespace of the test's own.
#include "base/text.h"
#include "client_test.h"
#include "test_support/require.h"

namespace quoted::test {
namespace {

using base::text;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// With /dev/null, and other devices made of it.
Commands with_devices(const std::string& work, const std::string& devices, const char* rights) {
  return {UNSHARE_PROGRAM,
          rights,
          BASH_PROGRAM,
          "-c",
          text("set -e; mkdir -p '", work, "/dev'; cd '", work, "'; for name in null ", devices,
               "; do : >dev/$name; mount --bind /dev/null dev/$name; done; "
               "mount --rbind dev /dev; cd /; exec \"$@\""),
          "bash"};
}

class SgxMachine : public ClientTest {
 protected:
  SgxMachine() {
    install(kInproc, INPROC_LIBRARY);
    install("libsgx_pce_logic.so.1", FAKE_PCE_LOGIC);
    install("libsgx_qe3_logic.so", FAKE_QE3_LOGIC);
  }

  void SetUp() override {
    for (const char* const rights : {"-m", "-Urm"}) {
      Commands command = with_devices(directory_ / "probe", "", rights);
      command.insert(command.end(), {BASH_PROGRAM, "-c", "true"});
      if (run(command).exit_code == 0) rights_ = rights;
    }
    QUOTED_REQUIRE("a mount namespace", rights_ != nullptr);
  }

  [[nodiscard]] Lines execute_with(const std::string& devices, const Commands& commands) {
    Commands program = with_devices(directory_ / "machine", devices, rights_);
    program.emplace_back(DCAP_CLIENT);
    return execute(commands, program);
  }

  static constexpr const char* kBoth = "sgx_enclave sgx_provision";
  const char* rights_ = nullptr;
};

TEST_F(SgxMachine, QuotesByIntelsLibrariesAndLetsGoOfThem) {
  const std::string report = directory_ / "report";
  write_report(report);
  const Lines lines = execute_with(
      kBoth, {"load", "trace:1", "path:0:/dev/null", "policy:1", "target", "size",
              text("quote:", report, ":", (directory_ / "quote").native()), "zero_size",
              "mapped:fake_qe3_logic", "mapped:fake_pce_logic", "unload", "mapped:fake_qe3_logic",
              "mapped:fake_pce_logic", "mapped:libquoted_inproc", "load", "size"});
  EXPECT_THAT(
      lines,
      ElementsAre("load", "trace 0x0000", HasSubstr("say 1 quotes are made in this process, by "),
                  "say 1 the platform is the SGX of this machine, by Intel's libraries",
                  "path 0x0000", "policy 0x0000", "target 0x0000 set", "size 0x0000 4600",
                  "quote 0x0000", "zero_size 0x0000", "mapped fake_qe3_logic yes",
                  "mapped fake_pce_logic yes", "unload", "mapped fake_qe3_logic no",
                  "mapped fake_pce_logic no", "mapped libquoted_inproc no", "load",
                  "size 0x0000 4600"));
}

// Intel's libraries know by themselves that the enclaves are gone.
TEST_F(SgxMachine, LeavesTheChildOfAForkToThem) {
  EXPECT_THAT(execute_with(kBoth, {"load", "target", "fork", "size"}),
              ElementsAre("load", "target 0x0000 set", "size 0x0000 4600"));
}

TEST_F(SgxMachine, ThatIsToBeSimulatedDoesNotUseThem) {
  set("QUOTED_PLATFORM", "simulated");
  EXPECT_THAT(execute_with(kBoth, {"load", "target", "mapped:fake_qe3_logic"}),
              Contains("mapped fake_qe3_logic no"));
}

TEST_F(SgxMachine, WithoutIntelsLibrariesNamesThePackage) {
  std::filesystem::remove(libraries_ / "libsgx_qe3_logic.so");
  EXPECT_THAT(execute_with(kBoth, {"load", "trace:0", "target"}),
              AllOf(Contains("target 0xe00d zero"),
                    Contains(AllOf(HasSubstr("libsgx_qe3_logic.so cannot be loaded"),
                                   HasSubstr("install the package libsgx-qe3-logic")))));
}

TEST_F(SgxMachine, WithoutItsDeviceIsNone) {
  EXPECT_THAT(execute_with("sgx_provision", {"load", "trace:0", "target", "mapped:fake_qe3_logic"}),
              AllOf(Contains("target 0xe00d zero"), Contains("mapped fake_qe3_logic no"),
                    Contains(AllOf(HasSubstr("no SGX device"), HasSubstr("[QD7103]")))));
}

TEST_F(SgxMachine, WithTheOldDriverIsNone) {
  EXPECT_THAT(execute_with("isgx", {"load", "target"}), Contains("target 0xe00d zero"));
}

}  // namespace
}  // namespace quoted::test
