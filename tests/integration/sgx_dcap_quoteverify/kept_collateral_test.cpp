// Which collateral the library keeps from call to call.
#include "library_test.h"
#include "sgx_dcap_quoteverify/state.h"

namespace quoted::test {
namespace {

using quoteverify::State;

// Null when it is not known.
const void* kept(const Arguments& a) {
  const auto documents = quoteverify::read_documents(a.documents);
  if (!documents) return nullptr;
  const auto found = State::current().collaterals().find(*documents);
  return found ? &found->parsed() : nullptr;
}

std::size_t kept_in_all() { return State::current().collaterals().size(); }

TEST(KeptCollateral, IsWhatACallSucceededWith) {
  EXPECT_TRUE(in_child([] {
    Arguments a;
    EXPECT_EQ(kept(a), nullptr);
    EXPECT_EQ(a.tee(), SGX_QL_SUCCESS);
    const void* const first = kept(a);
    EXPECT_NE(first, nullptr);
    EXPECT_EQ(a.tee(), SGX_QL_SUCCESS);
    EXPECT_EQ(kept(a), first);
    EXPECT_EQ(kept_in_all(), 1U);
    // It has its place as long as it is used, whatever else comes.
    for (int i = 0; i < 40; ++i) {
      Arguments other;
      const std::string content(static_cast<std::size_t>(i + 1), '\n');
      const std::string before(other.collateral.abi.pck_crl_issuer_chain);
      other.collateral.replace(0, before + content, before.size() + content.size() + 1);
      EXPECT_EQ(other.tee(), SGX_QL_SUCCESS);
      EXPECT_EQ(a.tee(), SGX_QL_SUCCESS);
    }
    EXPECT_EQ(kept(a), first);
  }));
}

TEST(KeptCollateral, IsNeverWhatWasRefused) {
  EXPECT_TRUE(in_child([] {
    Arguments a;
    ASSERT_EQ(a.tee(), SGX_QL_SUCCESS);
    const void* const first = kept(a);
    ASSERT_NE(first, nullptr);
    for (int i = 0; i < 40; ++i) {
      Arguments refused;
      const std::string json = "{\"number\":" + std::to_string(i) + '}';
      refused.collateral.replace(4, json, json.size() + 1);
      EXPECT_NE(refused.tee(), SGX_QL_SUCCESS);
      EXPECT_EQ(kept(refused), nullptr);
    }
    EXPECT_EQ(kept_in_all(), 1U);
    EXPECT_EQ(kept(a), first);
  }));
}

TEST(KeptCollateral, IsNotThatOfAQuoteThatWasRefused) {
  EXPECT_TRUE(in_child([] {
    Arguments a;
    a.quote_bytes.at(100) ^= std::byte{1};
    EXPECT_NE(a.tee(), SGX_QL_SUCCESS);
    EXPECT_EQ(kept_in_all(), 0U);
  }));
}

}  // namespace
}  // namespace quoted::test
