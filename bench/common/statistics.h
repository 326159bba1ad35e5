// Medians, because a machine that does other work as well makes outliers, all of them upwards.
#pragma once

#include <string>
#include <vector>

namespace quoted::bench {

struct Spread {
  double lowest = 0;
  double median = 0;
  double highest = 0;
};

// Of at least one value.
[[nodiscard]] Spread spread_of(std::vector<double> values);

// Each value divided by the one measured beside it.
[[nodiscard]] std::vector<double> ratios(const std::vector<double>& of,
                                         const std::vector<double>& to);

// "1.234"
[[nodiscard]] std::string fixed(double value, int decimals);

}  // namespace quoted::bench
