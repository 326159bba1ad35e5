#include "sgx/attestation_key_id.h"

#include <gmock/gmock.h>

#include "sgx/quote3_error.h"

namespace quoted::sgx {
namespace {

// aesm-protocol 6.3, "whole 158 bytes in hex".
TEST(AttestationKeyId, DefaultIsTheProtocolConstant) {
  const std::string expected =
      "000000002000"
      "8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff" +
      std::string(32, '0') + "01000000" + std::string(192, '0') + "02000000";
  const AttestationKeyId id = ecdsa_p256_key_id();
  EXPECT_EQ(base::to_hex(base::struct_bytes(id.base)), expected);
  EXPECT_TRUE(base::all_zero(base::struct_bytes(id).subspan(158)));
}

// aesm-protocol 4.3.
TEST(Quote3Error, MapsToAesmAsTheReferenceDoes) {
  EXPECT_EQ(aesm_error_for_quote3(0), 0U);
  EXPECT_EQ(aesm_error_for_quote3(0xE001), 1U);
  EXPECT_EQ(aesm_error_for_quote3(0xE002), 3U);
  EXPECT_EQ(aesm_error_for_quote3(0xE003), 21U);
  EXPECT_EQ(aesm_error_for_quote3(0xE006), 15U);
  EXPECT_EQ(aesm_error_for_quote3(0xE00B), 38U);
  EXPECT_EQ(aesm_error_for_quote3(0xE00F), 42U);
  EXPECT_EQ(aesm_error_for_quote3(0xE011), 44U);
  EXPECT_EQ(aesm_error_for_quote3(0xE012), 29U);
  EXPECT_EQ(aesm_error_for_quote3(0xE015), 47U);
  EXPECT_EQ(aesm_error_for_quote3(0xE018), 50U);
  EXPECT_EQ(aesm_error_for_quote3(0xE019), 12U);
  EXPECT_EQ(aesm_error_for_quote3(0xE01A), 22U);
  EXPECT_EQ(aesm_error_for_quote3(0xE035), 1U);
  EXPECT_EQ(aesm_error_for_quote3(0xFFFFFFFF), 1U);
}

}  // namespace
}  // namespace quoted::sgx
