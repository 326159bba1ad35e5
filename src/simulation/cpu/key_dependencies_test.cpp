// The dependency table of sgx-cpu-model 4.2 as a property: every input is altered alone, for every
// key name and every key policy, and the key must change exactly where the table says so.
#include <gtest/gtest.h>

#include <set>

#include "simulation/testing/samples.h"

namespace quoted::simulation {
namespace {

using sgx::KeyName;
namespace policy = sgx::key_policy;
namespace flags = sgx::flags;

constexpr std::uint16_t kPolicies = policy::kAll + 1;
constexpr std::uint64_t kUnusedFlag = std::uint64_t{1} << 40U;

// Everything that goes into one EGETKEY.
struct Situation {
  test::CpuParts cpu;
  Secs secs;
  sgx::KeyRequest request;

  [[nodiscard]] std::string key() const {
    const auto key = cpu.make().egetkey(secs, request);
    return key ? base::to_hex(key->view()) : key.error().summary();
  }
};

// Every field in use, every mask with bits inside and outside the field it masks.
Situation situation(KeyName name, std::uint16_t key_policy) {
  Situation out;
  out.secs = test::kss_enclave();
  out.secs.attributes.flags =
      out.secs.attributes.flags | flags::kProvisionKey | flags::kEinitTokenKey;
  out.request = test::key_request(name);
  out.request.key_policy = key_policy;
  out.request.isv_svn = 3;
  out.request.cpu_svn = test::filled<sgx::CpuSvn>(2);
  out.request.config_svn = 2;
  out.request.attribute_mask = {flags::kKss | flags::kProvisionKey | flags::kAexNotify, 1};
  out.request.misc_mask = 0x3;
  out.request.cet_attributes_mask = std::byte{0x33};
  out.request.key_id = test::counting<sgx::KeyId>(0x71);
  return out;
}

template <class T>
void flip(T& field, std::size_t bit = 0) {
  field = test::with_bit_flipped(field, bit);
}
void flip(crypto::Key128& key) { key.mutable_view()[15] ^= std::byte{0x80}; }
void flip_bits(std::byte& field, unsigned mask) { field ^= static_cast<std::byte>(mask); }
void flip_bits(sgx::Le64& field, std::uint64_t mask) { field = field ^ mask; }
void flip_bits(sgx::Le32& field, std::uint32_t mask) { field = field ^ mask; }

// Whether a key of this policy depends on the input.
using Depends = bool (*)(std::uint16_t key_policy);
constexpr Depends kNo = [](std::uint16_t) { return false; };
constexpr Depends kYes = [](std::uint16_t) { return true; };
template <std::uint16_t Bit>
constexpr Depends kIf = [](std::uint16_t key_policy) { return (key_policy & Bit) != 0; };
template <std::uint16_t Bit>
constexpr Depends kUnless = [](std::uint16_t key_policy) { return (key_policy & Bit) == 0; };

struct Row {
  std::string_view input;
  void (*alter)(Situation&);
  Depends seal, report, provision, provision_seal, einit_token;

