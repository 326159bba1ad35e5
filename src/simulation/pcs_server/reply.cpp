#include "simulation/pcs_server/reply.h"

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/hex.h"
#include "base/text.h"
#include "crypto/random.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::text;

constexpr std::size_t kPemLine = 64;
constexpr std::size_t kRequestIdSize = 16;

struct Status {
  unsigned pcs;
  unsigned pccs;
};

Status status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kBadHex:
    case ErrorCode::kMalformed:
    case ErrorCode::kBadSignature:
      return {400, 400};
    case ErrorCode::kApiKeyRefused:
      return {401, 401};
    case ErrorCode::kPlatformUnknown:
      return {404, 461};
    case ErrorCode::kNoPckForTcb:
      return {404, 462};
    case ErrorCode::kNotFoundAtSource:
    case ErrorCode::kHttpNotFound:
      return {404, 404};
    case ErrorCode::kApiVersionRetired:
      return {410, 404};
    case ErrorCode::kServiceUnavailable:
    case ErrorCode::kSourceBusy:
      return {503, 503};
    default:
      return {500, 500};
  }
}

std::string_view code_of(unsigned status) {
  switch (status) {
    case 400:
      return "InvalidRequestParameters";
    case 401:
      return "Unauthorized";
    case 404:
      return "NotFound";
    case 410:
      return "Gone";
    case 429:
      return "TooManyRequests";
    case 503:
      return "ServiceUnavailable";
    default:
      return "InternalServerError";
  }
}

// Clients look at the status alone; the words are for people.
std::string_view pccs_words(unsigned status, std::string_view words) {
  return status == 404 ? "No cache data for this platform." : words;
}

}  // namespace

std::string upper_case(std::string words) {
  std::ranges::transform(words, words.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return words;
}

std::string pem_text(std::string_view label, base::ByteView der) {
  const std::string encoded = base::to_base64(der);
  std::string out = text("-----BEGIN ", label, "-----\n");
  for (std::size_t at = 0; at < encoded.size(); at += kPemLine) {
    out += text(std::string_view(encoded).substr(at, kPemLine), '\n');
  }
  return out + text("-----END ", label, "-----\n");
}

http::Response refusal(Dialect dialect, unsigned status, std::string_view words) {
  if (dialect == Dialect::kPccs) {
    return http::Response::of_type("text/plain; charset=utf-8",
                                   std::string(pccs_words(status, words)), status);
  }
  http::Response out;
  out.status = status;
  out.headers = {{"Error-Code", std::string(code_of(status))},
                 {"Error-Message", std::string(words)}};
  return out;
}

http::Response refusal(Dialect dialect, const base::Error& error) {
  const Status status = status_of(error.code());
  http::Response out =
      refusal(dialect, dialect == Dialect::kPcs ? status.pcs : status.pccs, error.message());
  if (out.status == 503) out.headers.push_back({"Retry-After", "1"});
  return out;
}

std::string new_request_id() {
  std::array<std::byte, kRequestIdSize> out{};
  // Without random bytes the identifier is zero, which is still a reply.
  (void)crypto::fill_random(out);
  return base::to_hex(out);
}

}  // namespace quoted::simulation
