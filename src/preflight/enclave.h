// The enclave in whose name a preflight asks for quotes: one on the simulated CPU that a simulated
// daemon publishes beside its socket.
#pragma once

#include <filesystem>

#include "conformance/player.h"
#include "preflight/report.h"

namespace quoted::preflight {

struct Enclave {
  conformance::ReportMaker make_report;
  // What is wrong with a REPORT that is said to be for this target; empty when nothing is.
  std::function<std::string(const sgx::Report& report, const sgx::TargetInfo& target)> flaw_of;
};

// FileUnreadable or Malformed when there is no such CPU beside the socket.
[[nodiscard]] base::Result<Enclave> enclave_beside(const std::filesystem::path& socket);

// A daemon that publishes no CPU cannot be asked for quotes: a candidate that was started for it
// must, another one may be on a machine where no enclave is at hand.
[[nodiscard]] Check enclave_check(const base::Result<Enclave>& enclave, bool started);

}  // namespace quoted::preflight
