// Azure's cache (THIM): of the host, or global (pcs-api 8).
#pragma once

#include <memory>
#include <string>

#include "certification/api_targets.h"
#include "certification/source.h"

namespace quoted::certification {

struct AzureOptions {
  ServiceUrl url;  // with "v4/" at its end or without
  http::Headers headers{};
  std::string client_id = "production_client";
  // Whether the service may ask Intel's for a platform that it does not have.
  bool on_demand = true;
};

[[nodiscard]] std::unique_ptr<Source> make_azure_source(AzureOptions options,
                                                        std::unique_ptr<http::Client> client);

}  // namespace quoted::certification
