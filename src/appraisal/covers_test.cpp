// What one alternative accepts of another, and what of a constraint covers another.
#include <gmock/gmock.h>

#include "appraisal/policy.h"

namespace quoted::appraisal {
namespace {

template <class T>
T filled(std::uint8_t value) {
  T out;
  std::ranges::fill(out.mutable_view(), std::byte{value});
  return out;
}

const auto kOne = filled<sgx::MrEnclave>(1);
const auto kTwo = filled<sgx::MrEnclave>(2);

TEST(Covers, OneOf) {
  const OneOf<sgx::MrEnclave> any;
  const OneOf<sgx::MrEnclave> one{{kOne}};
  const OneOf<sgx::MrEnclave> both{{kTwo, kOne}};
  EXPECT_TRUE(any.covers(one));
  EXPECT_FALSE(one.covers(any));
  EXPECT_TRUE(both.covers(one));
  EXPECT_FALSE(one.covers(both));
  EXPECT_TRUE(any.met_by(kTwo));
  EXPECT_FALSE(one.met_by(kTwo));
}

TEST(Covers, AtLeastAndBitsAndPrefix) {
  EXPECT_TRUE(AtLeast{}.covers(AtLeast{5}));
  EXPECT_TRUE(AtLeast{5}.covers(AtLeast{5}));
  EXPECT_FALSE(AtLeast{6}.covers(AtLeast{5}));
  EXPECT_FALSE(AtLeast{6}.covers(AtLeast{}));
  EXPECT_FALSE(AtLeast{6}.met_by(5));
  EXPECT_TRUE(AtLeast{6}.met_by(6));

  EXPECT_TRUE((Bits{0x1, 0x1}.covers(Bits{0x1, 0x3})));
  EXPECT_FALSE((Bits{0x1, 0x3}.covers(Bits{0x1, 0x1})));
  EXPECT_FALSE((Bits{0x1, 0x1}.covers(Bits{0x2, 0x3})));
  EXPECT_TRUE((Bits{}.covers(Bits{0x2, 0x3})));
  EXPECT_TRUE((Bits{0x2, 0x3}.met_by(0xF2)));
  EXPECT_FALSE((Bits{0x2, 0x3}.met_by(0xF3)));

  const Prefix none;
  const Prefix shorter{{std::byte{1}}};
  const Prefix longer{{std::byte{1}, std::byte{2}}};
  EXPECT_TRUE(none.covers(shorter));
  EXPECT_TRUE(shorter.covers(longer));
  EXPECT_FALSE(longer.covers(shorter));
}

// Each change makes an alternative narrower than one without it.
TEST(Covers, EveryFieldOfAnEnclaveCounts) {
  using Change = void (*)(EnclaveAlternative&);
  for (const Change narrow : std::initializer_list<Change>{
           [](auto& a) { a.mr_enclave.values = {kOne}; },
           [](auto& a) { a.mr_signer.values = {filled<sgx::MrSigner>(1)}; },
           [](auto& a) { a.isv_prod_id.values = {0}; }, [](auto& a) { a.min_isv_svn.value = 1; },
           [](auto& a) { a.isv_family_id.values.resize(1); },
           [](auto& a) { a.isv_ext_prod_id.values.resize(1); },
           [](auto& a) { a.config_id.values.resize(1); },
           [](auto& a) { a.min_config_svn.value = 1; }, [](auto& a) { a.flags = {0, 2}; },
           [](auto& a) { a.xfrm = {0, 4}; }, [](auto& a) { a.report_data.bytes.resize(1); },
           [](auto& a) { a.allow_debug = false; }}) {
    EnclaveAlternative wide;
    wide.allow_debug = true;
    EnclaveAlternative narrower = wide;
    narrow(narrower);
    EXPECT_TRUE(covers(wide, narrower));
    EXPECT_FALSE(covers(narrower, wide));
    EXPECT_TRUE(covers(narrower, narrower));
  }
}

TEST(Covers, EveryFieldOfATdCounts) {
  using Change = void (*)(TdAlternative&);
  for (const Change narrow : std::initializer_list<Change>{
           [](auto& a) { a.mr_td.values.resize(1); }, [](auto& a) { a.rt_mr[0].values.resize(1); },
           [](auto& a) { a.rt_mr[3].values.resize(1); },
           [](auto& a) { a.mr_seam.values.resize(1); },
           [](auto& a) { a.mr_signer_seam.values.resize(1); },
           [](auto& a) { a.mr_config_id.values.resize(1); },
           [](auto& a) { a.mr_owner.values.resize(1); },
           [](auto& a) { a.mr_owner_config.values.resize(1); },
           [](auto& a) { a.mr_service_td.values.resize(1); },
           [](auto& a) { a.td_attributes = {0, 1}; }, [](auto& a) { a.xfam = {3, 3}; },
           [](auto& a) { a.min_tee_tcb_svn = filled<quote::TeeTcbSvn>(1); },
           [](auto& a) { a.report_data.bytes.resize(1); },
           [](auto& a) { a.allow_debug = false; }}) {
    TdAlternative wide;
    wide.allow_debug = true;
    TdAlternative narrower = wide;
    narrow(narrower);
    EXPECT_TRUE(covers(wide, narrower));
    EXPECT_FALSE(covers(narrower, wide));
  }
}

TEST(Policy, AllowsDebugWhereAnythingDoes) {
  Policy policy;
  policy.enclaves.resize(2);
  policy.tds.resize(1);
  EXPECT_FALSE(policy.allows_debug());
  policy.enclaves[1].allow_debug = true;
  EXPECT_TRUE(policy.allows_debug());
  policy.enclaves[1].allow_debug = false;
  policy.tds[0].allow_debug = true;
  EXPECT_TRUE(policy.allows_debug());
  policy.tds[0].allow_debug = false;
  policy.allow_debug = true;
  EXPECT_TRUE(policy.allows_debug());
}

}  // namespace
}  // namespace quoted::appraisal
