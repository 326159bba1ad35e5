#include "simulation/pcs_server/platform_registry.h"

#include "simulation/authority/ppid_key.h"
#include "simulation/pcs_server/platform_certificates.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

// Of characters; PCCS takes no longer ones (pcs-api 6.2).
constexpr std::size_t kMaxQeIdText = 260;

// Any of our QEs' ids; nothing for those of other sizes, which nobody registered.
Result<std::optional<sgx::QeId>> qe_id_of(const Parameters& parameters, std::string_view name) {
  if (!parameters.find(name)) return std::nullopt;
  QUOTED_TRY(const base::Bytes bytes, parameters.hex_up_to(name, kMaxQeIdText / 2));
  const auto id = sgx::QeId::parse(bytes);
  if (!id) return std::nullopt;
  return *id;
}

// Empty for what is missing or all zeros, as those send it who have none.
Result<base::Bytes> encrypted_ppid_of(const Parameters& parameters, std::string_view name) {
  if (!parameters.find(name)) return base::Bytes();
  QUOTED_TRY(base::Bytes bytes, parameters.hex_up_to(name, crypto::kRsa3072Size));
  if (base::all_zero(bytes)) return base::Bytes();
  return bytes;
}

Result<sgx::Ppid> decrypt(base::ByteView encrypted) {
  const auto ciphertext = crypto::RsaCiphertext::parse(encrypted);
  const auto plain = ciphertext ? crypto::rsa_oaep_decrypt(ppid_private_key_pem(), *ciphertext)
                                : fail(ciphertext.error());
  const auto ppid = plain ? sgx::Ppid::parse(plain->view()) : fail(plain.error());
  if (ppid) return *ppid;
  return fail(ErrorCode::kInvalidArgument,
              "the encrypted PPID is not encrypted for the simulated manufacturer");
}

}  // namespace

Result<RegisteredPlatform> PlatformRegistry::add(base::ByteView manifest, base::UnixTime now,
                                                 const std::optional<sgx::QeId>& qe_id) {
  QUOTED_TRY(const PlatformIdentity identity, parse_platform_manifest(seed_, manifest));
  // A PPID is the same at every level, so any will do.
  QUOTED_TRY(const ManufacturedPlatform platform, manufacture_at(seed_, identity, Psvn()));
  QUOTED_CHECK(world_.update([&](World& world) -> Status {
    QUOTED_TRY(const bool added, add_platform(world, identity, platform.ppid, now));
    if (added) {
      notice_(text("platform ", identity.name, " registered, PPID ", platform.ppid.hex()));
    }
    if (qe_id) remember_qe_id(world, *qe_id, platform.ppid);
    return {};
  }));
  return RegisteredPlatform{identity, platform.ppid, now, {}};
}

void PlatformRegistry::remember(const World& world, const sgx::QeId& qe_id, const sgx::Ppid& ppid) {
  // Most requests bring nothing new, and must not wait for the file.
  const RegisteredPlatform* const known = world.platform_of(qe_id);
  if (known != nullptr && known->ppid == ppid) return;
  const auto kept = world_.update([&](World& changed) -> Status {
    remember_qe_id(changed, qe_id, ppid);
    return {};
  });
  if (!kept) notice_(text("a QE id is not remembered: ", kept.error().summary()));
}

Result<RegisteredPlatform> PlatformRegistry::with_ppid(const Call& call, base::ByteView encrypted,
                                                       const std::optional<sgx::QeId>& qe_id) {
  QUOTED_TRY(const sgx::Ppid ppid, decrypt(encrypted));
  const RegisteredPlatform* const found = call.world->platform_of(ppid);
  if (found == nullptr) {
    return fail(ErrorCode::kPlatformUnknown,
                text("the platform with PPID ", ppid.hex(), " is not registered"));
  }
  if (qe_id) remember(*call.world, *qe_id, ppid);
  return *found;
}

Result<RegisteredPlatform> PlatformRegistry::find(const Call& call, const Parameters& parameters) {
  QUOTED_TRY(const std::optional<sgx::QeId> qe_id, qe_id_of(parameters, "qeid"));
  if (call.dialect == Dialect::kPccs && !parameters.find("qeid")) {
    return fail(ErrorCode::kInvalidArgument, "the parameter qeid is missing");
  }
  QUOTED_TRY(const base::Bytes encrypted, encrypted_ppid_of(parameters, "encrypted_ppid"));
  if (!encrypted.empty()) return with_ppid(call, encrypted, qe_id);
  const RegisteredPlatform* const found = qe_id ? call.world->platform_of(*qe_id) : nullptr;
  if (found != nullptr) return *found;
  if (parameters.find("encrypted_ppid")) {
    // Zeros: 404 in both dialects (pcs-api 6.3).
    return fail(ErrorCode::kNotFoundAtSource,
                "the encrypted PPID is all zeros and the QE id is not known");
  }
  if (call.dialect == Dialect::kPcs) {
    return fail(ErrorCode::kInvalidArgument, "the parameter encrypted_ppid is missing");
  }
  return fail(ErrorCode::kPlatformUnknown, "the platform with this QE id is not registered");
}

Status PlatformRegistry::add_record(const Call& call, const Parameters& record) {
  QUOTED_TRY(const auto qe_id, record.hex<sgx::QeId>("qe_id"));
  QUOTED_TRY(const auto pce_id, record.hex_16("pce_id"));
  if (pce_id != 0) return fail(ErrorCode::kInvalidArgument, "the pce_id is not 0000");
  if (record.find("platform_manifest").value_or("").empty()) {
    QUOTED_TRY(const base::Bytes encrypted, encrypted_ppid_of(record, "enc_ppid"));
    if (encrypted.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  "the record has neither platform_manifest nor enc_ppid");
    }
    return with_ppid(call, encrypted, qe_id).map([](const RegisteredPlatform&) {});
  }
  QUOTED_TRY(const base::Bytes manifest,
             record.hex_up_to("platform_manifest", kMaxPlatformManifest));
  return add(manifest, call.now, qe_id).map([](const RegisteredPlatform&) {});
}

}  // namespace quoted::simulation
