// A blocking client of an AESM service. Each call opens a connection of its own, as every known
// client does (aesm-protocol 1.3), so a Client holds no descriptor, survives a restart of the
// service, and may be used by several threads at once.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "aesm/messages.h"
#include "aesm/retry_policy.h"
#include "base/bytes.h"
#include "base/result.h"
#include "sgx/attestation_key_id.h"
#include "sgx/report.h"

namespace quoted::aesm {

// A response together with the bytes its views point into. They stay valid when it is moved.
class OwnedResponse {
 public:
  // Errors as those of decode_response.
  [[nodiscard]] static base::Result<OwnedResponse> decode(base::Bytes body);

  OwnedResponse(OwnedResponse&&) noexcept = default;
  OwnedResponse& operator=(OwnedResponse&&) noexcept = default;
  OwnedResponse(const OwnedResponse&) = delete;
  OwnedResponse& operator=(const OwnedResponse&) = delete;
  ~OwnedResponse() = default;

  [[nodiscard]] const Response& get() const { return response_; }

 private:
  OwnedResponse(base::Bytes body, const Response& response)
      : body_(std::move(body)), response_(response) {}

  // A moved vector hands over its heap buffer, so the views follow it.
  base::Bytes body_;
  Response response_;
};

// What InitQuoteEx answers: for which enclave to make a REPORT, and the attestation key's id.
struct InitializedQuote {
  sgx::TargetInfo target_info;
  sgx::PubKeyId pub_key_id;
};

// What GetQuoteEx answers. `quote` is as the service sent it: the reference fills it with zero
// bytes up to the requested size (aesm-protocol 3.6).
struct QuoteAnswer {
  base::Bytes quote;
  std::optional<sgx::QeReportInfo> qe_report_info;
};

struct ClientOptions {
  // Bounds each call as a whole, repetitions included; Intel's library waits as long for one
  // answer (aesm-protocol 1.7).
  std::chrono::milliseconds timeout = std::chrono::seconds(15);
  RetryPolicy retry;
  RetryObserver on_retry;
};

// A value. The typed calls ask for the ECDSA P-256 key, turn an error code in the answer into
// ServiceRefused with that number as peer_code(), and check the sizes of what they return.
class Client {
 public:
  Client(std::filesystem::path socket, ClientOptions options);

  // One that does not ask twice.
  explicit Client(std::filesystem::path socket,
                  std::chrono::milliseconds timeout = std::chrono::seconds(15));

  // The answer to `request`, which is of the same kind. Its error code is the caller's business.
  [[nodiscard]] base::Result<OwnedResponse> call(const Request& request) const;

  // The second form of InitQuoteEx: makes the attestation key ready (aesm-protocol 3.4).
  [[nodiscard]] base::Result<InitializedQuote> init_quote() const;

  // What a quote needs at most.
  [[nodiscard]] base::Result<std::uint32_t> quote_size() const;

  // A quote for `report` of at most `buf_size` bytes; with `qe_report_info` also the QE's report
  // about it.
  [[nodiscard]] base::Result<QuoteAnswer> quote(
      const sgx::Report& report, std::uint32_t buf_size,
      const std::optional<sgx::QeReportInfo>& qe_report_info = std::nullopt) const;

  // The same with a buffer of the size that the service names, and once more from the beginning when
  // it was restarted since its target info was asked for (aesm-protocol 3.5). Zero bytes that fill
  // the buffer behind the quote are not cut off.
  [[nodiscard]] base::Result<QuoteAnswer> quote_for(
      const sgx::Report& report,
      const std::optional<sgx::QeReportInfo>& qe_report_info = std::nullopt) const;

  // Two calls: how many ids, then the ids.
  [[nodiscard]] base::Result<std::vector<sgx::AttestationKeyId>> supported_key_ids() const;

 private:
  std::filesystem::path socket_;
  ClientOptions options_;
};

}  // namespace quoted::aesm
