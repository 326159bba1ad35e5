#include "sgx/quote3_error.h"

#include <array>
#include <cstddef>

namespace quoted::sgx {
namespace {

// Index is the low byte of the quote3 value, 0xE000 first.
constexpr auto kAesmByQuote3 =
    std::to_array<std::uint8_t>({1,  1,  3,  21, 32, 33, 15, 34, 35, 36, 37, 38, 39, 40,
                                 41, 42, 43, 44, 29, 45, 46, 47, 48, 49, 50, 12, 22});
static_assert(kAesmByQuote3.size() == 0x1B);

}  // namespace

std::uint32_t aesm_error_for_quote3(std::uint32_t quote3) {
  if (quote3 == 0) return 0;
  const std::uint32_t index = quote3 - 0xE000U;
  return index < kAesmByQuote3.size() ? kAesmByQuote3[index] : 1;
}

}  // namespace quoted::sgx
