#include "attester/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

#include "base/text.h"
#include "common/command_line.h"
#include "simulation/cpu/published_cpu.h"

namespace quoted::sample {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

const std::map<std::string, Misbehaviour>& misbehaviours() {
  static const std::map<std::string, Misbehaviour> kNames = {
      {"wrong-nonce", Misbehaviour::kWrongNonce},
      {"swapped-key", Misbehaviour::kSwappedKey},
      {"debug", Misbehaviour::kDebug},
      {"other-enclave", Misbehaviour::kOtherEnclave},
      {"stale", Misbehaviour::kStale},
      {"replay", Misbehaviour::kReplay}};
  return kNames;
}

// Where the client library looks for the daemon.
std::filesystem::path daemon_socket() {
  const char* const chosen = std::getenv("QUOTED_SOCKET");
  return chosen != nullptr && *chosen != '\0' ? chosen : "/var/run/aesmd/aesm.socket";
}

}  // namespace

Result<AttesterCommandLine> parse_attester_command_line(int argc, const char* const* argv) {
  AttesterCommandLine out;
  AttesterOptions& options = out.options;
  options.simulated_cpu =
      daemon_socket().parent_path() / std::string(simulation::kPublishedCpuFileName);
  std::string mr_enclave = base::to_hex(base::Bytes(sgx::MrEnclave::kSize, std::byte{0x11}));
  std::string mr_signer = base::to_hex(base::Bytes(sgx::MrSigner::kSize, std::byte{0x22}));
  std::uint16_t product_id = 1;
  std::uint16_t svn = 2;
  long timeout = kDefaultTimeout.count();

  CLI::App app(
      "A simulated enclave that convinces a relying party by a quote and gets a secret for it.\n"
      "QUOTED_SOCKET names the daemon's socket, as for every user of libsgx_quote_ex.",
      "attester");
  app.add_option("--connect", options.relying_party, "Socket of the relying party")
      ->type_name("PATH")
      ->required();
  app.add_option("--simulated-cpu", options.simulated_cpu,
                 "The processor that the simulated daemon publishes")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_option("--mrenclave", mr_enclave, "Measurement of the simulated enclave")
      ->type_name("HEX")
      ->capture_default_str();
  app.add_option("--mrsigner", mr_signer, "Signer of the simulated enclave")
      ->type_name("HEX")
      ->capture_default_str();
  app.add_option("--product-id", product_id, "Its product id")->capture_default_str();
  app.add_option("--svn", svn, "Its security version")->capture_default_str();
  add_timeout_option(app, timeout);
  app.add_option("--record", options.recording, "Keep the evidence in this file")
      ->type_name("FILE");
  app.add_option("--misbehave", options.misbehaviour,
                 "Do something that the relying party has to refuse; replay sends the evidence "
                 "of --record again")
      ->transform(CLI::CheckedTransformer(misbehaviours()))
      ->type_name("wrong-nonce|swapped-key|debug|other-enclave|stale|replay");

  QUOTED_TRY(out.information, parse_or_help(app, argc, argv));
  if (!out.information.empty()) return out;
  if (options.misbehaviour == Misbehaviour::kReplay && options.recording.empty()) {
    return fail(ErrorCode::kInvalidArgument, "--misbehave replay needs --record FILE to send");
  }
  QUOTED_TRY(options.timeout, parse_timeout("--timeout", timeout));
  QUOTED_TRY(options.identity.mr_enclave,
             parse_measurement<sgx::MrEnclave>("--mrenclave", mr_enclave));
  QUOTED_TRY(options.identity.mr_signer, parse_measurement<sgx::MrSigner>("--mrsigner", mr_signer));
  options.identity.isv_prod_id = product_id;
  options.identity.isv_svn = svn;
  return out;
}

}  // namespace quoted::sample
