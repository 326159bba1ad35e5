// attester: the application on the node. Its enclave proves to a relying party what it is, and gets
// a secret that only it can decrypt. Everything here but class Enclave is the untrusted host, which
// `--misbehave` turns against the relying party.
#include <bit>
#include <cstdio>
#include <exception>
#include <thread>

#include "attester/enclave.h"
#include "attester/options.h"
#include "attester/quote_library.h"
#include "base/file.h"
#include "base/text.h"
#include "common/command_line.h"
#include "common/transcript.h"
#include "crypto/ecdh.h"
#include "crypto/random.h"
#include "simulation/cpu/published_cpu.h"

namespace quoted::sample {
namespace {

using base::Result;
using base::Status;
using base::text;

constexpr std::string_view kName = "attester";
constexpr std::string_view kPeer = "relying party";
constexpr std::size_t kMaxPublishedCpuSize = 4096;
// Beyond the end of a nonce, so that no rounding makes it good again; and no challenge, which comes
// from the network, keeps us longer than a minute.
constexpr Milliseconds kStaleBy(100);
constexpr Milliseconds kLongestWait = std::chrono::minutes(1);

class Attester {
 public:
  Attester(const AttesterOptions& options, const Transcript& tell)
      : options_(options), tell_(tell) {}

  Result<ExitCode> run();

 private:
  [[nodiscard]] bool misbehaves(Misbehaviour how) const { return options_.misbehaviour == how; }
  [[nodiscard]] Result<Enclave> load_enclave() const;
  [[nodiscard]] Result<base::Bytes> quote(const Enclave& enclave, const Nonce& nonce) const;
  [[nodiscard]] Result<Evidence> evidence(const Enclave& enclave, const Challenge& challenge) const;
  [[nodiscard]] Status record_or_replay(base::Bytes& message) const;

