// Identifiers and small fields of SGX as strong types (sgx-cpu-model 1, quote-generation 2).
#pragma once

#include "base/fixed_bytes.h"
#include "base/little_endian.h"

namespace quoted::sgx {

using base::Le16;
using base::Le32;
using base::Le64;

using MrEnclave = base::FixedBytes<struct MrEnclaveTag, 32>;
using MrSigner = base::FixedBytes<struct MrSignerTag, 32>;
using CpuSvn = base::FixedBytes<struct CpuSvnTag, 16>;
using ConfigId = base::FixedBytes<struct ConfigIdTag, 64>;
using IsvFamilyId = base::FixedBytes<struct IsvFamilyIdTag, 16>;
using IsvExtProdId = base::FixedBytes<struct IsvExtProdIdTag, 16>;
using ReportData = base::FixedBytes<struct ReportDataTag, 64>;
using KeyId = base::FixedBytes<struct KeyIdTag, 32>;
using Mac = base::FixedBytes<struct MacTag, 16>;
using OwnerEpoch = base::FixedBytes<struct OwnerEpochTag, 16>;
using QeId = base::FixedBytes<struct QeIdTag, 16>;
using Ppid = base::FixedBytes<struct PpidTag, 16>;
using Fmspc = base::FixedBytes<struct FmspcTag, 6>;
using PceId = base::FixedBytes<struct PceIdTag, 2>;
using PlatformInstanceId = base::FixedBytes<struct PlatformInstanceIdTag, 16>;
using PubKeyId = base::FixedBytes<struct PubKeyIdTag, 32>;

// Bits of ATTRIBUTES.FLAGS.
namespace flags {
inline constexpr std::uint64_t kInit = 0x1;
inline constexpr std::uint64_t kDebug = 0x2;
inline constexpr std::uint64_t kMode64Bit = 0x4;
inline constexpr std::uint64_t kProvisionKey = 0x10;
inline constexpr std::uint64_t kEinitTokenKey = 0x20;
inline constexpr std::uint64_t kCet = 0x40;
inline constexpr std::uint64_t kKss = 0x80;
inline constexpr std::uint64_t kAexNotify = 0x400;
}  // namespace flags

struct Attributes {
  Le64 flags;
  Le64 xfrm;

  [[nodiscard]] constexpr bool has(std::uint64_t bit) const { return (flags & bit) == bit; }
  friend constexpr bool operator==(const Attributes&, const Attributes&) = default;
};
static_assert(sizeof(Attributes) == 16 && alignof(Attributes) == 1);

}  // namespace quoted::sgx
