#include "collateral/tcb_status.h"

#include <algorithm>
#include <array>

namespace quoted::collateral {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 7> kNames{"UpToDate",
                                                 "SWHardeningNeeded",
                                                 "ConfigurationNeeded",
                                                 "ConfigurationAndSWHardeningNeeded",
                                                 "OutOfDate",
                                                 "OutOfDateConfigurationNeeded",
                                                 "Revoked"};

}  // namespace

std::string_view tcb_status_name(TcbStatus status) {
  return kNames[static_cast<std::size_t>(status)];
}

std::optional<TcbStatus> parse_tcb_status(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<TcbStatus>(found - kNames.begin());
}

}  // namespace quoted::collateral
