// Values that the tests of the simulation share: a CPU taken to pieces, enclaves, outcomes as text.
#pragma once

#include <string>
#include <string_view>

#include "crypto/cmac.h"
#include "simulation/cpu/platform_cpu.h"

namespace quoted::simulation::test {

// Bytes that count up from `first`.
template <class T>
[[nodiscard]] T counting(std::uint8_t first) {
  T out;
  for (std::byte& b : out.mutable_view()) b = static_cast<std::byte>(first++);
  return out;
}

template <class T>
[[nodiscard]] T filled(std::uint8_t with) {
  T out;
  for (std::byte& b : out.mutable_view()) b = static_cast<std::byte>(with);
  return out;
}

// The name of an error code, or "OK": what tests compare, so that a failure reads well.
template <class T>
[[nodiscard]] std::string_view outcome(const base::Result<T>& result) {
  return result ? std::string_view("OK") : result.error().entry().name;
}
[[nodiscard]] inline std::string_view named(base::ErrorCode code) {
  return base::error_entry(code).name;
}

// The parts of a PlatformCpu, to be altered one at a time.
struct CpuParts {
  Fuses fuses{counting<crypto::Key128>(0x10), counting<crypto::Key128>(0x50)};
  sgx::OwnerEpoch owner_epoch = counting<sgx::OwnerEpoch>(0x90);
  sgx::CpuSvn cpu_svn = filled<sgx::CpuSvn>(8);
  sgx::KeyId report_key_id = counting<sgx::KeyId>(0xA0);

  [[nodiscard]] PlatformCpu make() const {
    return PlatformCpu::create(fuses, owner_epoch, cpu_svn, report_key_id).value();
  }
};

[[nodiscard]] inline CpuParts with_cpu_svn(std::uint8_t every_component) {
  CpuParts out;
  out.cpu_svn = filled<sgx::CpuSvn>(every_component);
  return out;
}

// A production enclave without KSS.
[[nodiscard]] inline Secs app_enclave() {
  Secs out;
  out.attributes = {sgx::flags::kInit | sgx::flags::kMode64Bit, 7};
  out.mr_enclave = counting<sgx::MrEnclave>(0x21);
  out.mr_signer = counting<sgx::MrSigner>(0x61);
  out.isv_prod_id = 0x0102;
  out.isv_svn = 5;
  return out;
}

// One with every field in use.
[[nodiscard]] inline Secs kss_enclave() {
  Secs out = app_enclave();
  out.attributes.flags = out.attributes.flags | sgx::flags::kKss;
  out.misc_select = 1;
  out.cet_attributes = std::byte{0x0F};
  out.config_id = counting<sgx::ConfigId>(0x81);
  out.config_svn = 4;
  out.isv_family_id = counting<sgx::IsvFamilyId>(0xC1);
  out.isv_ext_prod_id = counting<sgx::IsvExtProdId>(0xE1);
  return out;
}

[[nodiscard]] inline sgx::TargetInfo target_of(const Secs& secs) {
  sgx::TargetInfo out;
  out.mr_enclave = secs.mr_enclave;
  out.attributes = secs.attributes;
  out.cet_attributes = secs.cet_attributes;
  out.config_svn = secs.config_svn;
  out.misc_select = secs.misc_select;
  out.config_id = secs.config_id;
  return out;
}

[[nodiscard]] inline sgx::KeyRequest key_request(sgx::KeyName name) {
  sgx::KeyRequest out;
  out.key_name = static_cast<std::uint16_t>(name);
  return out;
}

// `value` with one bit of its bytes flipped; bit 0 is the lowest of the first byte.
template <class T>
[[nodiscard]] T with_bit_flipped(T value, std::size_t bit) {
  base::Bytes bytes = base::to_bytes(base::struct_bytes(value));
  bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  return base::parse_struct<T>(bytes, "flipped").value();
}

inline constexpr std::array kAllKeyNames = {sgx::KeyName::kEinitToken, sgx::KeyName::kProvision,
                                            sgx::KeyName::kProvisionSeal, sgx::KeyName::kReport,
                                            sgx::KeyName::kSeal};

}  // namespace quoted::simulation::test
