#include "http/response.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace quoted::http {
namespace {

using base::text;

struct Phrase {
  unsigned status;
  std::string_view words;
};

constexpr std::array kPhrases{Phrase{200, "OK"},
                              Phrase{201, "Created"},
                              Phrase{204, "No Content"},
                              Phrase{400, "Bad Request"},
                              Phrase{401, "Unauthorized"},
                              Phrase{403, "Forbidden"},
                              Phrase{404, "Not Found"},
                              Phrase{405, "Method Not Allowed"},
                              Phrase{408, "Request Timeout"},
                              Phrase{410, "Gone"},
                              Phrase{411, "Length Required"},
                              Phrase{413, "Content Too Large"},
                              Phrase{414, "URI Too Long"},
                              Phrase{415, "Unsupported Media Type"},
                              Phrase{417, "Expectation Failed"},
                              Phrase{429, "Too Many Requests"},
                              Phrase{431, "Request Header Fields Too Large"},
                              Phrase{500, "Internal Server Error"},
                              Phrase{501, "Not Implemented"},
                              Phrase{503, "Service Unavailable"},
                              Phrase{505, "HTTP Version Not Supported"}};

bool is_clean(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

// "Sun, 06 Nov 1994 08:49:37 GMT", whatever the locale.
std::string http_date(std::int64_t unix_seconds) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = unix_seconds;
  std::tm utc{};
  if (::gmtime_r(&time, &utc) == nullptr) return {};
  const auto two = [](int number) { return text(number < 10 ? "0" : "", number); };
  return text(kDays[static_cast<std::size_t>(utc.tm_wday)], ", ", two(utc.tm_mday), ' ',
              kMonths[static_cast<std::size_t>(utc.tm_mon)], ' ', utc.tm_year + 1900, ' ',
              two(utc.tm_hour), ':', two(utc.tm_min), ':', two(utc.tm_sec), " GMT");
}

}  // namespace

Response Response::of_type(std::string_view media_type, std::string body, unsigned status) {
  Response out;
  out.status = status;
  out.headers = {{"Content-Type", std::string(media_type)}};
  out.body = std::move(body);
  return out;
}

Response Response::of_error(unsigned status, const base::Error& error) {
  const nlohmann::ordered_json body = {
      {"code", error.entry().id}, {"reason", error.summary()}, {"remedy", error.entry().remedy}};
  // What a client sent may stand in the reason, and need not be UTF-8.
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  return of_type(kJsonType, body.dump(-1, ' ', true, kReplace) + '\n', status);
}

std::string_view reason_phrase(unsigned status) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.words;
  }
  return "Unknown";
}

std::string response_head(const Response& response, AfterAnswer after, std::int64_t unix_seconds) {
  std::string out = text("HTTP/1.1 ", response.status, ' ', reason_phrase(response.status),
                         "\r\nDate: ", http_date(unix_seconds), "\r\n");
  for (const Header& header : response.headers) {
    if (is_clean(header.name) && is_clean(header.value)) {
      out += text(header.name, ": ", header.value, "\r\n");
    }
  }
  // RFC 9110 8.6: 204 has no content and no length.
  if (response.status != 204) out += text("Content-Length: ", response.body.size(), "\r\n");
  out +=
      after == AfterAnswer::kClose ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n";
  return out;
}

}  // namespace quoted::http
