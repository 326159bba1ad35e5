#include "admin/service_report.h"

#include <string_view>

namespace quoted::admin {
namespace {

constexpr std::array<std::string_view, kOutcomeCount> kOutcomes{"answered", "failed", "denied",
                                                                "rate_limited", "shed"};
constexpr std::array<std::string_view, kStageCount> kStages{"read", "queue", "platform", "write"};
constexpr std::array<std::string_view, kClosedCount> kClosed{"idle",     "stalled",      "evicted",
                                                             "no_place", "malformed",    "memory",
                                                             "broken",   "unknown_peer", "defect"};

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  return kOutcomes.at(static_cast<std::size_t>(outcome));
}
std::string_view stage_name(Stage stage) { return kStages.at(static_cast<std::size_t>(stage)); }
std::string_view closed_name(Closed reason) { return kClosed.at(static_cast<std::size_t>(reason)); }

}  // namespace quoted::admin
