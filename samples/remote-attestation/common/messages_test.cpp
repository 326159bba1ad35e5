#include "common/messages.h"

#include <gmock/gmock.h>

namespace quoted::sample {
namespace {

using base::Bytes;
using base::ByteView;
using base::ErrorCode;

Nonce some_nonce() { return Nonce::parse(Bytes(Nonce::kSize, std::byte{0xA1})).value(); }

Evidence some_evidence() {
  return {some_nonce(),
          crypto::P256Point::parse(Bytes(crypto::P256Point::kSize, std::byte{0xB2})).value(),
          Bytes(3, std::byte{0xC3})};
}

EncryptedSecret some_secret() {
  return {crypto::P256Point::parse(Bytes(crypto::P256Point::kSize, std::byte{0xD4})).value(),
          crypto::GcmTag::parse(Bytes(crypto::GcmTag::kSize, std::byte{0xE5})).value(),
          Bytes(2, std::byte{0xF6})};
}

TEST(Messages, ComeBackAsTheyWere) {
  const Challenge challenge{some_nonce(), std::chrono::milliseconds(0x01020304)};
  const auto parsed_challenge = parse_challenge(encode(challenge)).value();
  EXPECT_EQ(parsed_challenge.nonce, challenge.nonce);
  EXPECT_EQ(parsed_challenge.good_for, challenge.good_for);

  const Evidence evidence = some_evidence();
  const auto parsed_evidence = parse_evidence(encode(evidence)).value();
  EXPECT_EQ(parsed_evidence.nonce, evidence.nonce);
  EXPECT_EQ(parsed_evidence.public_key, evidence.public_key);
  EXPECT_EQ(parsed_evidence.quote, evidence.quote);

  const EncryptedSecret secret = some_secret();
  const auto parsed_secret = std::get<EncryptedSecret>(parse_answer(encode(secret)).value());
  EXPECT_EQ(parsed_secret.public_key, secret.public_key);
  EXPECT_EQ(parsed_secret.tag, secret.tag);
  EXPECT_EQ(parsed_secret.ciphertext, secret.ciphertext);

  EXPECT_EQ(std::get<Refusal>(parse_answer(encode(Refusal{"no"})).value()).reason, "no");
}

// Cut anywhere, a message is an error and never another message.
TEST(Messages, EveryTruncationIsRefused) {
  const Bytes challenge = encode(Challenge{some_nonce(), std::chrono::milliseconds(1)});
  for (std::size_t size = 0; size < challenge.size(); ++size) {
    EXPECT_FALSE(parse_challenge(ByteView(challenge).first(size))) << size;
  }
  const Bytes evidence = encode(some_evidence());
  const std::size_t shortest_evidence = 1 + Nonce::kSize + crypto::P256Point::kSize + 1;
  for (std::size_t size = 0; size < shortest_evidence; ++size) {
    EXPECT_FALSE(parse_evidence(ByteView(evidence).first(size))) << size;
  }
  const Bytes secret = encode(some_secret());
  const std::size_t shortest_secret = 1 + crypto::P256Point::kSize + crypto::GcmTag::kSize + 1;
  for (std::size_t size = 0; size < shortest_secret; ++size) {
    EXPECT_FALSE(parse_answer(ByteView(secret).first(size))) << size;
  }
}

TEST(Messages, OfAnotherTypeAreRefused) {
  const Bytes challenge = encode(Challenge{some_nonce(), std::chrono::milliseconds(1)});
  const Bytes evidence = encode(some_evidence());
  for (int type = 0; type < 256; ++type) {
    Bytes message = evidence;
    message[0] = static_cast<std::byte>(type);
    EXPECT_EQ(parse_evidence(message).has_value(), type == 2) << type;
    EXPECT_EQ(parse_answer(message).has_value(), type == 3 || type == 4) << type;
    message = challenge;
    message[0] = static_cast<std::byte>(type);
    EXPECT_EQ(parse_challenge(message).has_value(), type == 1) << type;
  }
  EXPECT_EQ(parse_evidence(challenge).error().code(), ErrorCode::kUnexpectedResponse);
}

TEST(Messages, WhatIsTooLongIsRefused) {
  Bytes challenge = encode(Challenge{some_nonce(), std::chrono::milliseconds(1)});
  challenge.push_back(std::byte{0});
  EXPECT_EQ(parse_challenge(challenge).error().code(), ErrorCode::kWrongSize);

  Evidence evidence = some_evidence();
  evidence.quote.resize(kMaxQuoteSize);
  EXPECT_EQ(encode(evidence).size(), kMaxEvidenceSize);
  EXPECT_TRUE(parse_evidence(encode(evidence)));
  evidence.quote.resize(kMaxQuoteSize + 1);
  EXPECT_EQ(parse_evidence(encode(evidence)).error().code(), ErrorCode::kWrongSize);

  EncryptedSecret secret = some_secret();
  secret.ciphertext.resize(kMaxSecretSize);
  EXPECT_EQ(encode(secret).size(), kMaxAnswerSize);
  EXPECT_TRUE(parse_answer(encode(secret)));
  secret.ciphertext.resize(kMaxSecretSize + 1);
  EXPECT_EQ(parse_answer(encode(secret)).error().code(), ErrorCode::kWrongSize);

  const Bytes refusal = encode(Refusal{std::string(kMaxReasonSize + 1, 'x')});
  EXPECT_EQ(std::get<Refusal>(parse_answer(refusal).value()).reason.size(), kMaxReasonSize);
}

}  // namespace
}  // namespace quoted::sample
