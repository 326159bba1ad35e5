#include "recording/compare_quotes.h"

#include <optional>

#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/der.h"
#include "quote/certification_data.h"
#include "quote/quote.h"

namespace quoted::recording {
namespace {

using base::ByteView;
using base::Result;
using base::struct_bytes;
using base::text;
using quote::CertificationType;
using quote::Quote;

// What the issuer's signature is over.
Result<ByteView> signed_part(const crypto::Certificate& certificate) {
  QUOTED_TRY(const ByteView content,
             crypto::DerReader(certificate.der()).next(crypto::der_tag::kSequence));
  return crypto::DerReader(content).next(crypto::der_tag::kSequence);
}

void compare_certificates(std::string_view field, const crypto::Certificate& expected,
                          const crypto::Certificate& observed, Differences& out) {
  const auto a = signed_part(expected);
  const auto b = signed_part(observed);
  // A parsed certificate has that part.
  if (!a || !b) return out.compare(field, expected.der(), observed.der());
  out.compare(field, *a, *b);
}

// The certificates of a chain; none when it is not one.
std::optional<std::vector<crypto::Certificate>> chain_of(const Quote& quote) {
  if (quote.certification_type != static_cast<std::uint16_t>(CertificationType::kPckChain)) {
    return std::nullopt;
  }
  auto chain = crypto::parse_pem_chain(base::as_text(quote.certification_data));
  return chain ? std::optional(*std::move(chain)) : std::nullopt;
}

void compare_certification(const Quote& expected, const Quote& observed, Differences& out) {
  if (expected.certification_type != observed.certification_type) {
    return out.add("quote.certification_type", text(expected.certification_type),
                   text(observed.certification_type));
  }
  const auto a = chain_of(expected);
  const auto b = chain_of(observed);
  if (!a || !b) {
    return out.compare("quote.certification_data", expected.certification_data,
                       observed.certification_data);
  }
  if (a->size() != b->size()) {
    return out.add("quote.certificates", text(a->size()), text(b->size()));
  }
  for (std::size_t i = 0; i < a->size(); ++i) {
    compare_certificates(text("quote.certificate ", i + 1), (*a)[i], (*b)[i], out);
  }
}

std::string validity(const Result<Quote>& quote) {
  return quote ? std::string("a quote") : quote.error().summary();
}

ByteView body_bytes(const Quote& quote) {
  return std::visit([](const auto& body) { return struct_bytes(body); }, quote.body);
}

}  // namespace

void compare_quotes(ByteView expected, ByteView observed, Differences& out) {
  std::size_t padding = 0;
  const auto a = Quote::parse(expected, &padding);
  const auto b = Quote::parse(observed, &padding);
  if (!a && !b) return out.compare("quote", expected, observed);
  if (!a || !b) return out.add("quote", validity(a), validity(b));
  out.compare("quote.header", struct_bytes(a->header), struct_bytes(b->header));
  out.compare("quote.report_body", body_bytes(*a), body_bytes(*b));
  out.compare("quote.attestation_key", a->signature.attestation_key.view(),
              b->signature.attestation_key.view());
  out.compare("quote.qe_report", struct_bytes(a->signature.qe_report),
              struct_bytes(b->signature.qe_report));
  out.compare("quote.authentication_data", a->authentication_data, b->authentication_data);
  compare_certification(*a, *b, out);
}

void compare_qe_report_infos(ByteView expected, ByteView observed, Differences& out) {
  const auto a = base::parse_struct<sgx::QeReportInfo>(expected, "qe_report_info");
  const auto b = base::parse_struct<sgx::QeReportInfo>(observed, "qe_report_info");
  if (!a || !b) return out.compare("qe_report_info", expected, observed);
  out.compare("qe_report_info.nonce", a->nonce.view(), b->nonce.view());
  out.compare("qe_report_info.target_info", struct_bytes(a->app_enclave_target_info),
              struct_bytes(b->app_enclave_target_info));
  sgx::ReportBody before = a->qe_report.body;
  before.report_data = b->qe_report.body.report_data;
  out.compare("qe_report_info.qe_report", struct_bytes(before), struct_bytes(b->qe_report.body));
}

}  // namespace quoted::recording
