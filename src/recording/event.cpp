#include "recording/event.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/hex.h"
#include "base/text.h"

namespace quoted::recording {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using Json = nlohmann::json;

constexpr std::string_view kFormat = "quoted-wire-recording";
constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kVersionKey = "version";
constexpr std::string_view kConnectionKey = "connection";
constexpr std::string_view kTimeKey = "time_us";
constexpr std::string_view kEventKey = "event";
constexpr std::string_view kFromKey = "from";
constexpr std::string_view kHexKey = "hex";

// Room for the hexadecimal digits and for everything around them.
constexpr std::size_t kMaxLine = (2 * kMaxEventBytes) + 1024;

struct KindName {
  Event::Kind kind;
  std::string_view name;
};
constexpr auto kKindNames = std::to_array<KindName>(
    {{Event::Kind::kOpen, "open"}, {Event::Kind::kData, "data"}, {Event::Kind::kEnd, "end"}});

std::string_view name_of(Event::Kind kind) {
  return std::ranges::find(kKindNames, kind, &KindName::kind)->name;
}

tl::unexpected<base::Error> malformed(std::string why) {
  return fail(ErrorCode::kMalformed, std::move(why));
}

// One object without anything nested: a parser that meets nothing else cannot be led astray by
// depth.
Result<Json> parse_object(std::string_view line) {
  const bool flat = line.find('[') == std::string_view::npos && line.rfind('{') == 0;
  Json object = flat ? Json::parse(line, nullptr, false) : Json();
  if (!object.is_object()) return malformed("it is not one flat JSON object");
  return object;
}

Result<std::uint64_t> number(const Json& object, std::string_view key, std::uint64_t max) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) {
    return malformed(text("it has no number '", key, "'"));
  }
  const auto value = found->get<std::uint64_t>();
  if (value > max) return malformed(text("'", key, "' is ", value, ", at most ", max, " is valid"));
  return value;
}

Result<std::string> word(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) {
    return malformed(text("it has no text '", key, "'"));
  }
  return found->get<std::string>();
}

Status check_header(std::string_view line) {
  QUOTED_TRY(const Json header, parse_object(line));
  QUOTED_TRY(const std::string format, word(header, kFormatKey));
  if (format != kFormat) {
    return malformed(text("it is no recording: 'format' is not '", kFormat, "'"));
  }
  QUOTED_TRY(const std::uint64_t version,
             number(header, kVersionKey, std::numeric_limits<std::uint64_t>::max()));
  if (version != kFormatVersion) {
    return malformed(text("the recording has version ", version, ", this program reads version ",
                          kFormatVersion));
  }
  return {};
}

Result<Event::Kind> kind_of(const Json& object) {
  QUOTED_TRY(const std::string name, word(object, kEventKey));
  const auto known = std::ranges::find(kKindNames, name, &KindName::name);
  if (known == kKindNames.end()) return malformed("'event' is not open, data or end");
  return known->kind;
}

Result<Side> side_of(const Json& object) {
  QUOTED_TRY(const std::string name, word(object, kFromKey));
  for (const Side side : {Side::kClient, Side::kDaemon}) {
    if (name == recording::name_of(side)) return side;
  }
  return malformed("'from' is not client or daemon");
}

Result<Event> parse_event(std::string_view line) {
  QUOTED_TRY(const Json object, parse_object(line));
  Event out;
  QUOTED_TRY(const std::uint64_t connection,
             number(object, kConnectionKey, std::numeric_limits<std::uint32_t>::max()));
  out.connection = static_cast<std::uint32_t>(connection);
  QUOTED_TRY(out.time_us, number(object, kTimeKey, std::numeric_limits<std::int64_t>::max()));
  QUOTED_TRY(out.kind, kind_of(object));
  if (out.kind == Event::Kind::kOpen) return out;
  QUOTED_TRY(out.from, side_of(object));
  if (out.kind == Event::Kind::kEnd) return out;
  QUOTED_TRY(const std::string digits, word(object, kHexKey));
  QUOTED_TRY(out.bytes, base::from_hex(digits));
  if (out.bytes.empty() || out.bytes.size() > kMaxEventBytes) {
    return malformed(
        text("'hex' has ", out.bytes.size(), " bytes, 1 to ", kMaxEventBytes, " are valid"));
  }
  return out;
}

