// The SGX extension of a PCK certificate (quote-generation 5.3).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "sgx/identifiers.h"

namespace quoted::collateral {

inline constexpr std::string_view kSgxExtensionOid = "1.2.840.113741.1.13.1";

enum class SgxType : std::uint8_t { kStandard = 0, kScalable = 1, kScalableWithIntegrity = 2 };

using TcbComponents = std::array<std::uint8_t, 16>;

// Only in certificates of the platform CA.
struct PlatformConfiguration {
  std::optional<bool> dynamic_platform;
  std::optional<bool> cached_keys;
  std::optional<bool> smt_enabled;
  friend bool operator==(const PlatformConfiguration&, const PlatformConfiguration&) = default;
};

// What becomes of a component SVN above 255, which no genuine certificate has.
enum class SvnRange : std::uint8_t { kByte, kLowBits };  // malformed; taken modulo 256

struct SgxExtension {
  sgx::Ppid ppid;
  TcbComponents components{};
  std::uint16_t pce_svn = 0;
  sgx::CpuSvn cpu_svn;
  sgx::PceId pce_id;
  sgx::Fmspc fmspc;
  SgxType sgx_type = SgxType::kStandard;
  std::optional<sgx::PlatformInstanceId> platform_instance_id;
  std::optional<PlatformConfiguration> configuration;

  // Content of the extension's OCTET STRING. Any order is accepted and unknown OIDs
  // are passed over; a required field missing, twice, or of a wrong size or type is Malformed.
  [[nodiscard]] static base::Result<SgxExtension> parse(base::ByteView der,
                                                        SvnRange range = SvnRange::kByte);

  // False when the number of fields is neither 5 (processor CA) nor 7 (platform CA), or one that
  // every certificate has is missing; Intel's verifier tells this from a malformed extension.
  [[nodiscard]] static bool is_complete(base::ByteView der);

  // In the order of real certificates.
  [[nodiscard]] base::Bytes serialize() const;

  friend bool operator==(const SgxExtension&, const SgxExtension&) = default;
};

}  // namespace quoted::collateral
