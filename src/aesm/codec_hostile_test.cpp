// The codec against hostile bytes, with protobuf as the judge: on every input both must agree on
// whether it is well-formed, which request or response it holds, and what that one says.
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <random>

#include "aesm/codec.h"
#include "aesm/testing/hex_bytes.h"
#include "aesm/testing/samples.h"

namespace quoted::aesm {
namespace {

using base::ErrorCode;
using google::protobuf::Message;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;
using test::hex_bytes;

enum class Verdict { kMalformed, kNothingKnown, kMessage };

struct Opinion {
  Verdict verdict;
  Bytes message;  // Encoded anew, without what is unknown.

  friend bool operator==(const Opinion&, const Opinion&) = default;
};

void PrintTo(const Opinion& opinion, std::ostream* out) {
  *out << (opinion.verdict == Verdict::kMalformed      ? "malformed"
           : opinion.verdict == Verdict::kNothingKnown ? "nothing known"
                                                       : "message ")
       << base::to_hex(opinion.message);
}

bool has_group(const UnknownFieldSet& fields) {
  for (int i = 0; i < fields.field_count(); ++i) {
    if (fields.field(i).type() == UnknownField::TYPE_GROUP) return true;
  }
  return false;
}

// What protobuf makes of `body` under the rules of codec.h: groups are refused, one kind is chosen
// by priority and only that one is looked into.
template <class Theirs>
Opinion their_opinion(ByteView body, std::span<const int> priority) {
  // A message without fields finds all of them unknown, and so keeps each as it came.
  google::protobuf::Empty outside;
  const bool parsed = outside.ParseFromArray(body.data(), static_cast<int>(body.size()));
  const UnknownFieldSet& outer = outside.GetReflection()->GetUnknownFields(outside);
  if (!parsed || has_group(outer)) return {Verdict::kMalformed, {}};
  for (const int number : priority) {
    Theirs all;
    Message* chosen = nullptr;
    for (int i = 0; i < outer.field_count(); ++i) {
      const UnknownField& field = outer.field(i);
      if (field.number() != number || field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
      chosen = all.GetReflection()->MutableMessage(&all,
                                                   Theirs::descriptor()->FindFieldByNumber(number));
      const std::unique_ptr<Message> part(chosen->New());
      if (!part->ParsePartialFromString(field.length_delimited()) ||
          has_group(part->GetReflection()->GetUnknownFields(*part))) {
        return {Verdict::kMalformed, {}};
      }
      chosen->MergeFrom(*part);
    }
    if (chosen == nullptr) continue;
    chosen->DiscardUnknownFields();
    return {Verdict::kMessage, base::to_bytes(base::as_bytes(all.SerializePartialAsString()))};
  }
  return {Verdict::kNothingKnown, {}};
}

struct Requests {
  using Theirs = ::aesm::message::Request;
  static constexpr auto kPriority =
      std::to_array({3, 1, 2, 4, 18, 10, 11, 12, 13, 14, 15, 16, 17, 19, 21, 22});
  static constexpr ErrorCode kNothingKnown = ErrorCode::kUnknownRequest;
  static const auto& samples() { return test::request_samples(); }
  static auto decode(ByteView body) { return decode_request(body); }
  static Bytes encode(const Request& request) { return encode_request(request); }
};

struct Responses {
  using Theirs = ::aesm::message::Response;
  static constexpr auto kPriority =
      std::to_array({1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22});
  static constexpr ErrorCode kNothingKnown = ErrorCode::kUnexpectedResponse;
  static const auto& samples() { return test::response_samples(); }
  static auto decode(ByteView body) { return decode_response(body); }
  static Bytes encode(const Response& response) { return encode_response(response); }
};

template <class Direction>
Opinion our_opinion(ByteView body) {
  // A copy of exactly this size, so that the address sanitizer sees any read beyond it.
  const Bytes exact = base::to_bytes(body);
  const auto decoded = Direction::decode(exact);
  if (decoded) return {Verdict::kMessage, Direction::encode(*decoded)};
  if (decoded.error().code() == Direction::kNothingKnown) return {Verdict::kNothingKnown, {}};
  EXPECT_EQ(decoded.error().code(), ErrorCode::kMalformedMessage);
  return {Verdict::kMalformed, {}};
}

// The opinion both share.
template <class Direction>
Opinion agreed_opinion(ByteView body) {
  const Opinion ours = our_opinion<Direction>(body);
  EXPECT_EQ(ours, (their_opinion<typename Direction::Theirs>(body, Direction::kPriority)))
      << "on " << base::to_hex(body);
  return ours;
}

template <class Direction>
class HostileCodec : public testing::Test {
 protected:
  static std::vector<Bytes> bodies() {
    std::vector<Bytes> out;
    for (const auto& sample : Direction::samples()) out.push_back(Direction::encode(sample.ours));
    return out;
  }
};

using Directions = testing::Types<Requests, Responses>;
TYPED_TEST_SUITE(HostileCodec, Directions);

TYPED_TEST(HostileCodec, EveryTruncationIsRefused) {
  for (const Bytes& body : this->bodies()) {
    for (std::size_t size = 0; size < body.size(); ++size) {
      const Opinion opinion = agreed_opinion<TypeParam>(ByteView(body).first(size));
      EXPECT_EQ(opinion.verdict, size == 0 ? Verdict::kNothingKnown : Verdict::kMalformed);
    }
  }
}

// Fields no schema knows, one of each wire type; the last has the largest number there is.
constexpr auto kUnknownFields =
    std::to_array<std::string_view>({"a00605", "a106 0102030405060708", "a206 03 aabbcc",
                                     "a506 01020304", "c2a309 00", "faffffff0f 0108"});

TYPED_TEST(HostileCodec, UnknownFieldsArePassedOver) {
  for (const Bytes& body : this->bodies()) {
    const Bytes expected = agreed_opinion<TypeParam>(body).message;
    ASSERT_EQ(expected, body);
    const auto header = static_cast<std::ptrdiff_t>((std::to_integer<int>(body[0]) & 0x80) ? 3 : 2);
    const auto length = static_cast<std::size_t>(header - 1);
    for (const std::string_view digits : kUnknownFields) {
      const Bytes extra = hex_bytes(digits);
      Bytes before = extra;
      base::append(before, body);
      EXPECT_EQ(agreed_opinion<TypeParam>(before).message, body);

      Bytes after = body;
      base::append(after, extra);
      EXPECT_EQ(agreed_opinion<TypeParam>(after).message, body);

      Bytes inside = body;
      inside.insert(inside.begin() + header, extra.begin(), extra.end());
      inside[length] =
          static_cast<std::byte>(std::to_integer<std::size_t>(body[length]) + extra.size());
      EXPECT_EQ(agreed_opinion<TypeParam>(inside).message, body);
    }
  }
}

TYPED_TEST(HostileCodec, KnownNumbersOfAnotherWireTypeArePassedOver) {
  // Inside the message numbered 17, every field number 1 to 9 in every wire type.
  for (int number = 1; number <= 9; ++number) {
    for (const auto& [type, content] :
         {std::pair{0, "00"}, {1, "0000000000000000"}, {2, "00"}, {5, "00000000"}}) {
      Bytes inner{static_cast<std::byte>((number << 3) | type)};
      base::append(inner, hex_bytes(content));
      Bytes body = hex_bytes("8a01");
      body.push_back(static_cast<std::byte>(inner.size()));
      base::append(body, inner);
      EXPECT_EQ(agreed_opinion<TypeParam>(body).verdict, Verdict::kMessage);
    }
  }
}

TYPED_TEST(HostileCodec, DamagedBytesAreRefused) {
  for (const std::string_view digits : {
           "00", "0200", "07", "06", "0e",          // number 0, wire types that do not exist
           "0b", "0c", "0b0c", "8a0102 0b0c",       // groups, outside and inside
           "ff", "ffffffffffffffffffff01",          // unfinished and oversized tags
           "0affffffff0f", "0a8080808010", "0a01",  // lengths beyond the end, 2^32, one too many
           "0a808080808000",                        // a length of six bytes
           "0a0048ffffffffffffffffffff01",          // a varint of eleven bytes
           "0a0d00", "0a04 48808080",               // damage inside the message
       }) {
    const Bytes body = hex_bytes(digits);
    EXPECT_EQ(agreed_opinion<TypeParam>(body).verdict, Verdict::kMalformed) << digits;
  }
}

// A body made of one to three samples, with up to four small damages.
Bytes mutated(const std::vector<Bytes>& bodies, std::mt19937& random) {
  const auto below = [&](std::size_t bound) { return random() % bound; };
  Bytes out;
  for (std::size_t count = 1 + below(3); count > 0; --count) {
    base::append(out, bodies[below(bodies.size())]);
  }
  for (std::size_t damages = below(5); damages > 0 && !out.empty(); --damages) {
    const auto at = out.begin() + static_cast<std::ptrdiff_t>(below(out.size()));
    const auto value = static_cast<std::byte>(below(256));
    switch (below(6)) {
      case 0:
        *at ^= static_cast<std::byte>(1U << below(8));
        break;
      case 1:
        *at = value;
        break;
      case 2:
        out.insert(at, value);
        break;
      case 3:
        out.erase(at);
        break;
      case 4:
        out.erase(at, out.end());
        break;
      default: {
        const Bytes extra = hex_bytes(kUnknownFields[below(kUnknownFields.size())]);
        out.insert(at, extra.begin(), extra.end());
      }
    }
  }
  return out;
}

TYPED_TEST(HostileCodec, AgreesWithProtobufOnRandomDamage) {
  constexpr int kRounds = 10000;
  // NOLINTNEXTLINE(cert-msc32-c,cert-msc51-cpp): fixed, so that a failure comes again.
  std::mt19937 random(20240607);
  const std::vector<Bytes> bodies = this->bodies();
  std::map<Verdict, int> verdicts;
  for (int round = 0; round < kRounds && !this->HasFailure(); ++round) {
    ++verdicts[agreed_opinion<TypeParam>(mutated(bodies, random)).verdict];
  }
  // The comparison says nothing unless all three come up often.
  EXPECT_GT(verdicts[Verdict::kMessage], kRounds / 5);
  EXPECT_GT(verdicts[Verdict::kMalformed], kRounds / 5);
  EXPECT_GT(verdicts[Verdict::kNothingKnown], kRounds / 200);
}

}  // namespace
}  // namespace quoted::aesm
