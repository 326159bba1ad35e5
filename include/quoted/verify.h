// Verdicts on quotes, offline: no function here opens a connection.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "quoted/quote.h"

#pragma GCC visibility push(default)
namespace quoted {

namespace detail {
struct CollateralContents;
struct VerifierContents;
}  // namespace detail

// TCB info, QE identity, CRLs and their chains of one platform line. A value; copies share it.
class Collateral {
 public:
  // `path` is a directory with the seven documents or one bundle, as `quotectl collateral fetch`
  // writes them. COLLATERAL_MISSING or COLLATERAL_UNREADABLE names the part.
  [[nodiscard]] static Result<Collateral> read(const std::string& path);

 private:
  friend class Verifier;
  explicit Collateral(std::shared_ptr<const detail::CollateralContents> contents);
  std::shared_ptr<const detail::CollateralContents> contents_;
};

enum class Decision : std::uint8_t {
  kVerified,
  kVerifiedWithWarnings,  // `warnings` says of what
  kRefused,               // `refusal` says why
};

struct VerifyOptions {
  // When certificates and collateral have to be valid; absent: now.
  std::optional<std::chrono::sys_seconds> at;
  // An enclave that can be debugged is a warning, not a refusal.
  bool allow_debug = false;
};

struct Verdict {
  Decision decision = Decision::kRefused;
  std::optional<Error> refusal;
  std::vector<std::string> warnings;
  // SIMULATED-NO-SECURITY: the certificates are those of a simulated platform.
  bool simulated = false;
  std::string root;  // the name of the trusted root that was reached
  // Set once the structure of the quote holds; true only if it was not refused.
  std::optional<QuoteClaims> claims;
  // Without collateral TCB level, revocation and QE identity were not checked, and the rest is
  // empty.
  bool collateral_checked = false;
  std::string tcb_status;  // "UpToDate", "OutOfDate", ...
  std::optional<std::chrono::sys_seconds> tcb_date;
  std::vector<std::string> advisories;
  // When the first part of the collateral is no longer valid.
  std::optional<std::chrono::sys_seconds> earliest_expiration;
};

// Trusts one root. Usable from many threads; copies share what they remember of certificates.
class Verifier {
 public:
  // Intel's root: hardware alone.
  [[nodiscard]] static Verifier for_intel();

  // The root certificate in a file, PEM or DER, and no other. This is how a simulated platform is
  // trusted: by naming its root. BAD_CERTIFICATE when it is none of a CA.
  [[nodiscard]] static Result<Verifier> for_root(const std::string& path);

  // Structure, certificates and signatures only.
  [[nodiscard]] Verdict verify(ByteView quote, const VerifyOptions& options = {}) const;
  // All of it.
  [[nodiscard]] Verdict verify(ByteView quote, const Collateral& collateral,
                               const VerifyOptions& options = {}) const;

 private:
  explicit Verifier(std::shared_ptr<const detail::VerifierContents> contents);
  std::shared_ptr<const detail::VerifierContents> contents_;
};

}  // namespace quoted
#pragma GCC visibility pop
