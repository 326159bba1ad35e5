// Dates as the documents of the PCS write them (pcs-api 5): "2026-07-01T00:00:00Z".
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace quoted::simulation {

// Of the years 1970 to 9999, which four digits can hold.
[[nodiscard]] bool has_utc_text(base::UnixTime time);

[[nodiscard]] std::string utc_text(base::UnixTime time);

// Nothing for any other form, nor for a date that the calendar does not have.
[[nodiscard]] std::optional<base::UnixTime> parse_utc_text(const std::string& text);

}  // namespace quoted::simulation
