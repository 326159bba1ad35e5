#include "crypto/p256.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "crypto/testing/derivation.h"
#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using base::as_bytes;
using test::unhex;

constexpr std::string_view kOrder =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

// RFC 6979, A.2.5: key pair and the signature of "sample" with SHA-256.
constexpr std::string_view kScalar =
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
constexpr std::string_view kPoint =
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
constexpr std::string_view kSampleSignature =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

P256PublicKey sample_key() {
  return P256PublicKey::create(P256Point::parse_hex(kPoint).value()).value();
}

// n - s in place of s: the other valid form of the same signature.
P256Signature with_other_s(const P256Signature& signature) {
  const base::Bytes order = unhex(kOrder);
  P256Signature out = signature;
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int difference =
        std::to_integer<int>(order[i]) - std::to_integer<int>(signature.view()[32 + i]) - borrow;
    borrow = difference < 0 ? 1 : 0;
    out.mutable_view()[32 + i] = static_cast<std::byte>(difference & 0xFF);
  }
  return out;
}

TEST(P256, PublicKeyFollowsFromTheScalar) {
  const auto key = P256PrivateKey::create(unhex(kScalar)).value();
  EXPECT_EQ(key.public_key().point().hex(), kPoint);
  EXPECT_EQ(base::to_hex(key.scalar().view()), kScalar);
}

TEST(P256, VerifiesAPublishedSignatureInBothForms) {
  const auto signature = P256Signature::parse_hex(kSampleSignature).value();
  EXPECT_TRUE(sample_key().verify(as_bytes("sample"), signature));
  EXPECT_TRUE(sample_key().verify(as_bytes("sample"), with_other_s(signature)));
  EXPECT_FALSE(sample_key().verify(as_bytes("samplE"), signature));
  EXPECT_FALSE(sample_key().verify(as_bytes(""), signature));
}

TEST(P256, EveryBitOfASignatureCounts) {
  const auto signature = P256Signature::parse_hex(kSampleSignature).value();
  for (std::size_t bit = 0; bit < P256Signature::kSize * 8; ++bit) {
    P256Signature changed = signature;
    changed.mutable_view()[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_FALSE(sample_key().verify(as_bytes("sample"), changed)) << "bit " << bit;
  }
}

// Halves that are 0 or not below the order (quote-verification 21, item 8).
TEST(P256, ImpossibleSignaturesAreRefused) {
  const std::string r(kSampleSignature.substr(0, 64));
  const std::string s(kSampleSignature.substr(64));
  const std::string zero(64, '0');
  const std::string order(kOrder);
  const std::string most(64, 'f');
  for (const std::string& bad :
       {zero + s, r + zero, zero + zero, order + s, r + order, most + most}) {
    EXPECT_FALSE(sample_key().verify(as_bytes("sample"), P256Signature::parse_hex(bad).value()))
        << bad;
  }
}

// About one signature in 128 has a half that starts with a zero byte (quote-generation 1.2); both
// the padding on the way out and the stripping on the way in are met here.
TEST(P256, SignaturesVerifyWhateverTheirLeadingBytes) {
  const auto key = P256PrivateKey::create(unhex(kScalar)).value();
  int short_halves = 0;
  for (int i = 0; i < 3000 && short_halves < 3; ++i) {
    const P256Signature signature = key.sign(as_bytes("message")).value();
    if (signature.view()[0] == std::byte{0} || signature.view()[32] == std::byte{0}) ++short_halves;
    ASSERT_TRUE(key.public_key().verify(as_bytes("message"), signature)) << signature.hex();
  }
  EXPECT_EQ(short_halves, 3);
}

TEST(P256, ASignatureIsOnlyOfItsKey) {
  const auto key = P256PrivateKey::create(unhex(kScalar)).value();
  const P256Signature signature = key.sign(as_bytes("message")).value();
  const auto other = P256PrivateKey::from_seed(base::Bytes(kP256SeedSize)).value();
  EXPECT_FALSE(other.public_key().verify(as_bytes("message"), signature));
}

TEST(P256, PointsOffTheCurveAreRefused) {
  const std::string x(kPoint.substr(0, 64));
  const std::string zero(64, '0');
  for (const std::string& bad : {x + x, zero + zero, std::string(128, 'f')}) {
    const auto key = P256PublicKey::create(P256Point::parse_hex(bad).value());
    ASSERT_FALSE(key) << bad;
    EXPECT_EQ(key.error().code(), base::ErrorCode::kBadKey);
  }
}

TEST(P256, ScalarsLieBetweenOneAndTheOrder) {
  base::Bytes one(32);
  one.back() = std::byte{1};
  base::Bytes last = unhex(kOrder);
  last.back() = std::byte{0x50};
  EXPECT_TRUE(P256PrivateKey::create(one));
  EXPECT_TRUE(P256PrivateKey::create(last));
  for (const base::Bytes& bad : {base::Bytes(32), unhex(kOrder), base::Bytes(32, std::byte{0xFF}),
                                 base::Bytes(31), base::Bytes(33), base::Bytes()}) {
    const auto key = P256PrivateKey::create(bad);
    ASSERT_FALSE(key) << base::to_hex(bad);
    EXPECT_EQ(key.error().code(), base::ErrorCode::kBadKey);
  }
}

TEST(P256, SeedsOfOtherSizesAreRefused) {
  for (const std::size_t size : {0U, 32U, 39U, 41U}) {
    const auto key = P256PrivateKey::from_seed(base::Bytes(size));
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code(), base::ErrorCode::kWrongSize);
  }
}

