// What the two programs say to each other. Four messages, each a type byte and a body; channel.h
// puts their length in front. Everything of a fixed size has it, and the rest is bounded, so that
// neither side can make the other read or keep more than it is ready for.
//
//   relying party                                attester
//     Challenge: nonce, how long it is good  ──►
//                                            ◄──  Evidence: nonce, public key, quote
//     EncryptedSecret, or Refusal            ──►
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>

#include "base/byte_reader.h"
#include "crypto/aead.h"
#include "crypto/p256.h"

namespace quoted::sample {

using Nonce = base::FixedBytes<struct NonceTag, 32>;

struct Challenge {
  Nonce nonce;
  std::chrono::milliseconds good_for{};
};

struct Evidence {
  Nonce nonce;  // the challenge that it answers
  crypto::P256Point public_key;
  base::Bytes quote;
};

struct EncryptedSecret {
  crypto::P256Point public_key;
  crypto::GcmTag tag;
  base::Bytes ciphertext;
};

struct Refusal {
  std::string reason;
};

using Answer = std::variant<EncryptedSecret, Refusal>;

inline constexpr std::size_t kMaxQuoteSize = std::size_t{16} * 1024;
inline constexpr std::size_t kMaxSecretSize = 1024;
inline constexpr std::size_t kMaxReasonSize = 1024;

// For the whole message, as the receiver of each kind bounds it.
inline constexpr std::size_t kMaxChallengeSize = 1 + Nonce::kSize + 4;
inline constexpr std::size_t kMaxEvidenceSize =
    1 + Nonce::kSize + crypto::P256Point::kSize + kMaxQuoteSize;
inline constexpr std::size_t kMaxAnswerSize =
    1 + crypto::P256Point::kSize + crypto::GcmTag::kSize + kMaxSecretSize;
static_assert(kMaxAnswerSize > 1 + kMaxReasonSize);

[[nodiscard]] base::Bytes encode(const Challenge& challenge);
[[nodiscard]] base::Bytes encode(const Evidence& evidence);
[[nodiscard]] base::Bytes encode(const EncryptedSecret& secret);
// A reason beyond kMaxReasonSize is cut off.
[[nodiscard]] base::Bytes encode(const Refusal& refusal);

// UnexpectedResponse for another type of message, Truncated or WrongSize for a body of another
// size.
[[nodiscard]] base::Result<Challenge> parse_challenge(base::ByteView message);
[[nodiscard]] base::Result<Evidence> parse_evidence(base::ByteView message);
[[nodiscard]] base::Result<Answer> parse_answer(base::ByteView message);

}  // namespace quoted::sample
