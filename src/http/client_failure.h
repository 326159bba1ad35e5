// What libcurl's result codes mean here: an error that names host, step and observed value. Private
// to the module: includes libcurl.
#pragma once

#include "http/client_transfer.h"

namespace quoted::http {

// `curl_text` is what libcurl said of it; may be empty.
[[nodiscard]] base::Error transfer_error(CURLcode code, std::string_view curl_text, const Url& url,
                                         const ClientOptions& options, const Progress& progress,
                                         std::chrono::milliseconds time_allowed);

}  // namespace quoted::http
