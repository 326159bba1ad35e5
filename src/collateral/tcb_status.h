// What a TCB info or QE identity says of a level (quote-verification 5 and 6).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace quoted::collateral {

enum class TcbStatus : std::uint8_t {
  kUpToDate,
  kSwHardeningNeeded,
  kConfigurationNeeded,
  kConfigurationAndSwHardeningNeeded,
  kOutOfDate,
  kOutOfDateConfigurationNeeded,
  kRevoked,
};

inline constexpr std::array kTcbStatuses{TcbStatus::kUpToDate,
                                         TcbStatus::kSwHardeningNeeded,
                                         TcbStatus::kConfigurationNeeded,
                                         TcbStatus::kConfigurationAndSwHardeningNeeded,
                                         TcbStatus::kOutOfDate,
                                         TcbStatus::kOutOfDateConfigurationNeeded,
                                         TcbStatus::kRevoked};

// SWHardeningNeeded and its combination say nothing about a QE (quote-verification 6).
[[nodiscard]] constexpr bool qe_can_have(TcbStatus status) {
  return status != TcbStatus::kSwHardeningNeeded &&
         status != TcbStatus::kConfigurationAndSwHardeningNeeded;
}

// "UpToDate", as the documents spell it.
[[nodiscard]] std::string_view tcb_status_name(TcbStatus status);
[[nodiscard]] std::optional<TcbStatus> parse_tcb_status(std::string_view name);

}  // namespace quoted::collateral
