// The quote as the library's parameters have it, and the platform that its PCK certificate names.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "sgx/identifiers.h"
#include "sgx_dcap_quoteverify/call.h"

namespace quoted::quoteverify {

// InvalidParameter unless there is a quote at all, of SGX or of TDX by its header
// (quote-verification 2.2 and 19).
[[nodiscard]] Answer<base::ByteView> read_quote(const std::uint8_t* quote, std::uint32_t size);

// What collateral is asked for by.
struct Platform {
  sgx::Fmspc fmspc;
  const char* ca;  // "processor" or "platform", from the issuer's name; null for any other
  bool is_tdx;
};

// Nothing is verified; the codes are those by which a verification would refuse the same quote.
[[nodiscard]] Answer<Platform> platform_of(base::ByteView quote);

}  // namespace quoted::quoteverify
