#include "config/nearest.h"

#include <gmock/gmock.h>

#include <array>

namespace quoted::config {
namespace {

constexpr std::array<std::string_view, 5> kKeys{"mr_enclave", "mr_signer", "isv_prod_id",
                                                "min_isv_svn", "rt_mr0"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("mr_sginer", kKeys), "mr_signer");
  EXPECT_EQ(nearest("mrsigner", kKeys), "mr_signer");
  EXPECT_EQ(nearest("MRSIGNER", kKeys), "mr_signer");
  EXPECT_EQ(nearest("mr-enclave", kKeys), "mr_enclave");
  EXPECT_EQ(nearest("IsvProdId", kKeys), "isv_prod_id");
  EXPECT_EQ(nearest("rtmr0", kKeys), "rt_mr0");
  EXPECT_EQ(nearest("isv_svn", kKeys), "min_isv_svn");
  EXPECT_EQ(nearest("isvsvn", kKeys), "min_isv_svn");
  EXPECT_EQ(nearest("svn", kKeys), "");
}

TEST(Nearest, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest("colour", kKeys), "");
  EXPECT_EQ(nearest("", kKeys), "");
  EXPECT_EQ(nearest("mr_signer", {}), "");
  EXPECT_EQ(nearest(std::string(65, 'm'), kKeys), "");
}

TEST(Nearest, SuggestsOrLists) {
  EXPECT_EQ(suggestion("mr_signr", kKeys), "did you mean 'mr_signer'?");
  EXPECT_EQ(suggestion("colour", kKeys),
            "expected one of: mr_enclave, mr_signer, isv_prod_id, min_isv_svn, rt_mr0");
}

}  // namespace
}  // namespace quoted::config
