// The forms in which the service answers, of either dialect. Private to the service.
#pragma once

#include <string>
#include <string_view>

#include "http/response.h"
#include "simulation/pcs_server/call.h"

namespace quoted::simulation {

inline constexpr std::string_view kPemType = "application/x-pem-file";
inline constexpr std::string_view kCrlType = "application/pkix-crl";

[[nodiscard]] std::string upper_case(std::string text);

// 64 characters a line, LF at the end.
[[nodiscard]] std::string pem_text(std::string_view label, base::ByteView der);

// What went wrong, in the dialect's form (pcs-api 2.2, 6.3). InvalidArgument is 400, ApiKeyRefused
// 401, ApiVersionRetired 410, SourceBusy 503; the others are what their name says or 500.
[[nodiscard]] http::Response refusal(Dialect dialect, const base::Error& error);
[[nodiscard]] http::Response refusal(Dialect dialect, unsigned status, std::string_view words);

// An identifier of its own for every reply.
[[nodiscard]] std::string new_request_id();

}  // namespace quoted::simulation
