// KEYREQUEST, the operand of EGETKEY (sgx-cpu-model 1.9).
#pragma once

#include <cstddef>

#include "sgx/identifiers.h"
#include "sgx/report.h"

namespace quoted::sgx {

enum class KeyName : std::uint16_t {
  kEinitToken = 0,
  kProvision = 1,
  kProvisionSeal = 2,
  kReport = 3,
  kSeal = 4,
};

// Bits of KEYPOLICY. Those from kNoIsvProdId on exist only for KSS enclaves.
namespace key_policy {
inline constexpr std::uint16_t kMrEnclave = 0x1;
inline constexpr std::uint16_t kMrSigner = 0x2;
inline constexpr std::uint16_t kNoIsvProdId = 0x4;
inline constexpr std::uint16_t kConfigId = 0x8;
inline constexpr std::uint16_t kIsvFamilyId = 0x10;
inline constexpr std::uint16_t kIsvExtProdId = 0x20;
inline constexpr std::uint16_t kAll = 0x3F;
inline constexpr std::uint16_t kKssOnly = 0x3C;
}  // namespace key_policy

struct KeyRequest {
  Le16 key_name;
  Le16 key_policy;
  Le16 isv_svn;
  std::byte cet_attributes_mask{};
  Reserved<1> reserved1{};
  CpuSvn cpu_svn;
  Attributes attribute_mask;
  KeyId key_id;
  Le32 misc_mask;
  Le16 config_svn;
  Reserved<434> reserved2{};

  [[nodiscard]] bool reserved_is_zero() const;
};
static_assert(sizeof(KeyRequest) == 512 && alignof(KeyRequest) == 1);
static_assert(offsetof(KeyRequest, isv_svn) == 4);
static_assert(offsetof(KeyRequest, cpu_svn) == 8);
static_assert(offsetof(KeyRequest, attribute_mask) == 24);
static_assert(offsetof(KeyRequest, key_id) == 40);
static_assert(offsetof(KeyRequest, misc_mask) == 72);
static_assert(offsetof(KeyRequest, config_svn) == 76);
static_assert(offsetof(KeyRequest, reserved2) == 78);

}  // namespace quoted::sgx
