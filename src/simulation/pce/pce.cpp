#include "simulation/pce/pce.h"

#include "crypto/digest.h"
#include "simulation/simulated_enclave.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::size_t kPublicKeySize = 388;
constexpr std::size_t kSignatureSize = 64;

// Codes of the CPU become the PCE's, and the CPU's sentence stays.
base::Error as_tcb_error(const base::Error& error) {
  const bool beyond_platform =
      error.code() == ErrorCode::kCpuInvalidCpuSvn || error.code() == ErrorCode::kCpuInvalidIsvSvn;
  return {beyond_platform ? ErrorCode::kPceInvalidTcb : ErrorCode::kPceUnexpected, error.summary()};
}

}  // namespace

Secs simulated_pce_secs(std::uint16_t isv_svn) { return architectural_enclave("PCE", 1, isv_svn); }

sgx::TargetInfo Pce::target_info() const { return target_info_for(secs_); }

Result<sgx::Report> Pce::check_report(base::ByteView bytes) const {
  auto report = base::parse_struct<sgx::Report>(bytes, "the QE's REPORT");
  if (!report) return fail(ErrorCode::kPceInvalidParameter, report.error().message());
  QUOTED_TRY(const bool genuine, report_verifies(cpu_, secs_, *report));
  if (!genuine) {
    return fail(ErrorCode::kPceInvalidReport,
                "the MAC of the QE's REPORT does not verify for this PCE");
  }
  if (!report->body.attributes.has(sgx::flags::kProvisionKey)) {
    return fail(ErrorCode::kPceInvalidPrivilege,
                text("the caller's attributes ", base::hex_number(report->body.attributes.flags),
                     " lack PROVISION_KEY"));
  }
  return *report;
}

Result<PcInfo> Pce::get_pc_info(base::ByteView report_bytes, base::ByteView public_key,
                                std::uint8_t crypto_suite, std::size_t output_size) const {
  if (crypto_suite != kCryptoSuiteRsa3072Oaep || public_key.size() != kPublicKeySize ||
      output_size < crypto::kRsa3072Size) {
    return fail(ErrorCode::kPceInvalidParameter,
                text("crypto suite ", crypto_suite, ", public key of ", public_key.size(),
                     " bytes and output of ", output_size, " bytes; expected 1, ", kPublicKeySize,
                     " and at least ", crypto::kRsa3072Size));
  }
  QUOTED_TRY(const sgx::Report report, check_report(report_bytes));
  const std::array suite{std::byte{crypto_suite}};
  QUOTED_TRY(const crypto::Sha256 digest, crypto::sha256({suite, public_key}));
  if (report.body.report_data != digest_as_report_data(digest)) {
    return fail(ErrorCode::kPceCrypto, "the REPORT does not vouch for the public key");
  }
  crypto::RsaPublicKey key;
  QUOTED_TRY(key.modulus, crypto::RsaModulus::parse(public_key.first(crypto::kRsa3072Size)));
  QUOTED_TRY(key.exponent, crypto::RsaExponent::parse(public_key.subspan(crypto::kRsa3072Size)));
  QUOTED_TRY(const sgx::Ppid ppid, derive_ppid(cpu_, secs_));
  auto encrypted = crypto::rsa_oaep_encrypt(key, ppid.view());
  if (!encrypted) return fail(ErrorCode::kPceCrypto, encrypted.error().message());
  return PcInfo{*encrypted, info(), kSignatureSchemeEcdsaP256};
}

Result<crypto::P256Signature> Pce::certify_enclave(const Psvn& wanted, base::ByteView report_bytes,
                                                   std::size_t output_size) const {
  if (output_size < kSignatureSize) {
    return fail(ErrorCode::kPceInvalidParameter,
                text("signature buffer of ", output_size, " bytes, expected ", kSignatureSize));
  }
  QUOTED_TRY(const sgx::Report report, check_report(report_bytes));
  auto key = derive_pck_key(cpu_, secs_, wanted);
  if (!key) return fail(as_tcb_error(key.error()));
  return key->sign(base::struct_bytes(report.body));
}

}  // namespace quoted::simulation
