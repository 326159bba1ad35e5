// What a handler answers. The server adds Date, Content-Length and Connection.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/request.h"

namespace quoted::http {

inline constexpr std::string_view kJsonType = "application/json";

struct Response {
  unsigned status = 200;
  Headers headers{};
  std::string body{};
  // The connection ends without any answer: for services that stand in for one that is down.
  bool hang_up = false;

  [[nodiscard]] static Response of_type(std::string_view media_type, std::string body,
                                        unsigned status = 200);

  // {"code":"QD4105","reason":"...","remedy":"..."}
  [[nodiscard]] static Response of_error(unsigned status, const base::Error& error);
};

// "Not Found"; "Unknown" for a number that is not in the table.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

enum class AfterAnswer : std::uint8_t { kKeepOpen, kClose };

// Everything before the body. Headers that hold control characters are left out: a value that came
// from a client must not be able to begin another header.
[[nodiscard]] std::string response_head(const Response& response, AfterAnswer after,
                                        std::int64_t unix_seconds);

}  // namespace quoted::http
