#include "sgx_dcap_quoteverify/platform.h"

#include "base/byte_reader.h"
#include "base/text.h"
#include "quote/certification_data.h"
#include "verification/intel/quote_chain.h"

namespace quoted::quoteverify {
namespace {

using base::text;
using quote::CertificationType;

constexpr std::size_t kChainLength = 3;

// Null for any other issuer.
const char* ca_of(const crypto::Certificate& pck) {
  const std::string& issuer = pck.issuer_cn();
  if (issuer.find(collateral::kProcessorCaCn) != std::string::npos) return "processor";
  if (issuer.find(collateral::kPlatformCaCn) != std::string::npos) return "platform";
  return nullptr;
}

Answer<std::string_view> chain_text(const quote::Quote& quote) {
  const auto type = static_cast<CertificationType>(quote.certification_type);
  if (type < CertificationType::kClearPpid || type > CertificationType::kPckChain) {
    return refuse(SGX_QL_QUOTE_FORMAT_UNSUPPORTED,
                  text("the quote has certification data of type ", quote.certification_type));
  }
  if (type != CertificationType::kPckChain) {
    return refuse(SGX_QL_QUOTE_CERTIFICATION_DATA_UNSUPPORTED,
                  text("the quote has certification data of type ", quote.certification_type,
                       ", expected 5, a PCK certificate chain"));
  }
  if (quote.certification_data.empty()) {
    return refuse(SGX_QL_ERROR_UNEXPECTED, "the quote's certification data are empty");
  }
  return base::as_text(quote.certification_data);
}

}  // namespace

Answer<base::ByteView> read_quote(const std::uint8_t* quote, std::uint32_t size) {
  if (quote == nullptr) return invalid("the quote is NULL");
  if (size < quote::kMinQuoteSize) {
    return invalid(text("the quote has ", size, " bytes, the smallest has ", quote::kMinQuoteSize));
  }
  const auto tee = load<base::Le32>(quote + offsetof(quote::Header, tee_type));
  if (tee != quote::kTeeTypeSgx && tee != quote::kTeeTypeTdx) {
    return invalid(text("the quote is of TEE type ", base::hex_number(std::uint32_t{tee}),
                        ", expected 0 (SGX) or 0x81 (TDX)"));
  }
  return std::as_bytes(std::span(quote, size));
}

Answer<Platform> platform_of(base::ByteView bytes) {
  const ForkGate gate;
  const auto quote = quote::Quote::parse_leniently(bytes);
  if (!quote) return refuse(SGX_QL_QUOTE_FORMAT_UNSUPPORTED, quote.error().summary());
  const auto pem = chain_text(*quote);
  if (!pem) return tl::unexpected(pem.error());
  const verification::intel::QuoteChain carried(std::string(*pem), {});
  const auto& chain = carried.chain();
  if (!chain) return refuse(SGX_QL_PCK_CERT_CHAIN_ERROR, chain.error().detail);
  if (chain->size() != kChainLength) {
    return refuse(SGX_QL_PCK_CERT_CHAIN_ERROR, text("the quote's chain has ", chain->size(),
                                                    " certificates, expected ", kChainLength));
  }
  const auto& pck = carried.pck();
  if (!pck) return refuse(SGX_QL_PCK_CERT_CHAIN_ERROR, pck.error().detail);
  return Platform{pck->sgx().fmspc, ca_of(pck->certificate()), quote->is_tdx()};
}

}  // namespace quoted::quoteverify
