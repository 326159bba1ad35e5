#include "service/request_checks.h"

#include "base/text.h"

namespace quoted::service {

using base::Error;
using base::ErrorCode;
using base::fail;
using base::text;

namespace {

Error reason_of(const quoting::PlatformSnapshot& snapshot) {
  return snapshot.reason.value_or(Error(ErrorCode::kServiceUnavailable,
                                        "the platform gives no reason why it is not certified"));
}

std::string description(const sgx::AttestationKeyIdBase& key) {
  const std::uint32_t algorithm = key.algorithm_id;
  const std::uint32_t product = key.prod_id;
  return text("algorithm ", algorithm, ", product ", product, " and signer ",
              base::to_hex(key.mrsigner.view().first(sgx::MrSigner::kSize)));
}

}  // namespace

base::Status check_available(const quoting::PlatformSnapshot& snapshot) {
  if (snapshot.can_quote()) return {};
  Error reason = reason_of(snapshot);
  if (reason.code() != ErrorCode::kServiceUnavailable) return {};
  return fail(std::move(reason));
}

base::Status check_key_id_shape(const aesm::OptionalBytes& key_id) {
  if (!key_id) return fail(ErrorCode::kBadParameter, "the request has no att_key_id");
  if (key_id->size() < sizeof(sgx::AttestationKeyId)) {
    return fail(ErrorCode::kBadParameter,
                text("att_key_id has ", key_id->size(), " bytes, at least ",
                     sizeof(sgx::AttestationKeyId), " are needed"));
  }
  return {};
}

base::Status check_key_id_known(const aesm::OptionalBytes& key_id,
                                const quoting::PlatformSnapshot& snapshot) {
  if (is_platform_key(*key_id, snapshot)) return {};
  QUOTED_TRY(const auto wanted,
             base::parse_struct<sgx::AttestationKeyIdBase>(
                 key_id->first(sizeof(sgx::AttestationKeyIdBase)), "att_key_id"));
  return fail(ErrorCode::kUnsupportedAttestationKey,
              text("asked for the attestation key with ", description(wanted),
                   ", this platform has the one with ", description(snapshot.key_id.base)));
}

base::Status check_certified(const quoting::PlatformSnapshot& snapshot) {
  if (snapshot.can_quote()) return {};
  return fail(reason_of(snapshot));
}

bool is_platform_key(base::ByteView entry, const quoting::PlatformSnapshot& snapshot) {
  const base::ByteView own = base::struct_bytes(snapshot.key_id.base);
  return base::equal(entry.first(own.size()), own);
}

sgx::AttestationKeyId platform_key_entry(const quoting::PlatformSnapshot& snapshot) {
  sgx::AttestationKeyId entry;
  entry.base = snapshot.key_id.base;
  return entry;
}

}  // namespace quoted::service
