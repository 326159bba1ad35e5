#include "certification/answers.h"

#include "base/byte_reader.h"

namespace quoted::certification {
namespace {

// TCBm (pcs-api 3.1).
struct Extra {
  sgx::CpuSvn cpu_svn;
  base::Le16 pce_isv_svn;
};
static_assert(sizeof(Extra) == 18);

}  // namespace

CacheRecord record_of(const Document& document) {
  CacheRecord out;
  out.body = document.body;
  out.issuer_chain_pem = document.issuer_chain_pem;
  return out;
}

CacheRecord record_of(const PckCertification& certification) {
  const Extra extra{certification.cpu_svn, certification.pce_isv_svn};
  CacheRecord out;
  out.extra = base::to_bytes(base::struct_bytes(extra));
  out.body = base::to_bytes(base::as_bytes(certification.leaf_pem));
  out.issuer_chain_pem = certification.issuer_chain_pem;
  return out;
}

Document document_of(const CacheRecord& record) { return {record.body, record.issuer_chain_pem}; }

base::Result<PckCertification> certification_of(const CacheRecord& record) {
  const auto extra = base::parse_struct<Extra>(record.extra, "the TCB of a PCK certificate");
  if (!extra) return base::fail(base::ErrorCode::kCacheDamaged, extra.error().message());
  return PckCertification{extra->cpu_svn, extra->pce_isv_svn,
                          std::string(base::as_text(record.body)), record.issuer_chain_pem};
}

base::Result<DocumentFacts> examine(const DocumentCheck& check, const Request& request,
                                    const CacheRecord& record) {
  if (const auto* const document = std::get_if<DocumentRequest>(&request)) {
    return check.examine(*document, document_of(record));
  }
  QUOTED_TRY(const PckCertification certification, certification_of(record));
  return check.examine(std::get<PckRequest>(request), certification);
}

}  // namespace quoted::certification