  [[nodiscard]] Depends of(KeyName name) const {
    switch (name) {
      case KeyName::kSeal:
        return seal;
      case KeyName::kReport:
        return report;
      case KeyName::kProvision:
        return provision;
      case KeyName::kProvisionSeal:
        return provision_seal;
      case KeyName::kEinitToken:
        return einit_token;
    }
    return kNo;
  }
};

// clang-format off: a table.
constexpr Row kTable[] = {
    // input, alteration, SEAL, REPORT, PROVISION, PROVISION_SEAL, EINITTOKEN
    {"ATTRIBUTES.FLAGS inside the mask",
     [](Situation& s) { flip_bits(s.secs.attributes.flags, flags::kAexNotify); },
     kYes, kYes, kYes, kYes, kYes},
    {"ATTRIBUTES.FLAGS outside the mask",
     [](Situation& s) { flip_bits(s.secs.attributes.flags, flags::kMode64Bit); },
     kNo, kYes, kNo, kNo, kNo},
    {"DEBUG, which no mask removes",
     [](Situation& s) { flip_bits(s.secs.attributes.flags, flags::kDebug); },
     kYes, kYes, kYes, kYes, kYes},
    {"INIT, which no mask removes",
     [](Situation& s) { flip_bits(s.secs.attributes.flags, flags::kInit); },
     kYes, kYes, kYes, kYes, kYes},
    {"ATTRIBUTES.XFRM inside the mask", [](Situation& s) { flip_bits(s.secs.attributes.xfrm, 1); },
     kYes, kYes, kYes, kYes, kYes},
    {"ATTRIBUTES.XFRM outside the mask", [](Situation& s) { flip_bits(s.secs.attributes.xfrm, 4); },
     kNo, kYes, kNo, kNo, kNo},
    {"ATTRIBUTEMASK.FLAGS",
     [](Situation& s) { flip_bits(s.request.attribute_mask.flags, kUnusedFlag); },
     kYes, kNo, kYes, kYes, kNo},
    {"ATTRIBUTEMASK.XFRM",
     [](Situation& s) { flip_bits(s.request.attribute_mask.xfrm, kUnusedFlag); },
     kYes, kNo, kYes, kYes, kNo},
    {"MISCSELECT inside the mask", [](Situation& s) { flip_bits(s.secs.misc_select, 2); },
     kYes, kYes, kYes, kYes, kYes},
    {"MISCSELECT outside the mask", [](Situation& s) { flip_bits(s.secs.misc_select, 4); },
     kNo, kYes, kNo, kNo, kNo},
    {"MISCMASK", [](Situation& s) { flip_bits(s.request.misc_mask, 0x80000000); },
     kYes, kNo, kYes, kYes, kNo},
    {"CET inside the mask", [](Situation& s) { flip_bits(s.secs.cet_attributes, 0x10); },
     kYes, kYes, kYes, kYes, kYes},
    {"CET outside the mask", [](Situation& s) { flip_bits(s.secs.cet_attributes, 0x80); },
     kNo, kYes, kNo, kNo, kNo},
    {"CET mask", [](Situation& s) { flip_bits(s.request.cet_attributes_mask, 0x80); },
     kYes, kNo, kYes, kYes, kNo},
    {"OWNEREPOCH", [](Situation& s) { flip(s.cpu.owner_epoch); },
     kYes, kYes, kNo, kNo, kYes},
    {"SEAL_FUSES", [](Situation& s) { flip(s.cpu.fuses.seal); },
     kYes, kYes, kNo, kYes, kYes},
    {"provisioning secret", [](Situation& s) { flip(s.cpu.fuses.provisioning); },
     kNo, kNo, kYes, kYes, kNo},
    {"CPUSVN of the processor", [](Situation& s) { flip(s.cpu.cpu_svn); },
     kNo, kYes, kNo, kNo, kNo},
    {"CPUSVN of the request", [](Situation& s) { flip(s.request.cpu_svn); },
     kYes, kNo, kYes, kYes, kYes},
    {"REPORT_KEYID of the processor", [](Situation& s) { flip(s.cpu.report_key_id); },
     kNo, kNo, kNo, kNo, kNo},
    {"ISVSVN of the enclave", [](Situation& s) { s.secs.isv_svn = 6; },
     kNo, kNo, kNo, kNo, kNo},
    {"ISVSVN of the request", [](Situation& s) { s.request.isv_svn = 4; },
     kYes, kNo, kYes, kYes, kYes},
    {"ISVPRODID", [](Situation& s) { flip(s.secs.isv_prod_id); },
     kUnless<policy::kNoIsvProdId>, kNo, kYes, kUnless<policy::kNoIsvProdId>, kYes},
    {"MRENCLAVE", [](Situation& s) { flip(s.secs.mr_enclave); },
     kIf<policy::kMrEnclave>, kYes, kNo, kNo, kNo},
    {"MRSIGNER", [](Situation& s) { flip(s.secs.mr_signer); },
     kIf<policy::kMrSigner>, kNo, kYes, kYes, kYes},
    {"ISVFAMILYID", [](Situation& s) { flip(s.secs.isv_family_id); },
     kIf<policy::kIsvFamilyId>, kNo, kNo, kIf<policy::kIsvFamilyId>, kNo},
    {"ISVEXTPRODID", [](Situation& s) { flip(s.secs.isv_ext_prod_id); },
     kIf<policy::kIsvExtProdId>, kNo, kNo, kIf<policy::kIsvExtProdId>, kNo},
    {"CONFIGID", [](Situation& s) { flip(s.secs.config_id); },
     kIf<policy::kConfigId>, kYes, kNo, kIf<policy::kConfigId>, kNo},
    {"CONFIGSVN of the enclave", [](Situation& s) { s.secs.config_svn = 5; },
     kNo, kYes, kNo, kNo, kNo},
    {"CONFIGSVN of the request", [](Situation& s) { s.request.config_svn = 3; },
     kIf<policy::kConfigId>, kNo, kNo, kIf<policy::kConfigId>, kNo},
    {"KEYID", [](Situation& s) { flip(s.request.key_id, 255); },
     kYes, kYes, kNo, kNo, kYes},
};
// clang-format on

TEST(KeyDependencies, EveryInputCountsExactlyWhereTheTableSays) {
  for (const KeyName name : test::kAllKeyNames) {
    for (std::uint16_t key_policy = 0; key_policy < kPolicies; ++key_policy) {
      const std::string unaltered = situation(name, key_policy).key();
      ASSERT_EQ(unaltered.size(), 32U) << unaltered;
      // Injective: no two alterations may lead to one key.
      std::set<std::string> keys{unaltered};
      for (const Row& row : kTable) {
        Situation altered = situation(name, key_policy);
        row.alter(altered);
        const std::string key = altered.key();
        ASSERT_EQ(key.size(), 32U) << row.input << ": " << key;
        const bool depends = row.of(name)(key_policy);
        EXPECT_EQ(key != unaltered, depends) << row.input << ", key " << static_cast<unsigned>(name)
                                             << ", policy " << base::hex_number(key_policy, 2);
        EXPECT_EQ(keys.insert(key).second, depends) << row.input;
      }
    }
  }
}

TEST(KeyDependencies, KeyPolicyItselfCountsForSealAndProvisionSealOnly) {
  for (const KeyName name : test::kAllKeyNames) {
    std::set<std::string> keys;
    for (std::uint16_t key_policy = 0; key_policy < kPolicies; ++key_policy) {
      keys.insert(situation(name, key_policy).key());
    }
    const bool counts = name == KeyName::kSeal || name == KeyName::kProvisionSeal;
    EXPECT_EQ(keys.size(), counts ? kPolicies : 1U) << static_cast<unsigned>(name);
  }
}

TEST(KeyDependencies, KeyNameCounts) {
  std::set<std::string> keys;
  for (const KeyName name : test::kAllKeyNames) keys.insert(situation(name, 0).key());
  EXPECT_EQ(keys.size(), test::kAllKeyNames.size());
}

// Whatever an enclave masks out of its request.
TEST(KeyDependencies, DebugAndProductionEnclavesNeverShareAKey) {
  for (const KeyName name : test::kAllKeyNames) {
    for (std::uint16_t key_policy = 0; key_policy < kPolicies; ++key_policy) {
      Situation production = situation(name, key_policy);
      production.request.attribute_mask = {};
      Situation debug = production;
      flip_bits(debug.secs.attributes.flags, flags::kDebug);
      EXPECT_NE(production.key(), debug.key());
    }
  }
}

TEST(KeyDependencies, UpdatesKeepOldKeysReachable) {
  const Situation old = situation(KeyName::kSeal, policy::kMrSigner);
  Situation updated = old;
  updated.secs.isv_svn = 9;
  updated.cpu.cpu_svn = test::filled<sgx::CpuSvn>(0x0C);
  EXPECT_EQ(updated.key(), old.key());

  updated.request.isv_svn = 9;
  updated.request.cpu_svn = updated.cpu.cpu_svn;
  EXPECT_NE(updated.key(), old.key());
}

}  // namespace
}  // namespace quoted::simulation
