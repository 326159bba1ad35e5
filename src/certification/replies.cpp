#include "certification/replies.h"

#include <algorithm>

#include "base/text.h"
#include "certification/exchange.h"
#include "collateral/crl_text.h"
#include "collateral/json_value.h"
#include "collateral/pck_certificate.h"
#include "config/mistakes.h"
#include "http/percent.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using collateral::JsonValue;
using config::shown;

constexpr std::size_t kMaxChainText = std::size_t{32} * 1024;
// Genuine ones are far smaller; it bounds what one reply may make the readers copy.
constexpr std::size_t kMaxCrlText = std::size_t{8} * 1024 * 1024;

tl::unexpected<base::Error> not_understood(std::string message) {
  return fail(ErrorCode::kReplyNotUnderstood, std::move(message));
}

Result<std::string_view> required_header(const http::ClientReply& reply, std::string_view name) {
  const auto value = http::find_header(reply.headers, name);
  if (!value) return not_understood(text("the reply has no header ", name));
  return *value;
}

Result<JsonValue> parse_body(const http::ClientReply& reply) {
  auto parsed = collateral::parse_json(base::as_text(reply.body));
  if (!parsed) {
    return not_understood(
        text("the body is no JSON (", parsed.error().message(), "): ", excerpt(reply.body)));
  }
  return parsed;
}

Result<std::string_view> required_string(const JsonValue& object, std::string_view name) {
  const JsonValue* const value = object.member(name);
  if (value == nullptr || value->string() == nullptr) {
    return not_understood(text("the JSON body has no text '", name, "'"));
  }
  return *value->string();
}

// The one PCK certificate of a body.
Result<collateral::PckCertificate> parse_leaf(std::string_view pem) {
  if (!pem.starts_with("-----BEGIN")) {
    return not_understood(
        text("the body is no certificate in PEM form: ", excerpt(base::as_bytes(pem))));
  }
  auto certificates = crypto::parse_pem_chain(pem);
  if (!certificates) return not_understood(certificates.error().message());
  if (certificates->size() != 1) {
    return not_understood(
        text("the body has ", certificates->size(), " certificates, expected the PCK certificate"));
  }
  auto leaf = collateral::PckCertificate::create(std::move(certificates->front()));
  if (!leaf) return not_understood(leaf.error().message());
  return leaf;
}

Result<PckCertification> certify(std::string_view leaf_pem, std::string_view chain,
                                 std::string_view tcbm) {
  QUOTED_TRY(const collateral::PckCertificate leaf, parse_leaf(leaf_pem));
  QUOTED_CHECK(check_tcbm(tcbm, leaf.sgx()));
  PckCertification out;
  out.cpu_svn = leaf.sgx().cpu_svn;
  out.pce_isv_svn = leaf.sgx().pce_svn;
  out.leaf_pem = leaf.certificate().pem();
  QUOTED_TRY(out.issuer_chain_pem, parse_issuer_chain(chain));
  return out;
}

Result<PckCertification> certify_json(const http::ClientReply& reply) {
  QUOTED_TRY(const JsonValue body, parse_body(reply));
  QUOTED_TRY(const std::string_view leaf, required_string(body, "pckCert"));
  QUOTED_TRY(const std::string_view chain,
             required_string(body, "sgx-Pck-Certificate-Issuer-Chain"));
  QUOTED_TRY(const std::string_view tcbm, required_string(body, "sgx-Tcbm"));
  return certify(leaf, chain, tcbm);
}

// Headers that repeat what the certificate says. A proxy that mixes up cached replies shows here.
Status check_hints(const http::ClientReply& reply) {
  QUOTED_TRY(const collateral::PckCertificate leaf, parse_leaf(base::as_text(reply.body)));
  const auto type = http::find_header(reply.headers, "SGX-PCK-Certificate-CA-Type");
  const auto ca = leaf.certificate().issuer_cn() == collateral::kPlatformCaCn
                      ? collateral::PckCa::kPlatform
                      : collateral::PckCa::kProcessor;
  if (type && !http::equal_ignoring_case(*type, collateral::pck_ca_name(ca))) {
    return not_understood(text("the header SGX-PCK-Certificate-CA-Type is ", shown(*type),
                               ", the certificate was issued by ",
                               shown(leaf.certificate().issuer_cn())));
  }
  const auto fmspc = http::find_header(reply.headers, "SGX-FMSPC");
  if (fmspc && !http::equal_ignoring_case(*fmspc, leaf.sgx().fmspc.hex())) {
    return not_understood(text("the header SGX-FMSPC is ", shown(*fmspc),
                               ", the certificate's FMSPC is ", leaf.sgx().fmspc.hex()));
  }
  return {};
}

Result<JsonValue> parse_signed(const http::ClientReply& reply, std::string_view member) {
  QUOTED_TRY(JsonValue body, parse_body(reply));
  const JsonValue* const document = body.member(member);
  if (document == nullptr || document->object() == nullptr) {
    return not_understood(text("the body is JSON without '", member, "': ", excerpt(reply.body)));
  }
  QUOTED_TRY([[maybe_unused]] const std::string_view signature, required_string(body, "signature"));
  return body;
}

}  // namespace

