// One application, one binary: in-process and out-of-process by one variable, on one node that the
// simulated manufacturer certifies.
#include <unistd.h>

#include "base/text.h"
#include "quote/quote.h"
#include "sgx_dcap_ql/client_test.h"
#include "tests_e2e/world.h"

namespace quoted::e2e {
namespace {

using base::text;
using test::Commands;
using test::Lines;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class InOrOut : public test::ClientTest {
 protected:
  InOrOut() {
    install(test::kQuoteEx, QUOTE_EX_LIBRARY);
    install(test::kInproc, INPROC_LIBRARY);
    install("libdcap_quoteprov.so.1", PROVIDER_LIBRARY);
    std::ofstream(directory_ / "quoted.toml")
        << "[collateral]\ncache_dir = '" << (directory_ / "cache").string()
        << "'\n[[collateral.source]]\nkind = 'pcs'\nurl = '" << manufacturer_.pcs() << "'\n";
    EXPECT_EQ(quotectl({"sim", "root", "--out", root_}).exit_code, 0);
    for (const auto& [name, value] : kEnvironment) set(name, value);
    // The same for both modes, but for one variable.
    set("QUOTED_SOCKET", node_.socket());
    set("QUOTED_PLATFORM", "simulated");
    set("QUOTED_SIMULATED_PROVISION", node_.state_dir() + "/simulated-provision");
    set("QUOTED_CONFIG", directory_ / "quoted.toml");
    set("QUOTED_TRUSTED_ROOT", root_);
    set("QUOTED_TIMEOUT_MS", "120000");
    EXPECT_TRUE(node_.serves() && node_.becomes("certified"));
  }

  // A REPORT for the enclave that is asked in the mode of the environment.
  [[nodiscard]] std::string make_report() {
    const std::string target = directory_ / "target";
    EXPECT_THAT(execute({"load", "target:" + target}), ElementsAre("load", "target 0x0000 set"))
        << err_;
    const std::string report = directory_ / "report";
    const auto made =
        quotectl({"report", "--socket", node_.socket(), "--target-info", target, "--out", report});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return report;
  }

  [[nodiscard]] quote::Quote verified(const std::string& file) const {
    const auto verdict = quotectl({"verify", file, "--root", root_});
    EXPECT_EQ(verdict.exit_code, 0) << verdict.out << verdict.err;
    std::size_t padding = 0;
    return quote::Quote::parse(base::read_file(file, 1 << 20).value(), &padding).value();
  }

  // Requests that the daemon has answered so far.
  [[nodiscard]] std::size_t answered() {
    const std::string log = node_.process().err();
    std::size_t out = 0;
    for (auto at = log.find("request_answered"); at != std::string::npos;
         at = log.find("request_answered", at + 1)) {
      ++out;
    }
    return out;
  }

  // The application's quote with its report, and what it says of its mode.
  Lines quote(const std::string& report, const std::string& out) {
    return execute({"load", "trace:1", "target", "size", "quote:" + report + ":" + out,
                    "mapped:libsgx_quote_ex", "mapped:libquoted_inproc"});
  }

  std::string root_ = directory_ / "root.pem";
  Manufacturer manufacturer_{directory_ / "world"};
  Node node_{directory_ / "node",
             {"--collateral", "pcs=" + manufacturer_.pcs(), "--log-level", "debug"}};
};

TEST_F(InOrOut, OneVariableDecidesAndTheWorthIsTheSame) {
  const std::string inside_quote = directory_ / "inside.quote";
  const std::string outside_quote = directory_ / "outside.quote";

  const std::string report = make_report();
  const std::size_t before = answered();
  const Lines inside = quote(report, inside_quote);
  EXPECT_THAT(inside, Contains("quote 0x0000")) << err_;
  EXPECT_THAT(inside, Contains("mapped libsgx_quote_ex no"));
  EXPECT_THAT(inside, Contains("mapped libquoted_inproc yes"));
  EXPECT_THAT(inside, Contains(HasSubstr("the platform is simulated")));
  EXPECT_EQ(answered(), before) << "the daemon was asked, although the process quotes by itself";

  ask_the_service();
  const Lines outside = quote(report, outside_quote);
  EXPECT_THAT(outside, Contains("quote 0x0000")) << err_;
  EXPECT_THAT(outside, Contains("mapped libsgx_quote_ex yes"));
  EXPECT_THAT(outside, Contains("mapped libquoted_inproc no"));
  EXPECT_THAT(outside, Contains(HasSubstr("quotes come from the service")));
  EXPECT_TRUE(test::Process::eventually([&] { return answered() == before + 4; }, 60s))
      << answered() - before << " requests in the daemon's log, expected 4";

  const quote::Quote one = verified(inside_quote);
  const quote::Quote other = verified(outside_quote);
  EXPECT_EQ(one.signature.qe_report.mr_enclave, other.signature.qe_report.mr_enclave);
  EXPECT_EQ(one.signature.qe_report.mr_signer, other.signature.qe_report.mr_signer);
  EXPECT_EQ(one.signature.qe_report.isv_svn, other.signature.qe_report.isv_svn);
  EXPECT_EQ(one.signature.attestation_key, other.signature.attestation_key);
  EXPECT_EQ(one.header.user_data, other.header.user_data);  // the QE's id
  EXPECT_EQ(one.certification_data, other.certification_data);
}

TEST_F(InOrOut, AnyValueOfTheVariableCountsAndLaterOnesDoNot) {
  const std::string report = make_report();
  const std::string out = directory_ / "quote";
  for (const char* const value : {"0", ""}) {
    const Lines lines =
        execute({std::string("setenv:SGX_AESM_ADDR=") + value, "load", "unsetenv:SGX_AESM_ADDR",
                 "target", "size", "quote:" + report + ":" + out, "mapped:libquoted_inproc"});
    EXPECT_THAT(lines, Contains("quote 0x0000")) << err_;
    EXPECT_THAT(lines, Contains("mapped libquoted_inproc no"));
  }
  const Lines lines = execute({"load", "target", "setenv:SGX_AESM_ADDR=1", "size",
                               "quote:" + report + ":" + out, "mapped:libsgx_quote_ex"});
  EXPECT_THAT(lines, Contains("quote 0x0000")) << err_;
  EXPECT_THAT(lines, Contains("mapped libsgx_quote_ex no"));
}

TEST_F(InOrOut, WithoutTheProvisioningRightOnlyTheServiceQuotes) {
  const std::string report = make_report();
  const std::string out = directory_ / "quote";
  set("QUOTED_SIMULATED_PROVISION", "/nowhere/simulated-provision");
  set("QUOTED_DEBUG", "1");
  EXPECT_THAT(execute({"load", "target"}), ElementsAre("load", "target 0xe00d zero"));
  EXPECT_THAT(err_, HasSubstr("/nowhere/simulated-provision"));
  EXPECT_THAT(err_, HasSubstr("SGX_AESM_ADDR=1"));
  ask_the_service();
  EXPECT_THAT(quote(report, out), Contains("quote 0x0000")) << err_;
}

TEST_F(InOrOut, ManyThreadsQuoteInTheProcessWhileItForks) {
  constexpr int kThreads = 32;
  const std::string report = make_report();
  const std::string out = directory_ / "quote";
  // The enclaves of a process stay with it: a child gets "enclave lost" (aesm-protocol 7.7).
  EXPECT_THAT(execute({"load", "target", text("torture:", kThreads, ":8:", report, ":", out),
                       "unload", "mapped:libquoted_inproc", "mapped:libsgx_dcap_ql"}),
              ElementsAre("load", "target 0x0000 set", "torture 0 failures 0x0000 children 0x14",
                          "unload", "mapped libquoted_inproc no", "mapped libsgx_dcap_ql no"))
      << err_;
  for (int i = 0; i < kThreads; ++i) {
    EXPECT_EQ(verified(text(out, ".", i)).certification_type, 5);
  }
}

}  // namespace
}  // namespace quoted::e2e
