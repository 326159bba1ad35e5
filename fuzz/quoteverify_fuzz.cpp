// libsgx_dcap_quoteverify from outside: a quote and seven documents that a stranger sent, handed
// over as C does it, in memory of exactly their sizes. Nothing is read beyond; the three outputs
// agree with each other whatever happens; asked again, the library remembers much and answers the
// same; nothing verifies but what Intel's machines signed in the seeds.
//
// The input: sixteen bytes of choices, a time in four, the quote, and the documents in the order of
// kCollateralParts, each with its size in three bytes before it. Numbers are little-endian.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "collateral/collateral.h"
#include "crypto/digest.h"
#include "fuzz.h"
#include "quote/quote.h"
#include "quoted/sgx_dcap_quoteverify.h"
#include "splitter.h"

using namespace quoted;

namespace {

// SHA-256 of what the attestation keys of the seeds signed.
constexpr std::array<std::string_view, 2> kGenuine{
    "317ca572f16e69d6138147b5ccdc6ce4285fea76ebd848edc211b73ab38f0a35",
    "263b491bb14d627cc0d13408888dbe1ef550b7b8265794702303300bc388ef17"};

constexpr std::array<std::uint32_t, 6> kVersions{1, 3, 0x00010003, 4, 2, 0};

// A document in memory of its own, where a byte too far is noticed.
struct Part {
  std::vector<char> bytes;
  std::uint32_t size = 0;
  [[nodiscard]] char* place() { return bytes.empty() ? nullptr : bytes.data(); }
};

base::ByteView take_sized(fuzz::Splitter& in) {
  const std::size_t size =
      in.byte() + (std::size_t{in.byte()} << 8U) + (std::size_t{in.byte()} << 16U);
  return in.take(size);
}

// 0 as it should be; 1 without its NUL; 2 with a size that leaves the last byte out; 3 NULL.
Part take_part(fuzz::Splitter& in, unsigned choice, bool is_crl) {
  const std::string_view content = base::as_text(take_sized(in));
  Part out;
  if (choice == 3) return out;
  out.bytes.assign(content.begin(), content.end());
  if (choice != 1 && !is_crl) out.bytes.push_back('\0');
  out.size = static_cast<std::uint32_t>(out.bytes.size());
  if (choice == 2 && out.size > 0) --out.size;
  return out;
}

struct Answer {
  quote3_error_t code = SGX_QL_SUCCESS;
  std::uint32_t expired = 77;
  sgx_ql_qv_result_t result = SGX_QL_QV_RESULT_OK;
  std::array<std::uint8_t, sizeof(sgx_ql_qv_supplemental_t)> data{};
};

void check(const Answer& answer, base::ByteView quote) {
  fuzz::require(answer.expired <= 1);
  if (answer.code != SGX_QL_SUCCESS) {
    fuzz::require(answer.result == SGX_QL_QV_RESULT_UNSPECIFIED);
    return;
  }
  fuzz::require(answer.result != SGX_QL_QV_RESULT_UNSPECIFIED &&
                answer.result != SGX_QL_QV_RESULT_INVALID_SIGNATURE &&
                answer.result != SGX_QL_QV_RESULT_REVOKED);
  const auto parsed = quote::Quote::parse_leniently(quote);
  fuzz::require(parsed.has_value());
  const std::string body = crypto::sha256(parsed->signed_bytes()).value().hex();
  fuzz::require(std::ranges::find(kGenuine, body) != kGenuine.end());
  fuzz::require(answer.data[0] == 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Splitter in(fuzz::input(data, size));
  std::array<unsigned, 16> choices{};
  for (unsigned& choice : choices) choice = in.byte() & 3U;
  const std::uint32_t low = in.u16();
  const time_t at = low + (std::uint32_t{in.u16()} << 16U);

  const base::ByteView quote_bytes = take_sized(in);
  // A copy, so that reading beyond it does not hit the documents.
  const std::vector<std::byte> quote(quote_bytes.begin(), quote_bytes.end());
  const auto* const quote_place = reinterpret_cast<const std::uint8_t*>(quote.data());
  const auto quote_size = static_cast<std::uint32_t>(quote.size());

  std::array<Part, collateral::kCollateralParts.size()> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] = take_part(in, choices[i], i == 1 || i == 2);
  }
  sgx_ql_qve_collateral_t documents{kVersions[choices[7]], 0,
                                    parts[0].place(),      parts[0].size,
                                    parts[1].place(),      parts[1].size,
                                    parts[2].place(),      parts[2].size,
                                    parts[3].place(),      parts[3].size,
                                    parts[4].place(),      parts[4].size,
                                    parts[5].place(),      parts[5].size,
                                    parts[6].place(),      parts[6].size};

  Answer tee;
  tee_supp_data_descriptor_t descriptor{static_cast<std::uint16_t>(choices[8] == 1 ? 1 : 0),
                                        static_cast<std::uint32_t>(tee.data.size()),
                                        tee.data.data()};
  tee.code =
      tee_verify_quote(quote_place, quote_size, reinterpret_cast<const std::uint8_t*>(&documents),
                       at, &tee.expired, &tee.result, nullptr, &descriptor);
  check(tee, quote);
  Answer again;
  descriptor.p_data = again.data.data();
  again.code =
      tee_verify_quote(quote_place, quote_size, reinterpret_cast<const std::uint8_t*>(&documents),
                       at, &again.expired, &again.result, nullptr, &descriptor);
  fuzz::require(again.code == tee.code && again.result == tee.result &&
                again.expired == tee.expired && again.data == tee.data);

  Answer sgx;
  sgx.code =
      sgx_qv_verify_quote(quote_place, quote_size, &documents, at, &sgx.expired, &sgx.result,
                          nullptr, static_cast<std::uint32_t>(sgx.data.size()), sgx.data.data());
  check(sgx, quote);
  // They differ only in what they make of the supplemental data.
  if (tee.code == SGX_QL_SUCCESS) {
    fuzz::require(sgx.code == tee.code && sgx.result == tee.result && sgx.expired == tee.expired);
  }

  std::array<std::uint8_t, 6> fmspc{};
  const quote3_error_t named =
      tee_get_fmspc_from_quote(quote_place, quote_size, fmspc.data(), fmspc.size());
  if (sgx.code == SGX_QL_SUCCESS) fuzz::require(named == SGX_QL_SUCCESS);
  return 0;
}
