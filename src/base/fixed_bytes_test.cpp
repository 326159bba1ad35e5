#include "base/fixed_bytes.h"

#include <gmock/gmock.h>

#include <type_traits>

namespace quoted::base {
namespace {

using Measurement = FixedBytes<struct MeasurementTag, 4>;
using Signer = FixedBytes<struct SignerTag, 4>;

static_assert(sizeof(Measurement) == 4 && alignof(Measurement) == 1);
static_assert(std::is_trivially_copyable_v<Measurement>);
static_assert(!std::is_convertible_v<Measurement, Signer>);
static_assert(!std::is_constructible_v<Measurement, Signer>);

TEST(FixedBytes, ParsesOnlyItsOwnSize) {
  EXPECT_EQ(Measurement::parse_hex("0a0b0c0d").value().hex(), "0a0b0c0d");
  EXPECT_EQ(Measurement::parse_hex("0a0b0c").error().message(), "expected 4 bytes, got 3");
  EXPECT_TRUE(Measurement().is_zero());
}

}  // namespace
}  // namespace quoted::base