// With a TCB beside that of the certificate the PCE would sign with another key than it names.
Status check_tcbm(std::string_view digits, const collateral::SgxExtension& leaf) {
  base::Bytes expected = base::to_bytes(leaf.cpu_svn.view());
  const base::Le16 pce_svn(leaf.pce_svn);
  base::append(expected, std::as_bytes(std::span(&pce_svn, 1)));
  const auto given = base::from_hex(digits);
  if (!given || given->size() != expected.size()) {
    return not_understood(
        text("TCBm is ", shown(digits), ", expected ", 2 * expected.size(), " hexadecimal digits"));
  }
  if (*given == expected) return {};
  return not_understood(
      text("TCBm is ", base::to_hex(*given), ", the certificate is for ", base::to_hex(expected)));
}

Result<std::string> parse_issuer_chain(std::string_view encoded) {
  constexpr std::size_t kCertificates = 2;
  if (encoded.size() > kMaxChainText) {
    return not_understood(text("the issuer chain has ", encoded.size(), " characters, at most ",
                               kMaxChainText, " are taken"));
  }
  const auto decoded = http::percent_decoded(encoded);
  if (!decoded) {
    return not_understood(
        text("the issuer chain is not percent-encoded: ", decoded.error().message()));
  }
  const auto certificates = crypto::parse_pem_chain(*decoded);
  if (!certificates) {
    return not_understood(text("the issuer chain: ", certificates.error().message()));
  }
  if (certificates->size() != kCertificates) {
    return not_understood(text("the issuer chain has ", certificates->size(),
                               " certificates, expected the issuer and the root"));
  }
  std::string out;
  for (const crypto::Certificate& certificate : *certificates) out += certificate.pem();
  return out;
}

Result<std::string> read_issuer_chain(const http::ClientReply& reply,
                                      std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto value = http::find_header(reply.headers, name);
    if (value) return parse_issuer_chain(*value);
  }
  return not_understood(text("the reply has no header ", *names.begin()));
}

Result<PckCertification> read_pck_certification(const http::ClientReply& reply) {
  if (base::as_text(reply.body).starts_with('{')) return certify_json(reply);
  QUOTED_TRY(const std::string_view tcbm, required_header(reply, "SGX-TCBm"));
  QUOTED_TRY(const std::string_view chain, required_header(reply, kPckChainHeader));
  QUOTED_CHECK(check_hints(reply));
  return certify(base::as_text(reply.body), chain, tcbm);
}

Result<base::Bytes> read_crl(const http::ClientReply& reply) {
  if (reply.body.size() > kMaxCrlText) {
    return fail(ErrorCode::kReplyTooLarge, text("the CRL has ", reply.body.size(),
                                                " bytes, at most ", kMaxCrlText, " are taken"));
  }
  auto der = collateral::crl_der(reply.body);
  if (!der) return not_understood(text(der.error().message(), ": ", excerpt(reply.body)));
  const auto crl = crypto::Crl::parse_der(*der);
  if (!crl) {
    return not_understood(
        text("the body is no CRL (", crl.error().message(), "): ", excerpt(reply.body)));
  }
  if (crl->trailing_bytes() != 0) {
    return not_understood(text("the CRL has ", crl->trailing_bytes(), " bytes behind it"));
  }
  return der;
}

Result<Document> read_pck_crl(const http::ClientReply& reply) {
  Document out;
  QUOTED_TRY(out.body, read_crl(reply));
  QUOTED_TRY(out.issuer_chain_pem, read_issuer_chain(reply, {"SGX-PCK-CRL-Issuer-Chain"}));
  return out;
}

Result<Document> read_root_ca_crl(const http::ClientReply& reply) {
  Document out;
  QUOTED_TRY(out.body, read_crl(reply));
  return out;
}

Result<Document> read_tcb_info(const http::ClientReply& reply) {
  constexpr std::uint64_t kRetiredVersion = 2;
  QUOTED_TRY(const JsonValue body, parse_signed(reply, "tcbInfo"));
  const JsonValue* const version = body.member("tcbInfo")->member("version");
  if (version != nullptr && version->number() != nullptr && *version->number() <= kRetiredVersion) {
    return fail(ErrorCode::kApiVersionRetired,
                text("the TCB info has version ", *version->number(),
                     ", which is that of API version 3; expected 3 or later"));
  }
  Document out;
  out.body = reply.body;
  QUOTED_TRY(out.issuer_chain_pem,
             read_issuer_chain(reply, {"TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"}));
  return out;
}

Result<Document> read_enclave_identity(const http::ClientReply& reply) {
  QUOTED_TRY([[maybe_unused]] const JsonValue body, parse_signed(reply, "enclaveIdentity"));
  Document out;
  out.body = reply.body;
  QUOTED_TRY(out.issuer_chain_pem, read_issuer_chain(reply, {"SGX-Enclave-Identity-Issuer-Chain"}));
  return out;
}

}  // namespace quoted::certification