  const AttesterOptions& options_;
  const Transcript& tell_;
};

Result<Enclave> Attester::load_enclave() const {
  auto content = base::read_file(options_.simulated_cpu, kMaxPublishedCpuSize);
  if (!content) {
    return fail(std::move(content).error().with_context(
        "no simulated processor: is QUOTED_SOCKET the socket of a simulated daemon?"));
  }
  QUOTED_TRY(simulation::PlatformCpu cpu, simulation::parse_published_cpu(*content));
  simulation::Secs identity = options_.identity;
  constexpr std::uint64_t kX87AndSse = 3;
  identity.attributes = {sgx::flags::kInit | sgx::flags::kMode64Bit, kX87AndSse};
  if (misbehaves(Misbehaviour::kDebug)) {
    tell_.detail("MISBEHAVING: the enclave is loaded with the DEBUG attribute");
    identity.attributes.flags = identity.attributes.flags | sgx::flags::kDebug;
  }
  if (misbehaves(Misbehaviour::kOtherEnclave)) {
    tell_.detail("MISBEHAVING: another enclave is loaded, of another signer");
    for (std::byte& b : identity.mr_enclave.mutable_view()) b = ~b;
    for (std::byte& b : identity.mr_signer.mutable_view()) b = ~b;
  }
  return Enclave::load(identity, std::move(cpu));
}

Result<base::Bytes> Attester::quote(const Enclave& enclave, const Nonce& nonce) const {
  QUOTED_TRY(base::Bytes out,
             quote_by_library([&](const sgx_target_info_t& raw_target) -> Result<sgx_report_t> {
               const auto target = std::bit_cast<sgx::TargetInfo>(raw_target);
               QUOTED_TRY(const sgx::Report report, enclave.report(target, nonce));
               tell_.step(5, text("the enclave made its REPORT for the Quoting Enclave ",
                                  short_hex(target.mr_enclave.view())));
               tell_.detail(text("report data: SHA-256(label, nonce, public key) = ",
                                 short_hex(report.body.report_data.view())));
               return std::bit_cast<sgx_report_t>(report);
             }));
  tell_.step(6, text("libsgx_quote_ex turned the REPORT into a quote of ", out.size(), " bytes"));
  return out;
}

Result<Evidence> Attester::evidence(const Enclave& enclave, const Challenge& challenge) const {
  Evidence out{challenge.nonce, enclave.public_key(), {}};
  if (misbehaves(Misbehaviour::kWrongNonce)) {
    QUOTED_CHECK(crypto::fill_random(out.nonce.mutable_view()));
    tell_.detail("MISBEHAVING: the quote is made for a nonce of our own");
  }
  QUOTED_TRY(out.quote, quote(enclave, out.nonce));
  if (misbehaves(Misbehaviour::kSwappedKey)) {
    QUOTED_TRY(const crypto::P256PrivateKey host_key, crypto::make_ephemeral_key());
    out.public_key = host_key.public_key().point();
    tell_.detail("MISBEHAVING: the host sends a key of its own instead of the enclave's");
  }
  if (misbehaves(Misbehaviour::kStale)) {
    tell_.detail("MISBEHAVING: waiting until the nonce is no longer good");
    std::this_thread::sleep_for(std::min(challenge.good_for + kStaleBy, kLongestWait));
  }
  return out;
}

Status Attester::record_or_replay(base::Bytes& message) const {
  if (options_.recording.empty()) return {};
  if (misbehaves(Misbehaviour::kReplay)) {
    tell_.detail("MISBEHAVING: evidence recorded earlier is sent instead");
    QUOTED_TRY(message, base::read_file(options_.recording, kMaxEvidenceSize));
    return {};
  }
  constexpr mode_t kMode = 0600;
  return base::write_file(options_.recording, message, kMode);
}

Result<ExitCode> Attester::run() {
  tell_.step(2, text("loads its enclave and connects to ", options_.relying_party.string()));
  QUOTED_TRY(const Enclave enclave, load_enclave());
  QUOTED_TRY(const Channel channel,
             Channel::connect(options_.relying_party, kPeer, options_.timeout));

  QUOTED_TRY(const base::Bytes received, channel.receive(kMaxChallengeSize, "challenge"));
  QUOTED_TRY(const Challenge challenge, parse_challenge(received));
  tell_.step(4, text("challenge received, nonce ", short_hex(challenge.nonce.view()),
                     "; the enclave's public key for this session is ",
                     short_hex(enclave.public_key().view())));

  QUOTED_TRY(const Evidence ours, evidence(enclave, challenge));
  base::Bytes message = encode(ours);
  QUOTED_CHECK(record_or_replay(message));
  tell_.step(7, text("sends its evidence: nonce, public key, quote; ", message.size(), " bytes"));
  QUOTED_CHECK(channel.send(message));

  QUOTED_TRY(const base::Bytes reply, channel.receive(kMaxAnswerSize, "secret"));
  QUOTED_TRY(const Answer answer, parse_answer(reply));
  if (const auto* const refusal = std::get_if<Refusal>(&answer)) {
    tell_.step(10, text("REFUSED by the relying party: ", printable(refusal->reason)));
    return ExitCode::kRefused;
  }
  const auto& encrypted = std::get<EncryptedSecret>(answer);
  auto secret = enclave.decrypt(encrypted, ours.nonce, ours.quote);
  if (!secret) {
    return fail(std::move(secret).error().with_context("the secret does not open"));
  }
  // A real enclave would keep it to itself.
  tell_.step(10, text("the enclave decrypted the secret: '",
                      printable(base::as_text(secret->view())), "'"));
  return ExitCode::kSuccess;
}

Result<ExitCode> attest(int argc, const char* const* argv, const Transcript& tell) {
  QUOTED_TRY(const AttesterCommandLine command_line, parse_attester_command_line(argc, argv));
  if (!command_line.information.empty()) {
    std::fputs(command_line.information.c_str(), stdout);
    return ExitCode::kSuccess;
  }
  return Attester(command_line.options, tell).run();
}

}  // namespace
}  // namespace quoted::sample

int main(int argc, char** argv) {
  using namespace quoted;
  const sample::Transcript tell(sample::kName);
  return sample::run_program(tell, [&] { return sample::attest(argc, argv, tell); });
}
