// A platform turns a REPORT into a quote. Asynchronous by contract, so that a platform hosted in
// worker processes fits behind it; the simulated one completes before the call returns.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sgx/attestation_key_id.h"
#include "sgx/report.h"

namespace quoted::quoting {

enum class CertificationState : std::uint8_t {
  kStarting,     // no PCK certificate was asked for yet
  kCertifying,   // asked for, not answered
  kCertified,    // quotes can be made
  kStale,        // quotes can be made with what there is; `reason` says why nothing newer comes
  kUncertified,  // no quotes; `reason` says why, and is answered with its code
};

// "certifying": for logs and status.
[[nodiscard]] constexpr std::string_view certification_state_name(CertificationState state) {
  switch (state) {
    case CertificationState::kStarting:
      return "starting";
    case CertificationState::kCertifying:
      return "certifying";
    case CertificationState::kCertified:
      return "certified";
    case CertificationState::kStale:
      return "stale";
    case CertificationState::kUncertified:
      return "uncertified";
  }
  return "unknown";
}

// What requests are answered from without asking the platform. Immutable.
struct PlatformSnapshot {
  CertificationState state = CertificationState::kUncertified;
  std::optional<base::Error> reason;  // set when no quote can be made, and when stale

  sgx::AttestationKeyId key_id;
  sgx::TargetInfo qe_target_info;  // only MRENCLAVE, ATTRIBUTES and MISCSELECT are set
  sgx::PubKeyId pub_key_id;        // SHA-256(attestation public key || authentication data)
  std::uint32_t quote_size = 0;    // exact, with the present certification data
  // With the certification data before, while a client that asked then may still come with it.
  std::optional<std::uint32_t> previous_quote_size;

  [[nodiscard]] bool can_quote() const {
    return state == CertificationState::kCertified || state == CertificationState::kStale;
  }
};

using Deadline = std::chrono::steady_clock::time_point;

struct QuoteRequest {
  sgx::Report report;
  std::optional<sgx::QeReportInfo> qe_report_info;
  std::uint32_t max_size = std::numeric_limits<std::uint32_t>::max();  // of the quote
};

struct QuoteOutput {
  base::Bytes quote;                                // exactly its own size, no padding
  std::optional<sgx::QeReportInfo> qe_report_info;  // the request's with qe_report filled
};

using QuoteCompletion = std::function<void(base::Result<QuoteOutput>)>;

class Platform {
 public:
  virtual ~Platform() = default;

  // Thread-safe, never blocks, never null.
  [[nodiscard]] virtual std::shared_ptr<const PlatformSnapshot> snapshot() const = 0;

  // Thread-safe. Calls `done` exactly once, from any thread, possibly before returning; with
  // PeerTimeout when the deadline passes first.
  virtual void quote(const QuoteRequest& request, Deadline deadline, QuoteCompletion done) = 0;

  // Quotes go on, all else ends: what is published belongs to the next daemon from now on.
  virtual void prepare_to_stop() {}
};

}  // namespace quoted::quoting
