#include "simulation/qe3/quote_logic.h"

#include "base/file.h"
#include "quote/certification_data.h"
#include "quote/quote_builder.h"

namespace quoted::simulation {
namespace {

using base::Result;
using base::text;

constexpr std::size_t kPceKeyBufferSize = 388;
constexpr std::size_t kSignatureSize = 64;
constexpr std::uint16_t kCertificationTypePpid = 3;
constexpr mode_t kBlobMode = 0600;

// 00 01 02 ... 1F, as every QE3 library passes it (quote-generation 1.1).
std::array<std::byte, kQeAuthenticationDataSize> default_authentication_data() {
  std::array<std::byte, kQeAuthenticationDataSize> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>(i);
  return out;
}

// Step 4 of 3.9: why the stored key cannot be kept, or empty.
std::string_view why_new_key(const AttestationKey& key, const Cpu& cpu, const Pce& pce,
                             const Qe3& qe) {
  if (key.clear.certification_type != kCertificationTypePpid) return "it was never certified";
  if (qe.secs().isv_svn > key.clear.certified_qe_isv_svn) return "the QE is newer";
  if (key.clear.raw_cpu_svn != cpu.cpu_svn()) return "the CPUSVN changed";
  if (key.clear.pce_target_info != pce.target_info()) return "the PCE changed";
  return {};
}

}  // namespace

std::optional<base::Bytes> QuoteLogic::load_blob() const {
  std::error_code ignored;
  if (blob_file_.path.empty() || !std::filesystem::exists(blob_file_.path, ignored)) {
    return std::nullopt;
  }
  auto blob = base::read_file(blob_file_.path, kBlobSize);
  if (blob) return *std::move(blob);
  notice_(text("the attestation key is derived again: ", blob.error().message()));
  return std::nullopt;
}

void QuoteLogic::save_blob(const base::Bytes& blob) const {
  if (blob_file_.path.empty()) return;
  const auto saved = base::write_file(blob_file_.path, blob, kBlobMode, true);
  if (!saved) {
    notice_(text("the attestation key blob is not kept and will be made again at the next start: ",
                 saved.error().message()));
  }
}

Result<PckQuery> QuoteLogic::pck_query() const {
  QUOTED_TRY(const PceEncryptionKey key,
             qe_.get_pce_encryption_key(pce_.target_info(), kCryptoSuiteRsa3072Oaep,
                                        kCertificationTypePpid, kPceKeyBufferSize));
  QUOTED_TRY(const PcInfo info, pce_.get_pc_info(base::struct_bytes(key.report), key.public_key,
                                                 kCryptoSuiteRsa3072Oaep, crypto::kRsa3072Size));
  QUOTED_TRY(const sgx::QeId qe_id, qe_.qe_id());
  return PckQuery{qe_id, info.encrypted_ppid, cpu_.cpu_svn(), pce_.info()};
}

Result<base::Bytes> QuoteLogic::certify(base::ByteView blob, const sgx::Report& qe_report,
                                        const PckQuery& query, const PckCertification& at) const {
  CertificationInput input;
  QUOTED_TRY(input.qe_report_signature,
             pce_.certify_enclave(at.tcb, base::struct_bytes(qe_report), kSignatureSize));
  input.encrypted_ppid = query.encrypted_ppid;
  input.certified_tcb = at.tcb;
  input.certified_pce_info = at.pce_info;
  input.raw_cpu_svn = cpu_.cpu_svn();
  input.raw_pce_info = pce_.info();
  input.pce_target_info = pce_.target_info();
  input.qe_report = qe_report;
  input.qe_id = query.qe_id;
  return qe_.store_certification_data(blob, input);
}

Result<CertifiedKey> QuoteLogic::initialize() const {
  // The raw TCB stands in for a certificate's when there is no provider (3.9, step 6).
  PckCertification at{{cpu_.cpu_svn(), pce_.info().isv_svn}, pce_.info(), {}};
  if (provider_ != nullptr) {
    QUOTED_TRY(const PckQuery query, pck_query());
    QUOTED_TRY(at, provider_->pck_certification(query.qe_id, query.encrypted_ppid, query.cpu_svn,
                                                query.pce_info));
  }
  return initialize(at);
}

Result<CertifiedKey> QuoteLogic::initialize(const PckCertification& at) const {
  std::optional<base::Bytes> blob = load_blob();
  std::optional<AttestationKey> key;
  if (blob) {
    auto opened = qe_.open_blob(*blob);
    const std::string why =
        opened ? std::string(why_new_key(*opened, cpu_, pce_, qe_)) : opened.error().summary();
    if (why.empty()) {
      key = *std::move(opened);
    } else {
      notice_(text("the stored attestation key blob is not used, the key is derived again: ", why));
    }
  }

  const bool certified_at_level = key && key->clear.certified_cpu_svn == at.tcb.cpu_svn &&
                                  key->clear.certified_pce_info == at.pce_info;
  if (!certified_at_level) {
    sgx::Report qe_report;
    if (key) {
      qe_report = key->clear.qe_report;
    } else {
      QUOTED_TRY(blob, qe_.generate_attestation_key(pce_.target_info(),
                                                    default_authentication_data(), qe_report));
    }
    QUOTED_TRY(const PckQuery query, pck_query());
    QUOTED_TRY(blob, certify(*blob, qe_report, query, at));
    QUOTED_TRY(key, qe_.open_blob(*blob));
    save_blob(*blob);
  }

  CertifiedKey out{*std::move(blob), *std::move(key), 0, {}, 0};
  std::size_t certification_size = sizeof(quote::EncryptedPpidRsa3072);
  if (!at.chain_pem.empty()) {
    out.certification_type = static_cast<std::uint16_t>(quote::CertificationType::kPckChain);
    out.certification_data = quote::pck_chain_data(at.chain_pem);
    certification_size = out.certification_data.size();
    if (certification_size < quote::kMinPckChainSize ||
        certification_size > quote::kMaxCertificationDataSize) {
      return base::fail(base::ErrorCode::kInternal,
                        text("PCK chain of ", certification_size, " bytes, expected ",
                             quote::kMinPckChainSize, " to ", quote::kMaxCertificationDataSize));
    }
  }
  out.quote_size =
      static_cast<std::uint32_t>(quote::quote_size(kQeAuthenticationDataSize, certification_size));
  return out;
}

Result<GeneratedQuote> QuoteLogic::get_quote(const CertifiedKey& key, base::ByteView report,
                                             const NonceInput& nonce, std::size_t buffer_size,
                                             const Cpu& report_cpu,
                                             bool check_own_signature) const {
  GenerateQuoteInput input;
  input.blob = key.blob;
  input.opened = &key.opened;
  input.report = report;
  input.nonce = nonce;
  if (key.certification_type != 0) {
    constexpr std::size_t kCertificationHeaderSize = 6;
    input.certification_type = key.certification_type;
    input.certification_data = key.certification_data;
    input.certification_total_size = key.certification_data.size() + kCertificationHeaderSize;
  }
  input.pce_isv_svn = pce_.info().isv_svn;
  input.buffer_size = buffer_size;
  input.check_own_signature = check_own_signature;
  return qe_.generate_quote(input, report_cpu);
}

}  // namespace quoted::simulation
