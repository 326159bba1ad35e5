// One line of the audit log: who asked for a quote, for which enclave, and what became of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "sgx/report.h"
#include "tenancy/tenant.h"

namespace quoted::audit {

// Sixteen hexadecimal digits in logs, audit and answers; never given twice by a node.
struct RequestId {
  std::uint64_t value = 0;
  [[nodiscard]] std::string text() const;
};

// Owns what it holds: it is written later, by another thread.
struct Record {
  std::chrono::system_clock::time_point time;
  RequestId request_id;
  std::string client_request_id;  // what the client called it; hostile; empty: nothing
  tenancy::TenantPtr tenant;      // never null
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;             // 0: not in a PID namespace that is seen from here
  std::string_view request;  // "GetQuoteEx"
  // Of the REPORT; absent where the request held none. Only after a quote was made is it known that
  // this machine's CPU vouches for it.
  std::optional<sgx::ReportBody> enclave;
  bool enclave_verified = false;
  base::Bytes quote;         // as made, empty for a refusal: its digest is written
  std::string_view outcome;  // admin::outcome_name; static storage
  std::uint32_t aesm_code = 0;
  std::string_view error;  // "QD3011"; empty without one; static storage
  std::string reason;      // in words
  std::string rule;        // by which it was decided; empty: the default
  std::chrono::nanoseconds duration{};
};

}  // namespace quoted::audit
