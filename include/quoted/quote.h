// What a quote claims. Nothing of it is true before a Verifier (verify.h) has said so.
#pragma once

#include <optional>

#include "quoted/result.h"

#pragma GCC visibility push(default)
namespace quoted {

// An SGX enclave, out of its REPORT.
struct EnclaveClaims {
  std::array<std::uint8_t, 32> mr_enclave{};
  std::array<std::uint8_t, 32> mr_signer{};
  std::uint16_t isv_prod_id = 0;
  std::uint16_t isv_svn = 0;
  std::array<std::uint8_t, 16> cpu_svn{};
  std::uint64_t attribute_flags = 0;
  std::uint64_t xfrm = 0;
  std::uint32_t misc_select = 0;
};

// A TDX trust domain, out of its TD report.
struct TdClaims {
  std::array<std::uint8_t, 48> mr_td{};
  std::array<std::uint8_t, 48> mr_config_id{};
  std::array<std::uint8_t, 48> mr_owner{};
  std::array<std::uint8_t, 48> mr_owner_config{};
  std::array<std::array<std::uint8_t, 48>, 4> rt_mr{};
  std::array<std::uint8_t, 8> td_attributes{};
  std::array<std::uint8_t, 8> xfam{};
};

struct QuoteClaims {
  std::uint16_t version = 0;             // 3, 4 or 5
  std::size_t size = 0;                  // of the quote, padding behind it left out
  std::optional<EnclaveClaims> enclave;  // exactly one of the two is set
  std::optional<TdClaims> td;
  bool debug = false;  // its host can read its memory
  std::array<std::uint8_t, 64> report_data{};
  std::uint16_t certification_type = 0;  // 5: a PCK certificate chain
};

// Reads a quote of version 3, 4 or 5; bytes behind it are passed over. QUOTE_MALFORMED or
// QUOTE_UNSUPPORTED names the place.
[[nodiscard]] Result<QuoteClaims> read_quote(ByteView quote);

}  // namespace quoted
#pragma GCC visibility pop
