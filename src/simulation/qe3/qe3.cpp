#include "simulation/qe3/qe3.h"

#include "crypto/digest.h"
#include "quote/certification_data.h"
#include "quote/quote_builder.h"
#include "simulation/qe3/attestation_key.h"
#include "simulation/simulated_enclave.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

constexpr std::uint16_t kCertificationTypePpid = 3;
constexpr std::uint16_t kMaxCertificationType = 16;
constexpr std::size_t kCertificationHeaderSize = 6;
constexpr std::size_t kPceKeyBufferSize = 388;

tl::unexpected<base::Error> invalid_parameter(std::string why) {
  return fail(ErrorCode::kQeInvalidParameter, std::move(why));
}

Status check_pce_target(const sgx::TargetInfo& pce) {
  if (!pce.attributes.has(sgx::flags::kProvisionKey) || pce.attributes.has(sgx::flags::kDebug)) {
    return invalid_parameter(text("PCE attributes ", base::hex_number(pce.attributes.flags),
                                  " must have PROVISION_KEY and not DEBUG"));
  }
  return {};
}

std::array<std::byte, kPceKeyBufferSize> encoded(const crypto::RsaPublicKey& key) {
  std::array<std::byte, kPceKeyBufferSize> out{};
  const auto end = std::copy(key.modulus.view().begin(), key.modulus.view().end(), out.begin());
  std::copy(key.exponent.view().begin(), key.exponent.view().end(), end);
  return out;
}

// Checks 1 to 4 of quote-generation 3.8.
Status check_shape(const GenerateQuoteInput& in) {
  if (in.blob.empty() || in.report.empty() || in.buffer_size == 0) {
    return invalid_parameter("blob, report or buffer is missing");
  }
  if (in.blob.size() != kBlobSize) {
    return invalid_parameter(text("the blob has ", in.blob.size(), " bytes, expected ", kBlobSize));
  }
  const int given = (in.nonce.nonce ? 1 : 0) + (in.nonce.app_target_info ? 1 : 0) +
                    (in.nonce.wants_report ? 1 : 0);
  if (given != 0 && given != 3) {
    return invalid_parameter("nonce, target info and QE report go together: all three or none");
  }
  if (in.certification_type == 0) return {};
  if (in.certification_type > kMaxCertificationType ||
      in.certification_data.size() > quote::kMaxCertificationDataSize ||
      in.certification_total_size != in.certification_data.size() + kCertificationHeaderSize) {
    return invalid_parameter(text("certification data of type ", in.certification_type, " and ",
                                  in.certification_data.size(), " bytes, announced as ",
                                  in.certification_total_size));
  }
  return {};
}

// Type 3 data, for quotes made without a provider's certificate.
base::Bytes ppid_certification(const AttestationKey& key) {
  quote::EncryptedPpidRsa3072 out;
  out.encrypted_ppid = key.encrypted_ppid;
  out.tcb = {key.clear.certified_cpu_svn, key.clear.certified_pce_info.isv_svn,
             key.clear.certified_pce_info.pce_id};
  return base::to_bytes(base::struct_bytes(out));
}

// With the key that the quote names, as any verifier does.
Status check_own_signature(const quote::Quote& quote, base::ByteView signed_bytes) {
  const auto key = crypto::P256PublicKey::create(quote.signature.attestation_key);
  if (key && key->verify(signed_bytes, quote.signature.quote_signature)) return {};
  return fail(ErrorCode::kQeUnexpected, "the QE's own signature does not verify");
}

}  // namespace

Secs simulated_qe_secs(std::uint16_t isv_svn) { return architectural_enclave("QE3", 1, isv_svn); }

sgx::TargetInfo Qe3::target_info() const { return target_info_for(secs_); }

Result<sgx::QeId> Qe3::qe_id() const { return derive_qe_id(cpu_, secs_); }

Result<sgx::Report> Qe3::report_for(const sgx::TargetInfo& target,
                                    std::initializer_list<base::ByteView> data,
                                    const Cpu& cpu) const {
  QUOTED_TRY(const crypto::Sha256 digest, crypto::sha256(data));
  return cpu.ereport(secs_, target, digest_as_report_data(digest));
}

