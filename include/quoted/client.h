// Quotes from the service of the node (the AESM service, `quoted` or Intel's), out-of-process.
#pragma once

#include <chrono>

#include "quoted/result.h"

#pragma GCC visibility push(default)
namespace quoted {

struct ClientOptions {
  // Empty: /var/run/aesmd/aesm.socket.
  std::string socket;
  // For each function as a whole.
  std::chrono::milliseconds timeout{15'000};
  // How long the service may be away, because it is being replaced, before a call gives up. Zero:
  // an absent service is an error at once.
  std::chrono::milliseconds longest_absence{2'000};
};

// What quotes are made with.
struct QuotingTarget {
  std::array<std::uint8_t, kTargetInfoSize> target_info{};  // make the REPORT for this enclave
  std::array<std::uint8_t, 32>
      pub_key_id{};  // SHA-256(attestation public key || authentication data)
};

// A quote that the QE vouches for towards an enclave on the same machine.
struct VouchedQuote {
  Bytes quote;
  // REPORT of the QE for the target info that was given; its report data are SHA-256(nonce ||
  // quote) and 32 zero bytes.
  std::array<std::uint8_t, kReportSize> qe_report{};
};

// A value that holds no connection: every request opens its own, so a client survives replacements
// of the service, and fork().
class Client {
 public:
  explicit Client(ClientOptions options = {}) : options_(std::move(options)) {}

  // Makes the attestation key ready. Ask again after an update of the node: it may have changed.
  [[nodiscard]] Result<QuotingTarget> target() const;

  // `report` is a REPORT of kReportSize bytes, made on this machine for target(). The quote ends
  // where its length fields say.
  [[nodiscard]] Result<Bytes> quote(ByteView report) const;

  // The same, with a REPORT of the QE about the quote for the enclave of `target_info`.
  [[nodiscard]] Result<VouchedQuote> quote(ByteView report, ByteView nonce,
                                           ByteView target_info) const;

 private:
  ClientOptions options_;
};

}  // namespace quoted
#pragma GCC visibility pop
