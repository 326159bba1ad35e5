// Many simulated platforms that ask for their certificates all at once, as a cluster does after a
// power cut.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "certification/documents.h"
#include "verification/trusted_root.h"

namespace quoted::bench {

struct FleetResult {
  std::size_t certified = 0;
  std::chrono::duration<double> elapsed{};  // until the last one is
  std::vector<double> seconds;              // of each that was certified
  std::string trouble;                      // of one that was not
};

class Fleet {
 public:
  // Of the world of the development seed; the machines differ.
  [[nodiscard]] static base::Result<Fleet> manufacture(std::size_t nodes);

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

  // `source` as --collateral names one. A node that finds a service busy or gone asks again until
  // `patience` is over.
  [[nodiscard]] FleetResult certify(const std::string& source, std::chrono::seconds patience) const;

 private:
  std::vector<certification::Registration> nodes_;
  std::vector<verification::TrustedRoot> roots_;
};

}  // namespace quoted::bench
