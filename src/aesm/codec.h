// Encodes and decodes the messages of messages.h: protobuf, syntax proto2, without the 4-byte
// length prefix (framing.h). Total on hostile input, allocates nothing for fields, never throws.
#pragma once

#include <string>
#include <string_view>

#include "aesm/messages.h"
#include "base/result.h"

namespace quoted::aesm {

using base::Bytes;
using base::Result;

// MalformedMessage when `body` is not protobuf, UnknownRequest (UnexpectedResponse) when it holds
// none of the sixteen. Unknown fields, and known ones of another wire type, are passed over. Of
// several requests the first in the order of aesm-protocol 1.4 is returned, of several responses
// the one of the lowest number; the others are not looked into. One given several times is merged
// as protobuf merges. Views into `body`.
//
// Accepts what protobuf accepts, except groups: they were obsolete before this protocol was
// written, no client sends them, and skipping them takes a stack that the input controls.
[[nodiscard]] Result<Request> decode_request(ByteView body);
[[nodiscard]] Result<Response> decode_response(ByteView body);

[[nodiscard]] Bytes encode_request(const Request& request);
[[nodiscard]] Bytes encode_response(const Response& response);

// A whole frame: 4-byte little-endian length, then the message, ready for one write.
[[nodiscard]] Bytes encode_request_frame(const Request& request);
[[nodiscard]] Bytes encode_response_frame(const Response& response);

// The schema's name of the first required field that is absent, or empty.
[[nodiscard]] std::string_view missing_required_field(const Request& request);

[[nodiscard]] MessageKind kind_of(const Request& request);
[[nodiscard]] MessageKind kind_of(const Response& response);

// "GetQuoteEx", for logs and messages.
[[nodiscard]] std::string_view name_of(MessageKind kind);

}  // namespace quoted::aesm
