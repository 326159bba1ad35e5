#include "common/messages.h"

#include <algorithm>
#include <initializer_list>

namespace quoted::sample {
namespace {

using base::ByteReader;
using base::Bytes;
using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

enum class Type : std::uint8_t { kChallenge = 1, kEvidence = 2, kSecret = 3, kRefusal = 4 };

Bytes message_of(Type type, std::initializer_list<ByteView> parts) {
  std::size_t size = 1;
  for (const ByteView part : parts) size += part.size();
  Bytes out(size);
  out[0] = static_cast<std::byte>(type);
  auto end = out.begin() + 1;
  for (const ByteView part : parts) end = std::ranges::copy(part, end).out;
  return out;
}

Result<Type> take_type(ByteReader& in) {
  QUOTED_TRY(const std::uint8_t type, in.take_le<std::uint8_t>("message type"));
  return static_cast<Type>(type);
}

tl::unexpected<base::Error> unexpected(Type type, std::string_view wanted) {
  return fail(ErrorCode::kUnexpectedResponse,
              text("the message has type ", static_cast<unsigned>(type), ", expected ", wanted));
}

Status expect_end(const ByteReader& in, std::string_view message) {
  if (in.remaining() == 0) return {};
  return fail(ErrorCode::kWrongSize,
              text("the ", message, " has ", in.remaining(), " bytes more than belong to it"));
}

// All that is left, which has to be at least one byte and at most `limit`.
Result<ByteView> take_rest(ByteReader& in, std::size_t limit, std::string_view field) {
  const std::size_t size = in.remaining();
  if (size == 0 || size > limit) {
    return fail(ErrorCode::kWrongSize,
                text("the ", field, " has ", size, " bytes, expected 1 to ", limit));
  }
  return in.take(size, field);
}

}  // namespace

Bytes encode(const Challenge& challenge) {
  const base::Le32 good_for(static_cast<std::uint32_t>(challenge.good_for.count()));
  return message_of(Type::kChallenge, {challenge.nonce.view(), base::struct_bytes(good_for)});
}

Bytes encode(const Evidence& evidence) {
  return message_of(Type::kEvidence,
                    {evidence.nonce.view(), evidence.public_key.view(), evidence.quote});
}

Bytes encode(const EncryptedSecret& secret) {
  return message_of(Type::kSecret,
                    {secret.public_key.view(), secret.tag.view(), secret.ciphertext});
}

Bytes encode(const Refusal& refusal) {
  const std::string_view reason(refusal.reason);
  return message_of(Type::kRefusal, {base::as_bytes(reason.substr(0, kMaxReasonSize))});
}

Result<Challenge> parse_challenge(ByteView message) {
  ByteReader in(message);
  QUOTED_TRY(const Type type, take_type(in));
  if (type != Type::kChallenge) return unexpected(type, "a challenge (1)");
  Challenge out;
  QUOTED_TRY(out.nonce, in.take_struct<Nonce>("nonce"));
  QUOTED_TRY(const std::uint32_t good_for, in.take_le<std::uint32_t>("validity of the nonce"));
  out.good_for = std::chrono::milliseconds(good_for);
  QUOTED_CHECK(expect_end(in, "challenge"));
  return out;
}

Result<Evidence> parse_evidence(ByteView message) {
  ByteReader in(message);
  QUOTED_TRY(const Type type, take_type(in));
  if (type != Type::kEvidence) return unexpected(type, "evidence (2)");
  Evidence out;
  QUOTED_TRY(out.nonce, in.take_struct<Nonce>("nonce"));
  QUOTED_TRY(out.public_key, in.take_struct<crypto::P256Point>("public key"));
  QUOTED_TRY(const ByteView quote, take_rest(in, kMaxQuoteSize, "quote"));
  out.quote = base::to_bytes(quote);
  return out;
}

Result<Answer> parse_answer(ByteView message) {
  ByteReader in(message);
  QUOTED_TRY(const Type type, take_type(in));
  if (type == Type::kRefusal) {
    QUOTED_TRY(const ByteView reason, take_rest(in, kMaxReasonSize, "reason of the refusal"));
    return Refusal{std::string(base::as_text(reason))};
  }
  if (type != Type::kSecret) return unexpected(type, "a secret (3) or a refusal (4)");
  EncryptedSecret out;
  QUOTED_TRY(out.public_key, in.take_struct<crypto::P256Point>("public key"));
  QUOTED_TRY(out.tag, in.take_struct<crypto::GcmTag>("tag"));
  QUOTED_TRY(const ByteView ciphertext, take_rest(in, kMaxSecretSize, "encrypted secret"));
  out.ciphertext = base::to_bytes(ciphertext);
  return out;
}

}  // namespace quoted::sample
