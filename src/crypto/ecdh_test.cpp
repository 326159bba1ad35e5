#include "crypto/ecdh.h"

#include <gmock/gmock.h>

#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using test::unhex;

// RFC 5903, section 8.1.
constexpr std::string_view kInitiator =
    "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433";
constexpr std::string_view kResponder =
    "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53";
constexpr std::string_view kResponderPoint =
    "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
    "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab";
constexpr std::string_view kShared =
    "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";

std::string shared_hex(const P256PrivateKey& own, const P256PublicKey& peer) {
  return base::to_hex(ecdh(own, peer).value().view());
}

TEST(Ecdh, MatchesRfc5903FromBothSides) {
  const auto initiator = P256PrivateKey::create(unhex(kInitiator)).value();
  const auto responder = P256PrivateKey::create(unhex(kResponder)).value();
  EXPECT_EQ(responder.public_key().point().hex(), kResponderPoint);
  EXPECT_EQ(shared_hex(initiator, responder.public_key()), kShared);
  EXPECT_EQ(shared_hex(responder, initiator.public_key()), kShared);
}

TEST(Ecdh, AThirdPartyGetsAnotherSecret) {
  const auto initiator = P256PrivateKey::create(unhex(kInitiator)).value();
  const auto responder = P256PrivateKey::create(unhex(kResponder)).value();
  const auto third = make_ephemeral_key().value();
  EXPECT_NE(shared_hex(third, responder.public_key()), kShared);
  EXPECT_NE(shared_hex(initiator, third.public_key()), kShared);
}

TEST(Ecdh, EphemeralKeysDiffer) {
  EXPECT_NE(make_ephemeral_key().value().public_key().point(),
            make_ephemeral_key().value().public_key().point());
}

}  // namespace
}  // namespace quoted::crypto
