#include "aesm/codec.h"

#include <algorithm>
#include <span>
#include <utility>

#include "aesm/framing.h"
#include "aesm/schema.h"
#include "aesm/wire.h"
#include "base/text.h"

namespace quoted::aesm {
namespace {

using base::ErrorCode;
using base::fail;
using base::text;
using wire::WireType;

std::uint32_t number_of(MessageKind kind) { return std::to_underlying(kind); }

// A known field number with another wire type is an unknown field to protobuf, so the value it
// would have filled stays as it is. Integers are truncated as protobuf truncates them.
void assign(OptionalBytes& value, const wire::Field& field) {
  if (field.type == WireType::length_delimited) value = field.bytes;
}
void assign(std::optional<bool>& value, const wire::Field& field) {
  if (field.type == WireType::varint) value = field.varint != 0;
}
template <std::unsigned_integral Integer>
void assign(std::optional<Integer>& value, const wire::Field& field) {
  if (field.type == WireType::varint) value = static_cast<Integer>(field.varint);
}

// Adds what `bytes` hold to `message`; later values replace earlier ones.
template <class Message>
void merge(Message& message, ByteView bytes) {
  wire::Cursor cursor(bytes);
  for (wire::Field found; cursor.next(found);) {
    schema::for_each_field(message, [&](const auto& field) {
      if (field.number == found.number) assign(message.*field.member, found);
    });
  }
}

// What is in a message, seen from outside.
struct Content {
  std::optional<MessageKind> chosen;
  std::uint32_t first_number = 0;
};

// The kind in `body` that comes first in `priority`. Reads the body to its end, so that one that
// is damaged after a valid request is refused as a whole.
Content survey(ByteView body, std::span<const MessageKind> priority) {
  Content content;
  wire::Cursor cursor(body);
  for (wire::Field found; cursor.next(found);) {
    if (content.first_number == 0) content.first_number = found.number;
    if (found.type != WireType::length_delimited) continue;
    const auto match = std::ranges::find(priority, found.number, number_of);
    if (match == priority.end()) continue;
    content.chosen = *match;
    priority = {priority.begin(), match};
  }
  return content;
}

// A default-constructed alternative of the given kind.
template <class Variant>
Variant make_empty(MessageKind kind) {
  Variant out;
  const auto emplace_if = [&]<std::size_t Index>(std::integral_constant<std::size_t, Index>) {
    if (schema::kKinds[Index].kind == kind) out.template emplace<Index>();
  };
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (emplace_if(std::integral_constant<std::size_t, Index>{}), ...);
  }(std::make_index_sequence<std::variant_size_v<Variant>>{});
  return out;
}

template <class Variant>
Variant decode_kind(ByteView body, MessageKind kind) {
  Variant out = make_empty<Variant>(kind);
  std::visit(
      [&](auto& message) {
        wire::Cursor cursor(body);
        for (wire::Field found; cursor.next(found);) {
          if (found.number == number_of(kind) && found.type == WireType::length_delimited) {
            merge(message, found.bytes);
          }
        }
      },
      out);
  return out;
}

// `what` and `none_known` name the message and the error when it holds nothing known.
template <class Variant>
Result<Variant> decode(ByteView body, std::span<const MessageKind> priority, std::string_view what,
                       ErrorCode none_known) {
  try {
    const Content content = survey(body, priority);
    if (content.chosen) return decode_kind<Variant>(body, *content.chosen);
    const std::string found = content.first_number == 0
                                  ? std::string("no field at all")
                                  : text("field ", content.first_number, " first");
    return fail(none_known, text("the message of ", body.size(), " bytes holds none of the ",
                                 priority.size(), " known ", what, "s, but ", found));
  } catch (const protozero::exception& error) {
    return fail(ErrorCode::kMalformedMessage,
                text("the ", what, " of ", body.size(), " bytes is not protobuf: ", error.what()));
  }
}

template <class Message>
std::size_t size_of(const Message& message) {
  std::size_t size = 0;
  schema::for_each_field(message, [&](const auto& field) {
    const auto& value = message.*field.member;
    if (value) size += wire::field_size(field.number, *value);
  });
  return size;
}

// Tag and length.
constexpr std::size_t kMaxHeaderSize = std::size_t{2} * protozero::max_varint_length;

template <class Variant>
void append_message(Bytes& out, const Variant& variant) {
  std::visit(
      [&](const auto& message) {
        const std::uint32_t number = number_of(kind_of(variant));
        const std::size_t size = size_of(message);
        out.reserve(out.size() + kMaxHeaderSize + size);
        wire::put_bytes_header(out, number, size);
        schema::for_each_field(message, [&](const auto& field) {
          const auto& value = message.*field.member;
          if (value) wire::put_field(out, field.number, *value);
        });
      },
      variant);
}

template <class Variant>
Bytes encode(const Variant& message) {
  Bytes out;
  append_message(out, message);
  return out;
}

template <class Variant>
Bytes encode_frame(const Variant& message) {
  Bytes out(kFramePrefixSize);
  append_message(out, message);
  const auto size = static_cast<std::uint32_t>(out.size() - kFramePrefixSize);
  std::ranges::copy(encode_frame_prefix(size), out.begin());
  return out;
}

constexpr auto kResponsePriority = [] {
  std::array<MessageKind, schema::kKinds.size()> order{};
  std::ranges::transform(schema::kKinds, order.begin(), &schema::KindEntry::kind);
  return order;
}();

}  // namespace

Result<Request> decode_request(ByteView body) {
  return decode<Request>(body, schema::kRequestPriority, "request", ErrorCode::kUnknownRequest);
}

Result<Response> decode_response(ByteView body) {
  return decode<Response>(body, kResponsePriority, "response", ErrorCode::kUnexpectedResponse);
}

Bytes encode_request(const Request& request) { return encode(request); }
Bytes encode_response(const Response& response) { return encode(response); }
Bytes encode_request_frame(const Request& request) { return encode_frame(request); }
Bytes encode_response_frame(const Response& response) { return encode_frame(response); }

std::string_view missing_required_field(const Request& request) {
  std::string_view missing;
  std::visit(
      [&](const auto& message) {
        schema::for_each_field(message, [&](const auto& field) {
          const bool absent = field.is_required && !(message.*field.member);
          if (absent && missing.empty()) missing = field.name;
        });
      },
      request);
  return missing;
}

MessageKind kind_of(const Request& request) { return schema::kKinds[request.index()].kind; }
MessageKind kind_of(const Response& response) { return schema::kKinds[response.index()].kind; }

std::string_view name_of(MessageKind kind) {
  const auto entry = std::ranges::find(schema::kKinds, kind, &schema::KindEntry::kind);
  return entry == schema::kKinds.end() ? std::string_view("unknown") : entry->name;
}

}  // namespace quoted::aesm
