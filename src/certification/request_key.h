// What an answer is kept under: everything that a request asks for, and nothing more.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "certification/documents.h"

namespace quoted::certification {

using Request = std::variant<PckRequest, DocumentRequest>;

// A text like "tcb-info/sgx/00906ea10000". Without the encrypted PPID, which is another at each
// encryption and names the same platform as the QE id.
[[nodiscard]] std::string cache_key(const Request& request);

// What the keys of all CRLs of root CAs begin with.
inline constexpr std::string_view kRootCaCrlPrefix = "root-ca-crl/";

// What the keys of all PCK certificates of one platform begin with.
[[nodiscard]] std::string cache_key_prefix(const sgx::QeId& qe_id);

// The request with this key; nothing for what is no key.
[[nodiscard]] std::optional<Request> parse_cache_key(std::string_view key);

// For messages and logs.
[[nodiscard]] std::string describe(const Request& request);

}  // namespace quoted::certification
