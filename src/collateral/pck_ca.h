// Which of the two CAs issued a PCK certificate: it names the CRL that may revoke it
// (quote-generation 5.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace quoted::collateral {

enum class PckCa : std::uint8_t { kPlatform, kProcessor };

// "platform", "processor": as requests for a CRL name them (pcs-api 3.3).
[[nodiscard]] constexpr std::string_view pck_ca_name(PckCa ca) {
  return ca == PckCa::kPlatform ? "platform" : "processor";
}

[[nodiscard]] constexpr std::optional<PckCa> pck_ca_named(std::string_view name) {
  if (name == "platform") return PckCa::kPlatform;
  if (name == "processor") return PckCa::kProcessor;
  return std::nullopt;
}

}  // namespace quoted::collateral
