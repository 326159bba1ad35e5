#include "simulation/pce/pck_key.h"

#include <array>

#include "crypto/cmac.h"

namespace quoted::simulation {
namespace {

using base::Result;

constexpr std::size_t kBlockSize = 16;
constexpr std::size_t kMaxLabelSize = 11;
constexpr std::string_view kPckLabel = "PAK_KEY_DER";

}  // namespace

sgx::KeyRequest architectural_key_request(sgx::KeyName name) {
  sgx::KeyRequest out;
  out.key_name = static_cast<std::uint16_t>(name);
  out.attribute_mask.flags = ~sgx::flags::kMode64Bit;
  out.misc_mask = 0xFFFFFFFFU;
  return out;
}

Result<base::SecretBytes> expand_key_seed(const crypto::Key128& key, std::string_view label) {
  base::SecretBytes blocks(3 * kBlockSize);
  for (std::size_t i = 0; i < 3; ++i) {
    std::array<std::byte, kBlockSize> input{};
    input[0] = static_cast<std::byte>(i + 1);
    const base::ByteView name = base::as_bytes(label.substr(0, kMaxLabelSize));
    std::copy(name.begin(), name.end(), input.begin() + 1);
    input[14] = std::byte{0x01};
    input[15] = std::byte{0x40};
    QUOTED_TRY(const crypto::Key128 block, crypto::derive_key128(key, input));
    std::memcpy(blocks.mutable_view().data() + i * kBlockSize, block.view().data(), kBlockSize);
  }
  return base::SecretBytes::copy_of(blocks.view().first(crypto::kP256SeedSize));
}

Result<sgx::Ppid> ppid_from_key(const crypto::Key128& provision_key) {
  QUOTED_TRY(const crypto::Cmac mac,
             crypto::aes128_cmac(provision_key, std::array<std::byte, kBlockSize>{}));
  return sgx::Ppid::parse(mac.view());
}

Result<crypto::P256PrivateKey> pck_from_key(const crypto::Key128& provision_key) {
  QUOTED_TRY(const base::SecretBytes seed, expand_key_seed(provision_key, kPckLabel));
  return crypto::P256PrivateKey::from_seed(seed.view());
}

Result<sgx::Ppid> derive_ppid(const Cpu& cpu, const Secs& secs) {
  QUOTED_TRY(const crypto::Key128 key,
             cpu.egetkey(secs, architectural_key_request(sgx::KeyName::kProvision)));
  return ppid_from_key(key);
}

Result<crypto::P256PrivateKey> derive_pck_key(const Cpu& cpu, const Secs& secs, const Psvn& psvn) {
  sgx::KeyRequest request = architectural_key_request(sgx::KeyName::kProvision);
  request.cpu_svn = psvn.cpu_svn;
  request.isv_svn = psvn.isv_svn;
  QUOTED_TRY(const crypto::Key128 key, cpu.egetkey(secs, request));
  return pck_from_key(key);
}

}  // namespace quoted::simulation
