// A caching service of the data centre (PCCS, API version 4), which stands in for Intel's with
// differences (pcs-api 6).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "certification/api_targets.h"
#include "certification/source.h"

namespace quoted::certification {

struct PccsOptions {
  ServiceUrl url;
  http::Headers headers{};  // with every request to this service
  // Go with requests for PCK certificates; what they hold is for the service alone to know.
  std::vector<http::QueryParameter> pck_params{};
  std::string custom_parameter{};  // goes with requests for collateral, as base64
  std::string user_token{};        // for registrations
  TcbUpdate update = TcbUpdate::kStandard;
};

[[nodiscard]] std::unique_ptr<Source> make_pccs_source(PccsOptions options,
                                                       std::unique_ptr<http::Client> client);

}  // namespace quoted::certification
