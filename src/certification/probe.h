// Asks a certification service for what every node needs of it, watches each step on the way, and
// says which one fails first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "certification/probe_steps.h"
#include "certification/settings.h"

namespace quoted::certification {

// One request and what came of it.
struct ProbedRequest {
  std::string url;
  bool over_tls = false;
  http::Timings timings;
  std::optional<unsigned> status;  // absent: there was no reply
  std::size_t body_bytes = 0;
  std::optional<std::string> warning;  // the header of that name
};

struct ProbeFailure {
  ProbeStep step;
  base::Error error;
};

struct ProbedDocument {
  std::string what;  // "the SGX TCB info of FMSPC 00906ea10000"
  // Empty where nothing was asked, because it could not have gone otherwise than before. More than
  // one where services have a document at several places.
  std::vector<ProbedRequest> requests;
  std::optional<ProbeFailure> failure;
  std::optional<base::UnixTime> valid_until;  // its own and its signers' dates together
  [[nodiscard]] bool good() const { return !failure && valid_until.has_value(); }
};

struct ProbeReport {
  std::string source;  // "pccs https://pccs:8081/sgx/certification/v4/"
  std::vector<ProbedDocument> documents;
  // What is no failure here and may be one for others, or explains one.
  std::vector<std::string> remarks;

  // Of the step that is first in their order; null when everything is good.
  [[nodiscard]] const ProbeFailure* first_failure() const;
};

struct ProbeOptions {
  Settings settings;  // with one source, which is asked
  // Whose TCB info is asked for; without it, the identity of the QE takes its place.
  std::optional<sgx::Fmspc> fmspc;
  std::vector<verification::TrustedRoot> roots;
};

// Fails like make_sources(); what is wrong with the service is in the report.
[[nodiscard]] base::Result<ProbeReport> probe(const ProbeOptions& options, base::UnixTime now);

}  // namespace quoted::certification