// (0 mod (n - 1)) + 1 = 1, whose public key is the generator; n - 1 gives 1 again.
TEST(P256, SeedsAreReducedModuloOrderMinusOne) {
  const auto from_zero = P256PrivateKey::from_seed(base::Bytes(kP256SeedSize)).value();
  base::Bytes order_minus_one(8);
  base::append(order_minus_one, unhex(kOrder));
  order_minus_one.back() = std::byte{0x50};
  const auto from_modulus = P256PrivateKey::from_seed(order_minus_one).value();
  EXPECT_EQ(from_zero.public_key().point().hex().substr(0, 64),
            "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
  EXPECT_EQ(from_modulus.public_key().point(), from_zero.public_key().point());
}

// quote-generation 3.2 and 13.
TEST(P256, DerivesTheAttestationKey) {
  // "QE_ATT_DER", 00 00 00, 01 40
  const base::Bytes seed = testing::key_seed(testing::counting_key(), unhex("51455f4154545f444552"
                                                                            "000000"
                                                                            "0140"));
  EXPECT_EQ(base::to_hex(seed),
            "ad282972340a8fba8306a032db66d6674a3ba3f99e708c992056cb4acfd9d2c9688964bf7e8a0609");
  const auto key = P256PrivateKey::from_seed(seed).value();
  EXPECT_EQ(base::to_hex(key.scalar().view()),
            "b7112febfa341d3b779e1358376852ca59534d7778d2a55a1d8ac60fdde8cc4a");
  EXPECT_EQ(key.public_key().point().hex(),
            "5fcd12c17e5717067b1032c9b974090cb871b38f8be23b7e32c4dd520401752b"
            "a2aab1dec2de9169c3a517820f2f82f90ada447b62cd48d169cd0d948a31b385");

  base::Bytes reversed = base::to_bytes(key.scalar().view());
  std::ranges::reverse(reversed);
  EXPECT_EQ(P256PrivateKey::create(reversed).value().public_key().point().hex(),
            "b32b70d4c96df36e9d701db48c4235e616c9757c08ce023672bd49fe4ac80454"
            "7c78369bfdcc081c42c017ac63ec1237d8e6e5f7317c7a664d169be2b57c945d");
}

// quote-generation 4.2 and 13.
TEST(P256, DerivesThePckKey) {
  // "PAK_KEY_DER", 00 00, 01 40
  const base::Bytes seed = testing::key_seed(testing::counting_key(), unhex("50414b5f4b45595f444552"
                                                                            "0000"
                                                                            "0140"));
  EXPECT_EQ(base::to_hex(seed),
            "9e1331033b9a62ba0e5f07567bb00efe44f5a30a30e640d9de36df8950cc4d90156842c5e4cc2cd9");
  const auto key = P256PrivateKey::from_seed(seed).value();
  EXPECT_EQ(base::to_hex(key.scalar().view()),
            "49f96a0fa2027b416e641c07353fcd62ded815e9c2aa1d0c13dd40539a1cb0ca");
  EXPECT_EQ(key.public_key().point().hex(),
            "a6389be260c54d77558d2d6dfc77289268cf4cd1f669a48532e3d88b772319e0"
            "19360f33ba195c0922e20a3ca39c2a3ad4d268b5aa57b5ab24faf7b18a002463");
}

}  // namespace
}  // namespace quoted::crypto
