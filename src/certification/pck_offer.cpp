#include "certification/pck_offer.h"

#include "base/text.h"
#include "certification/api_targets.h"
#include "certification/replies.h"
#include "collateral/json_value.h"
#include "collateral/pck_selection.h"
#include "http/percent.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using collateral::JsonValue;

// One for each TCB level; the largest sets have a few dozen.
constexpr std::size_t kMaxOffered = 512;

tl::unexpected<base::Error> not_understood(std::size_t index, std::string_view message) {
  return fail(ErrorCode::kReplyNotUnderstood, text("element ", index, " of the reply: ", message));
}

// Nothing for a level that the service cannot certify.
Result<std::optional<collateral::PckCertificate>> read_element(const JsonValue& element,
                                                               std::size_t index) {
  const JsonValue* const cert = element.member("cert");
  const JsonValue* const tcbm = element.member("tcbm");
  if (cert == nullptr || cert->string() == nullptr || tcbm == nullptr ||
      tcbm->string() == nullptr) {
    return not_understood(index, "there is no text 'cert' or 'tcbm'");
  }
  if (*cert->string() == "Not available") return std::nullopt;
  const auto pem = http::percent_decoded(*cert->string());
  if (!pem) return not_understood(index, pem.error().message());
  auto certificate = crypto::Certificate::parse_pem(*pem);
  if (!certificate) return not_understood(index, certificate.error().message());
  auto pck = collateral::PckCertificate::create(*std::move(certificate));
  if (!pck) return not_understood(index, pck.error().message());
  auto checked = check_tcbm(*tcbm->string(), pck->sgx());
  if (!checked) return not_understood(index, checked.error().message());
  return std::optional(*std::move(pck));
}

}  // namespace

Result<PckOffer> read_pck_offer(const http::ClientReply& reply) {
  const auto body = collateral::parse_json(base::as_text(reply.body));
  if (!body || body->array() == nullptr || body->array()->size() > kMaxOffered) {
    return fail(ErrorCode::kReplyNotUnderstood,
                text("the body is no JSON list of at most ", kMaxOffered,
                     " certificates: ", excerpt(reply.body)));
  }
  PckOffer out;
  for (std::size_t i = 0; i < body->array()->size(); ++i) {
    QUOTED_TRY(auto certificate, read_element((*body->array())[i], i));
    if (certificate) out.certificates.push_back(*std::move(certificate));
  }
  if (out.certificates.empty()) {
    return fail(ErrorCode::kNoPckForTcb, text("none of the ", body->array()->size(),
                                              " TCB levels has a certificate to offer"));
  }
  QUOTED_TRY(out.issuer_chain_pem, read_issuer_chain(reply, {kPckChainHeader}));
  return out;
}

Result<PckCertification> choose_pck(const PckOffer& offer, const PckRequest& request,
                                    const collateral::TcbInfo& tcb_info) {
  collateral::RawTcb raw{request.cpu_svn, request.pce_isv_svn, sgx::PceId()};
  QUOTED_TRY(raw.pce_id, sgx::PceId::parse_hex(number_hex(request.pce_id, HexCase::kLower)));
  QUOTED_TRY(const std::size_t chosen,
             collateral::select_pck_certificate(raw, tcb_info, offer.certificates));
  const collateral::PckCertificate& pck = offer.certificates[chosen];
  PckCertification out;
  out.cpu_svn = pck.sgx().cpu_svn;
  out.pce_isv_svn = pck.sgx().pce_svn;
  out.leaf_pem = pck.certificate().pem();
  out.issuer_chain_pem = offer.issuer_chain_pem;
  return out;
}

}  // namespace quoted::certification
