#include "audit/record.h"

#include <array>

#include "base/hex.h"

namespace quoted::audit {

std::string RequestId::text() const {
  std::array<std::byte, sizeof value> big_endian{};
  for (std::size_t i = 0; i < big_endian.size(); ++i) {
    big_endian.at(i) = static_cast<std::byte>(value >> (8 * (big_endian.size() - 1 - i)));
  }
  return base::to_hex(big_endian);
}

}  // namespace quoted::audit
