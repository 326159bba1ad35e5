#include "crypto/rsa_oaep.h"

#include <gmock/gmock.h>

#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

// A pair made for this test; the ciphertext is of another implementation (see the vectors' README).
std::string private_key() { return test::read_text_vector("crypto/rsa3072-test-key.pem"); }

RsaCiphertext ciphertext(const std::string& name) {
  return RsaCiphertext::parse(test::read_vector("crypto/" + name)).value();
}

TEST(RsaOaep, DecryptsWhatAnotherImplementationEncrypted) {
  const auto message = rsa_oaep_decrypt(private_key(), ciphertext("rsa3072-oaep-sha256.bin"));
  ASSERT_TRUE(message) << message.error().summary();
  EXPECT_EQ(base::to_hex(message->view()), "000102030405060708090a0b0c0d0e0f");
}

TEST(RsaOaep, OtherHashesAreRefused) {
  const auto message = rsa_oaep_decrypt(private_key(), ciphertext("rsa3072-oaep-sha1.bin"));
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().code(), base::ErrorCode::kCryptoFailure);
}

TEST(RsaOaep, WhatIsEncryptedComesBackAndNeverLooksTheSame) {
  const RsaPublicKey key = rsa_public_key(private_key()).value();
  EXPECT_EQ(key.exponent.hex(), "00010001");
  for (const std::string secret : {"", "a PPID of 16 byt"}) {
    const RsaCiphertext first = rsa_oaep_encrypt(key, base::as_bytes(secret)).value();
    const RsaCiphertext second = rsa_oaep_encrypt(key, base::as_bytes(secret)).value();
    EXPECT_NE(first, second);
    EXPECT_EQ(base::as_text(rsa_oaep_decrypt(private_key(), first).value().view()), secret);
  }
}

TEST(RsaOaep, AChangedCiphertextIsRefused) {
  RsaCiphertext changed = ciphertext("rsa3072-oaep-sha256.bin");
  changed.mutable_view()[200] ^= std::byte{1};
  const auto message = rsa_oaep_decrypt(private_key(), changed);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().code(), base::ErrorCode::kCryptoFailure);
}

// 384 - 2 * 32 - 2 bytes are the most that OAEP with SHA-256 carries.
TEST(RsaOaep, TooLongAMessageIsRefused) {
  const RsaPublicKey key = rsa_public_key(private_key()).value();
  EXPECT_TRUE(rsa_oaep_encrypt(key, base::Bytes(318)));
  EXPECT_FALSE(rsa_oaep_encrypt(key, base::Bytes(319)));
}

TEST(RsaOaep, OtherKeysAreRefused) {
  for (const std::string& bad : {std::string(), std::string("no key"), private_key().substr(0, 200),
                                 test::read_text_vector("crypto/rsa2048-test-key.pem"),
                                 test::read_text_vector("crypto/p256-test-key.pem"),
                                 test::read_text_vector("crypto/rsa3072-encrypted-test-key.pem")}) {
    const auto key = rsa_public_key(bad);
    ASSERT_FALSE(key) << bad.substr(0, 40);
    EXPECT_EQ(key.error().code(), base::ErrorCode::kBadKey);
  }
}

}  // namespace
}  // namespace quoted::crypto