// Refuses what no recorder can have seen, so that readers need not be ready for it.
class Order {
 public:
  Status accept(const Event& event) {
    if (event.time_us < last_time_) {
      return malformed(text("'time_us' is ", event.time_us, ", but ", last_time_, " came before"));
    }
    last_time_ = event.time_us;
    if (event.kind == Event::Kind::kOpen) {
      if (ended_.emplace(event.connection, std::array<bool, 2>{}).second) return {};
      return malformed(text("connection ", event.connection, " is opened a second time"));
    }
    const auto found = ended_.find(event.connection);
    if (found == ended_.end()) {
      return malformed(text("connection ", event.connection, " was not opened"));
    }
    bool& ended = found->second.at(event.from == Side::kClient ? 0 : 1);
    if (ended) {
      return malformed(text("the ", recording::name_of(event.from), " of connection ",
                            event.connection, " had ended already"));
    }
    ended = event.kind == Event::Kind::kEnd;
    return {};
  }

 private:
  std::uint64_t last_time_ = 0;
  std::map<std::uint32_t, std::array<bool, 2>> ended_;
};

class Parser {
 public:
  Status take(std::string_view line) {
    if (line.size() > kMaxLine) {
      return malformed(text("it has ", line.size(), " bytes, at most ", kMaxLine, " are valid"));
    }
    if (!header_seen_) {
      QUOTED_CHECK(check_header(line));
      header_seen_ = true;
      return {};
    }
    if (events_.size() == kMaxRecordingEvents) {
      return malformed(text("a recording has at most ", kMaxRecordingEvents, " events"));
    }
    QUOTED_TRY(Event event, parse_event(line));
    QUOTED_CHECK(order_.accept(event));
    events_.push_back(std::move(event));
    return {};
  }

  [[nodiscard]] std::vector<Event> events() && { return std::move(events_); }

 private:
  bool header_seen_ = false;
  Order order_;
  std::vector<Event> events_;
};

}  // namespace

std::string_view name_of(Side side) { return side == Side::kClient ? "client" : "daemon"; }

std::string header_line() {
  return text("{\"", kFormatKey, "\":\"", kFormat, "\",\"", kVersionKey, "\":", kFormatVersion,
              "}\n");
}

std::string event_line(const Event& event) {
  std::string out = text("{\"", kConnectionKey, "\":", event.connection, ",\"", kTimeKey,
                         "\":", event.time_us, ",\"", kEventKey, "\":\"", name_of(event.kind), '"');
  if (event.kind != Event::Kind::kOpen) {
    out += text(",\"", kFromKey, "\":\"", name_of(event.from), '"');
  }
  if (event.kind == Event::Kind::kData) {
    out += text(",\"", kHexKey, "\":\"", base::to_hex(event.bytes), '"');
  }
  return out + "}\n";
}

Result<std::vector<Event>> parse_recording(std::string_view content) {
  if (content.empty()) return malformed("line 1: the file is empty, a recording has a header");
  Parser parser;
  for (std::size_t line_number = 1; !content.empty(); ++line_number) {
    const std::size_t length = content.find('\n');
    if (length == std::string_view::npos) {
      return malformed(text("line ", line_number, ": it is cut off before its end; the ",
                            line_number - 1, " lines before it are whole"));
    }
    if (auto taken = parser.take(content.substr(0, length)); !taken) {
      return malformed(text("line ", line_number, ": ", taken.error().message()));
    }
    content.remove_prefix(length + 1);
  }
  return std::move(parser).events();
}

}  // namespace quoted::recording