Result<PceEncryptionKey> Qe3::get_pce_encryption_key(const sgx::TargetInfo& pce,
                                                     std::uint8_t crypto_suite,
                                                     std::uint16_t certification_type,
                                                     std::size_t buffer_size) const {
  if (crypto_suite != kCryptoSuiteRsa3072Oaep || certification_type != kCertificationTypePpid ||
      buffer_size != kPceKeyBufferSize) {
    return invalid_parameter(text("crypto suite ", crypto_suite, ", certification type ",
                                  certification_type, " and buffer of ", buffer_size,
                                  " bytes; expected 1, 3 and ", kPceKeyBufferSize));
  }
  QUOTED_CHECK(check_pce_target(pce));
  const auto key = encoded(provisioning_key_);
  const std::array suite{std::byte{crypto_suite}};
  QUOTED_TRY(const sgx::Report report, report_for(pce, {suite, key}, cpu_));
  return PceEncryptionKey{key, report};
}

Result<base::Bytes> Qe3::generate_attestation_key(const sgx::TargetInfo& pce,
                                                  base::ByteView authentication_data,
                                                  sgx::Report& report) const {
  if (authentication_data.size() != kQeAuthenticationDataSize) {
    return invalid_parameter(text("authentication data of ", authentication_data.size(),
                                  " bytes, expected ", kQeAuthenticationDataSize));
  }
  QUOTED_CHECK(check_pce_target(pce));
  auto key = derive_attestation_key(cpu_, secs_);
  if (!key) return fail(ErrorCode::kQeKeyGeneration, key.error().summary());
  const crypto::P256Point point = key->public_key().point();
  QUOTED_TRY(report, report_for(pce, {point.view(), authentication_data}, cpu_));

  BlobClearPart clear;
  clear.attestation_key = point;
  QUOTED_TRY(clear.key_id,
             sgx::PubKeyId::parse(report.body.report_data.view().first<sgx::PubKeyId::kSize>()));
  clear.authentication_data_size = kQeAuthenticationDataSize;
  std::copy(authentication_data.begin(), authentication_data.end(),
            clear.authentication_data.begin());
  return seal_blob(cpu_, secs_, AttestationKey{*std::move(key), {}, clear});
}

Result<AttestationKey> Qe3::open_blob(base::ByteView blob) const {
  return unseal_blob(cpu_, secs_, blob);
}

Result<VerifiedBlob> Qe3::verify_blob(base::ByteView blob) const {
  if (blob.size() != kBlobSize) {
    return invalid_parameter(text("the blob has ", blob.size(), " bytes, expected ", kBlobSize));
  }
  QUOTED_TRY(const AttestationKey key, open_blob(blob));
  VerifiedBlob out;
  out.key_id = key.clear.key_id;
  QUOTED_TRY(out.own_report, cpu_.ereport(secs_, sgx::TargetInfo{}, sgx::ReportData{}));
  if (key.clear.seal_cpu_svn != cpu_.cpu_svn() || key.clear.seal_qe_isv_svn != secs_.isv_svn) {
    QUOTED_TRY(out.resealed, seal_blob(cpu_, secs_, key));
  }
  return out;
}

Result<base::Bytes> Qe3::store_certification_data(base::ByteView blob,
                                                  const CertificationInput& in) const {
  QUOTED_TRY(AttestationKey key, open_blob(blob));
  if (in.certification_type != kCertificationTypePpid ||
      in.encrypted_ppid_size != crypto::kRsa3072Size) {
    return invalid_parameter(text("certification type ", in.certification_type,
                                  " and encrypted PPID of ", in.encrypted_ppid_size,
                                  " bytes; expected 3 and ", crypto::kRsa3072Size));
  }
  const auto vouched = in.qe_report.body.report_data.view().first<sgx::PubKeyId::kSize>();
  if (!base::equal(key.clear.key_id.view(), vouched)) {
    return invalid_parameter("the QE report does not vouch for the key in the blob");
  }
  key.encrypted_ppid = in.encrypted_ppid;
  key.clear.certified_cpu_svn = in.certified_tcb.cpu_svn;
  key.clear.certified_qe_isv_svn = in.qe_report.body.isv_svn;
  key.clear.certified_pce_info = in.certified_pce_info;
  key.clear.certification_type = in.certification_type;
  key.clear.raw_cpu_svn = in.raw_cpu_svn;
  key.clear.raw_pce_info = in.raw_pce_info;
  key.clear.signature_scheme = kSignatureSchemeEcdsaP256;
  key.clear.pce_target_info = in.pce_target_info;
  key.clear.qe_report = in.qe_report;
  key.clear.qe_report_signature = in.qe_report_signature;
  key.clear.qe_id = in.qe_id;
  return seal_blob(cpu_, secs_, key);
}

