#include "quotectl/serve_request.h"

#include <algorithm>

#include "base/base64.h"
#include "base/text.h"
#include "collateral/json_value.h"
#include "quotectl/option_values.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using collateral::JsonMember;
using collateral::JsonObject;
using collateral::JsonValue;

tl::unexpected<base::Error> malformed(std::string message) {
  return fail(ErrorCode::kMalformed, std::move(message));
}

// A name that a client chose, short enough for a message.
std::string shown(std::string_view name) { return text('\'', name.substr(0, 40), '\''); }

Result<base::Bytes> base64_member(std::string_view name, const std::string& value) {
  auto bytes = base::from_base64(value);
  if (!bytes) return fail(std::move(bytes).error().with_context(shown(name)));
  return bytes;
}

// Documents are texts, CRLs often hexadecimal digits; base64 of neither begins like that: a DER CRL
// in base64 begins with "MI".
bool is_plain(std::string_view value) {
  return value.starts_with("-----BEGIN ") || value.starts_with('{') || value.starts_with("30");
}

Result<base::Bytes> read_part(std::string_view name, const JsonValue& value) {
  const std::string* const content = value.string();
  if (content == nullptr) return malformed(text(shown(name), " is no string"));
  if (is_plain(*content)) return base::to_bytes(base::as_bytes(*content));
  return base64_member(name, *content);
}

Result<collateral::Collateral> read_collateral(const JsonValue& value) {
  const JsonObject* const parts = value.object();
  if (parts == nullptr) return malformed("'collateral' is no object");
  for (const JsonMember& member : *parts) {
    const bool known = std::ranges::any_of(
        collateral::kCollateralParts, [&](const auto& part) { return part.name == member.name; });
    if (!known) return malformed(text("'collateral' has no part ", shown(member.name)));
  }
  collateral::Collateral out;
  for (const collateral::CollateralPart& part : collateral::kCollateralParts) {
    const JsonValue* const found = value.member(part.name);
    if (found == nullptr) return malformed(text("'collateral' lacks '", part.name, '\''));
    QUOTED_TRY(out.*part.bytes, read_part(part.name, *found));
  }
  return out;
}

Result<base::UnixTime> read_time(const JsonValue& value) {
  if (const std::string* const words = value.string()) return parse_time("'time'", *words);
  if (const std::uint64_t* const seconds = value.number()) {
    return parse_time("'time'", std::to_string(*seconds));
  }
  return malformed("'time' is neither a string nor seconds since 1970");
}

Result<VerifyRequest> parse_json_request(std::string_view body) {
  QUOTED_TRY(const JsonValue request, collateral::parse_json(body));
  const JsonObject* const members = request.object();
  if (members == nullptr) return malformed("the body is no JSON object");
  if (const std::string twice = collateral::duplicate_member(request); !twice.empty()) {
    return malformed(text(shown(twice), " stands there twice"));
  }
  VerifyRequest out;
  bool has_quote = false;
  for (const auto& [name, value] : *members) {
    if (name == "quote") {
      if (value.string() == nullptr) return malformed("'quote' is no string");
      QUOTED_TRY(out.quote, base64_member(name, *value.string()));
      has_quote = true;
    } else if (name == "collateral") {
      QUOTED_TRY(out.collateral, read_collateral(value));
    } else if (name == "time") {
      QUOTED_TRY(out.time, read_time(value));
    } else {
      return malformed(text("there is no member ", shown(name), " in a request"));
    }
  }
  if (!has_quote) return malformed("the request lacks 'quote'");
  return out;
}

}  // namespace

Result<VerifyRequest> parse_verify_request(std::string_view media_type, base::ByteView body) {
  if (body.empty()) return malformed("the request has no body");
  if (media_type == kRequestType) return parse_json_request(base::as_text(body));
  return VerifyRequest{.quote = base::to_bytes(body), .collateral = {}, .time = {}};
}

}  // namespace quoted::quotectl
