#include "certification/documents.h"

#include <gtest/gtest.h>

namespace quoted::certification {
namespace {

TEST(Documents, AreNamedForPeople) {
  const auto fmspc = sgx::Fmspc::parse_hex("00906ea10000").value();
  EXPECT_EQ(describe(TcbInfoRequest{collateral::Tee::kSgx, fmspc}),
            "the SGX TCB info of FMSPC 00906ea10000");
  EXPECT_EQ(describe(TcbInfoRequest{collateral::Tee::kTdx, fmspc}),
            "the TDX TCB info of FMSPC 00906ea10000");
  EXPECT_EQ(describe(PckCrlRequest{collateral::PckCa::kProcessor}), "the CRL of the processor CA");
  EXPECT_EQ(describe(RootCaCrlRequest{"https://example.org/root.der"}), "the CRL of the root CA");
  EXPECT_EQ(describe(EnclaveIdentityRequest{EnclaveIdentity::kTdQe}), "the identity of the TD QE");
}

}  // namespace
}  // namespace quoted::certification