Result<sgx::Report> Qe3::check_application_report(base::ByteView bytes,
                                                  const Cpu& report_cpu) const {
  auto report = base::parse_struct<sgx::Report>(bytes, "REPORT");
  if (!report) return invalid_parameter(report.error().message());
  QUOTED_TRY(const bool genuine, report_verifies(report_cpu, secs_, *report));
  if (!genuine) {
    return fail(ErrorCode::kQeInvalidReport,
                text("the REPORT's MAC does not verify for QE ", secs_.mr_enclave.hex(),
                     " at CPUSVN ", report_cpu.cpu_svn().hex(), "; the REPORT says CPUSVN ",
                     report->body.cpu_svn.hex(), " and MRENCLAVE ", report->body.mr_enclave.hex()));
  }
  return *report;
}

Result<GeneratedQuote> Qe3::generate_quote(const GenerateQuoteInput& in,
                                           const Cpu& report_cpu) const {
  QUOTED_CHECK(check_shape(in));
  QUOTED_TRY(const sgx::Report report, check_application_report(in.report, report_cpu));
  std::optional<AttestationKey> unsealed;
  if (in.opened == nullptr) {
    QUOTED_TRY(unsealed, open_blob(in.blob));
  }
  const AttestationKey& key = unsealed ? *unsealed : *in.opened;

  quote::Quote out;
  out.certification_type = in.certification_type;
  if (in.certification_type == 0) {
    out.certification_type = kCertificationTypePpid;
    out.certification_data = ppid_certification(key);
  } else {
    out.certification_data = base::to_bytes(in.certification_data);
  }
  const std::size_t required =
      quote::quote_size(kQeAuthenticationDataSize, out.certification_data.size());
  if (required > in.buffer_size) {
    return invalid_parameter(
        text("the quote needs ", required, " bytes, the buffer has ", in.buffer_size));
  }

  out.header.version = quote::kVersion3;
  out.header.attestation_key_type = quote::kKeyTypeEcdsaP256;
  out.header.qe_svn = secs_.isv_svn;
  out.header.pce_svn = in.pce_isv_svn;
  out.header.qe_vendor_id = quote::intel_qe_vendor_id();
  std::copy(key.clear.qe_id.view().begin(), key.clear.qe_id.view().end(),
            out.header.user_data.mutable_view().begin());
  out.body = report.body;
  out.signature.attestation_key = key.clear.attestation_key;
  out.signature.qe_report = key.clear.qe_report.body;
  out.signature.qe_report_signature = key.clear.qe_report_signature;
  out.authentication_data = base::to_bytes(key.clear.authentication_data);
  const base::Bytes signed_bytes = out.signed_bytes();
  QUOTED_TRY(out.signature.quote_signature, key.key.sign(signed_bytes));
  if (in.check_own_signature) QUOTED_CHECK(check_own_signature(out, signed_bytes));

  GeneratedQuote result;
  QUOTED_TRY(result.quote, quote::serialize(out));
  if (in.nonce.nonce) {
    auto qe_report =
        report_for(*in.nonce.app_target_info, {in.nonce.nonce->view(), result.quote}, report_cpu);
    if (!qe_report) return fail(ErrorCode::kQeReportGeneration, qe_report.error().summary());
    result.qe_report = *qe_report;
  }
  return result;
}

}  // namespace quoted::simulation
