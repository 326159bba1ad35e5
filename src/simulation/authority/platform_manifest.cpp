#include "simulation/authority/platform_manifest.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/text.h"
#include "crypto/compare.h"
#include "crypto/hmac.h"

namespace quoted::simulation {
namespace {

using base::Bytes;
using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::string_view kMagic = "QDSIMPM";  // "quoted", simulated platform manifest
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kKeySize = 32;
constexpr std::string_view kKeyPurpose = "platform manifest 1 mac key";

constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kNamePunctuation = "-_.";

void append_byte(Bytes& out, std::uint8_t value) { out.push_back(static_cast<std::byte>(value)); }

Result<crypto::HmacSha256> mac_of(const MasterSeed& seed, ByteView content) {
  QUOTED_TRY(const base::SecretBytes key, seed.derive(kKeyPurpose, kKeySize));
  return crypto::hmac_sha256(key.view(), content);
}

Result<PlatformIdentity> parse_content(ByteView content) {
  base::ByteReader reader(content);
  QUOTED_TRY(const ByteView magic, reader.take(kMagic.size(), "magic"));
  if (base::as_text(magic) != kMagic) {
    return fail(ErrorCode::kMalformed, "it is not the manifest of a simulated platform");
  }
  QUOTED_TRY(const auto version, reader.take_le<std::uint8_t>("version"));
  if (version != kVersion) {
    return fail(ErrorCode::kMalformed,
                text("the platform manifest has version ", version, "; expected ", kVersion));
  }
  PlatformIdentity out;
  QUOTED_TRY(const ByteView fmspc, reader.take(sgx::Fmspc::kSize, "fmspc"));
  QUOTED_TRY(out.fmspc, sgx::Fmspc::parse(fmspc));
  QUOTED_TRY(const auto sgx_type, reader.take_le<std::uint8_t>("sgx type"));
  QUOTED_TRY(const auto pck_ca, reader.take_le<std::uint8_t>("pck ca"));
  if (sgx_type > static_cast<std::uint8_t>(collateral::SgxType::kScalableWithIntegrity) ||
      pck_ca > static_cast<std::uint8_t>(PckCa::kProcessor)) {
    return fail(ErrorCode::kMalformed,
                text("the platform manifest has SGX type ", sgx_type, " and PCK CA ", pck_ca,
                     "; expected up to 2 and up to 1"));
  }
  out.sgx_type = static_cast<collateral::SgxType>(sgx_type);
  out.pck_ca = static_cast<PckCa>(pck_ca);
  QUOTED_TRY(const auto size, reader.take_le<std::uint8_t>("size of the name"));
  QUOTED_TRY(const ByteView name, reader.take(size, "name"));
  out.name = base::as_text(name);
  if (!is_platform_name(out.name)) {
    return fail(ErrorCode::kMalformed,
                "the platform manifest has a name that no platform may have");
  }
  if (reader.remaining() != 0) {
    return fail(ErrorCode::kMalformed, text("the platform manifest has ", reader.remaining(),
                                            " bytes behind the platform's name; expected none"));
  }
  return out;
}

}  // namespace

bool is_platform_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxPlatformName &&
         kNameCharacters.find(name.front()) != std::string_view::npos &&
         std::ranges::all_of(name, [](char c) {
           return kNameCharacters.find(c) != std::string_view::npos ||
                  kNamePunctuation.find(c) != std::string_view::npos;
         });
}

Result<Bytes> serialize_platform_manifest(const MasterSeed& seed, const PlatformModel& model) {
  if (!is_platform_name(model.name)) {
    return fail(
        ErrorCode::kInvalidArgument,
        text("the platform's name has ", model.name.size(), " characters; expected 1 to ",
             kMaxPlatformName, " letters, digits and -_. that begin with a letter or digit"));
  }
  Bytes out = base::to_bytes(base::as_bytes(kMagic));
  append_byte(out, kVersion);
  base::append(out, model.fmspc.view());
  append_byte(out, static_cast<std::uint8_t>(model.sgx_type));
  append_byte(out, static_cast<std::uint8_t>(model.pck_ca));
  append_byte(out, static_cast<std::uint8_t>(model.name.size()));
  base::append(out, base::as_bytes(model.name));
  QUOTED_TRY(const crypto::HmacSha256 mac, mac_of(seed, out));
  base::append(out, mac.view());
  return out;
}

Result<PlatformIdentity> parse_platform_manifest(const MasterSeed& seed, ByteView manifest) {
  constexpr std::size_t kMacSize = crypto::HmacSha256::kSize;
  if (manifest.size() < kMacSize || manifest.size() > kMaxPlatformManifest) {
    return fail(ErrorCode::kMalformed,
                text("the platform manifest has ", manifest.size(), " bytes; expected ", kMacSize,
                     " to ", kMaxPlatformManifest));
  }
  const ByteView content = manifest.first(manifest.size() - kMacSize);
  // First, so that a manifest of another kind is called that and not a forgery.
  QUOTED_TRY(PlatformIdentity out, parse_content(content));
  QUOTED_TRY(const crypto::HmacSha256 expected, mac_of(seed, content));
  if (!crypto::constant_time_equal(expected.view(), manifest.last(kMacSize))) {
    return fail(ErrorCode::kBadSignature,
                "the platform manifest was not made with the master seed of this world");
  }
  return out;
}

}  // namespace quoted::simulation
