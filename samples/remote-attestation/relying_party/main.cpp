// relying-party: has a secret, and gives it to the one enclave that proves what it is. It believes
// nothing but what it checks: the attester's host, the network and every byte from them may be
// hostile.
#include <algorithm>
#include <cstdio>

#include "base/clock.h"
#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "common/binding.h"
#include "common/command_line.h"
#include "common/transcript.h"
#include "crypto/ecdh.h"
#include "relying_party/nonce_ledger.h"
#include "relying_party/options.h"

namespace quoted::sample {
namespace {

using base::Result;
using base::text;
using std::chrono::steady_clock;

constexpr std::string_view kName = "relying party";
constexpr std::string_view kPeer = "attester";

std::string expectation(const Policy& policy) {
  std::string out;
  if (policy.mr_enclave) out += text("MRENCLAVE ", short_hex(policy.mr_enclave->view()));
  if (policy.product) {
    out += text(out.empty() ? "" : ", ", "MRSIGNER ", short_hex(policy.product->signer.view()),
                ", product ", policy.product->id, ", security version ", policy.product->min_svn,
                " or later");
  }
  return out;
}

class RelyingParty {
 public:
  RelyingParty(const RelyingPartyOptions& options, const Transcript& tell)
      : options_(options), tell_(tell), nonces_(options.max_age) {}

  // One session after the other; the worst result. One bad attester does not end the service.
  Result<ExitCode> run();

 private:
  Result<ExitCode> serve(const Channel& channel);
  std::optional<std::string> refusal_of(const Evidence& evidence);
  bool tell_check(const Check& check) const;
  Result<EncryptedSecret> encrypt(const Evidence& evidence) const;

  const RelyingPartyOptions& options_;
  const Transcript& tell_;
  NonceLedger nonces_;
};

// True when it passed.
bool RelyingParty::tell_check(const Check& check) const {
  const Judgement& judgement = check.judgement;
  tell_.detail(text(judgement ? "[ok]   " : "[FAIL] ", check.name, ": ",
                    judgement ? *judgement : judgement.error()));
  return judgement.has_value();
}

std::optional<std::string> RelyingParty::refusal_of(const Evidence& evidence) {
  const Check freshness{"nonce", nonces_.redeem(evidence.nonce, steady_clock::now())};
  if (!tell_check(freshness)) return freshness.judgement.error();
  const Appraisal appraisal = appraise(evidence, options_.policy, base::SystemClock().now());
  for (const Check& check : appraisal.checks) tell_check(check);
  if (appraisal.simulated) {
    tell_.detail(
        text(collateral::kSimulatedMarker, ": a simulated platform proves nothing about hardware"));
  }
  return appraisal.refusal();
}

// To a key pair that is made for this one message, so that no key ever encrypts two.
Result<EncryptedSecret> RelyingParty::encrypt(const Evidence& evidence) const {
  QUOTED_TRY(const crypto::P256PrivateKey own, crypto::make_ephemeral_key());
  const crypto::P256Point& own_point = own.public_key().point();
  const Session session{evidence.nonce, evidence.public_key, own_point, evidence.quote};
  QUOTED_TRY(const SessionKey derived, session_key(own, evidence.public_key, session));
  QUOTED_TRY(crypto::Sealed sealed,
             crypto::seal_with_single_use_key(derived.key, base::as_bytes(options_.secret),
                                              derived.transcript.view()));
  return EncryptedSecret{own_point, sealed.tag, std::move(sealed.ciphertext)};
}

Result<ExitCode> RelyingParty::serve(const Channel& channel) {
  QUOTED_TRY(const Nonce nonce, nonces_.issue(steady_clock::now()));
  tell_.step(3, text("challenges the attester: nonce ", short_hex(nonce.view()), ", good for ",
                     nonces_.good_for().count(), " ms and one answer"));
  QUOTED_CHECK(channel.send(encode(Challenge{nonce, nonces_.good_for()})));

  QUOTED_TRY(const base::Bytes received, channel.receive(kMaxEvidenceSize, "evidence"));
  QUOTED_TRY(const Evidence evidence, parse_evidence(received));
  tell_.step(8, text("evidence received, ", received.size(), " bytes; checks it:"));
  if (auto reason = refusal_of(evidence)) {
    // A sample explains; where attackers listen, "refused" says enough.
    tell_.step(9, text("REFUSED: ", *reason));
    QUOTED_CHECK(channel.send(encode(Refusal{*std::move(reason)})));
    return ExitCode::kRefused;
  }
  QUOTED_TRY(const EncryptedSecret secret, encrypt(evidence));
  tell_.step(9, text("sends the secret, ", secret.ciphertext.size(),
                     " bytes that only the enclave's key decrypts"));
  QUOTED_CHECK(channel.send(encode(secret)));
  return ExitCode::kSuccess;
}

Result<ExitCode> RelyingParty::run() {
  tell_.step(1, text("has a secret for ", expectation(options_.policy)));
  tell_.detail(text("trusts ", options_.policy.root.name, "; waits on ", options_.socket.string()));
  QUOTED_TRY(const Listener listener, Listener::create(options_.socket));
  ExitCode worst = ExitCode::kSuccess;
  for (long session = 0; session < options_.sessions; ++session) {
    QUOTED_TRY(const Channel channel, listener.accept(kPeer, options_.timeout));
    auto result = serve(channel);
    if (!result) tell_.error(result.error());
    worst = std::max(worst, result.value_or(ExitCode::kError));
  }
  return worst;
}

Result<ExitCode> serve_attesters(int argc, const char* const* argv, const Transcript& tell) {
  QUOTED_TRY(const RelyingPartyCommandLine command_line,
             parse_relying_party_command_line(argc, argv));
  if (!command_line.information.empty()) {
    std::fputs(command_line.information.c_str(), stdout);
    return ExitCode::kSuccess;
  }
  return RelyingParty(command_line.options, tell).run();
}

}  // namespace
}  // namespace quoted::sample

int main(int argc, char** argv) {
  using namespace quoted;
  const sample::Transcript tell(sample::kName);
  return sample::run_program(tell, [&] { return sample::serve_attesters(argc, argv, tell); });
}
