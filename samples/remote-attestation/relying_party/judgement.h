// What one check of the relying party found, or the one sentence for which it refuses.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace quoted::sample {

using Judgement = tl::expected<std::string, std::string>;

inline tl::unexpected<std::string> refuse(std::string reason) {
  return tl::unexpected<std::string>(std::move(reason));
}

}  // namespace quoted::sample
