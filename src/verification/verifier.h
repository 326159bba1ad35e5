// Judges a quote: structure, PCK chain to a trusted root key, PCK signature on the QE report, QE
// report binding, attestation signature. No I/O and no clock of its own. Collateral (TCB level,
// revocation, QE identity) is not consulted, and the verdict says so.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "collateral/pck_certificate.h"
#include "quote/quote.h"

namespace quoted::verification {

// A root that quotes may chain to. Trust hangs on the key: two certificates of Intel's root exist.
struct TrustedRoot {
  std::string name;  // "Intel SGX Root CA", or where the file came from
  crypto::P256PublicKey key;
  // MRSIGNER of the one Quoting Enclave of this PKI, where it has one. The PCE certifies any
  // enclave with PROVISION_KEY, so without this (or a QE identity) an enclave of the platform's
  // owner could pose as the QE.
  std::optional<sgx::MrSigner> qe_mr_signer = std::nullopt;
};

[[nodiscard]] TrustedRoot intel_root();

enum class CheckOutcome : std::uint8_t { kPassed, kWarned, kFailed, kNotReached };

struct Check {
  std::string name;  // stable: "structure", "certification_data", "chain", "root", "validity",
                     // "qe_report_signature", "qe_report_binding", "quote_signature", "debug"
  CheckOutcome outcome;
  std::string detail;  // what was observed and expected
};

enum class Decision : std::uint8_t { kVerified, kVerifiedWithWarnings, kRefused };

// What no verdict of this verifier covers, for people.
inline constexpr std::string_view kNotConsulted =
    "TCB level, revocation and QE identity were not checked: no collateral was consulted";

struct Verdict {
  Decision decision = Decision::kRefused;
  std::vector<Check> checks;           // all of them, in the order they are made
  std::optional<base::Error> refusal;  // set when refused: the first failed check's
  bool simulated = false;              // certificates carry the simulation's marker
  std::optional<quote::Quote> quote;   // present once the structure holds
  std::optional<collateral::PckCertificate> pck;
  std::string root_name;  // of the trusted root reached, else empty
  std::string_view limits = kNotConsulted;
};

class Verifier {
 public:
  explicit Verifier(std::vector<TrustedRoot> roots) : roots_(std::move(roots)) {}

  // Never fails: what cannot be judged is refused, with the reason in the verdict.
  [[nodiscard]] Verdict verify(base::ByteView quote, base::UnixTime at) const;

 private:
  std::vector<TrustedRoot> roots_;
};

}  // namespace quoted::verification
