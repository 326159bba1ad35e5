#include "crypto/aead.h"

#include <gmock/gmock.h>

#include "crypto/testing/derivation.h"
#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using base::as_bytes;

// The GCM specification's test cases 1 and 2: key and IV all zero.
TEST(Aead, MatchesTheGcmTestCases) {
  const Sealed empty = seal_with_single_use_key(Key128(), {}, {}).value();
  EXPECT_THAT(empty.ciphertext, ::testing::IsEmpty());
  EXPECT_EQ(empty.tag.hex(), "58e2fccefa7e3061367f1d57a4e7455a");

  const Sealed block = seal_with_single_use_key(Key128(), base::Bytes(16), {}).value();
  EXPECT_EQ(base::to_hex(block.ciphertext), "0388dace60b6a392f328c2b971b2fe78");
  EXPECT_EQ(block.tag.hex(), "ab6e47d42cec13bdf53a67b21257bddf");
}

TEST(Aead, WhatIsSealedComesBack) {
  const Key128 key = testing::counting_key();
  for (const std::string secret : {"", "x", "a secret longer than one block of the cipher"}) {
    for (const std::string clear : {"", "clear"}) {
      const Sealed sealed =
          seal_with_single_use_key(key, as_bytes(secret), as_bytes(clear)).value();
      const auto opened = unseal(key, sealed.ciphertext, as_bytes(clear), sealed.tag);
      ASSERT_TRUE(opened) << opened.error().summary();
      EXPECT_EQ(base::as_text(opened->view()), secret);
    }
  }
}

TEST(Aead, AnyChangeIsRefused) {
  const Key128 key = testing::counting_key();
  const Sealed sealed =
      seal_with_single_use_key(key, as_bytes("secret"), as_bytes("clear")).value();
  const auto code = [](const base::Result<base::SecretBytes>& result) {
    return result ? base::ErrorCode::kInternal : result.error().code();
  };
  for (std::size_t i = 0; i < sealed.ciphertext.size(); ++i) {
    base::Bytes changed = sealed.ciphertext;
    changed[i] ^= std::byte{1};
    EXPECT_EQ(code(unseal(key, changed, as_bytes("clear"), sealed.tag)),
              base::ErrorCode::kBadSignature);
  }
  for (std::size_t i = 0; i < GcmTag::kSize; ++i) {
    GcmTag changed = sealed.tag;
    changed.mutable_view()[i] ^= std::byte{0x80};
    EXPECT_EQ(code(unseal(key, sealed.ciphertext, as_bytes("clear"), changed)),
              base::ErrorCode::kBadSignature);
  }
  EXPECT_EQ(code(unseal(key, sealed.ciphertext, as_bytes("cleaR"), sealed.tag)),
            base::ErrorCode::kBadSignature);
  EXPECT_EQ(code(unseal(key, sealed.ciphertext, {}, sealed.tag)), base::ErrorCode::kBadSignature);
  EXPECT_EQ(code(unseal(Key128(), sealed.ciphertext, as_bytes("clear"), sealed.tag)),
            base::ErrorCode::kBadSignature);
}

}  // namespace
}  // namespace quoted::crypto
