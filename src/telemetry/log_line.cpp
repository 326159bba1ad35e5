#include "telemetry/log_line.h"

#include <charconv>

namespace quoted::telemetry {
namespace {

using std::string_view;

constexpr std::size_t kMaxMessage = 1536;
constexpr std::size_t kMaxValue = 768;
// Kept free for the end of the line, whatever the fields take.
constexpr std::size_t kReserve = 64;

// Appends to a buffer up to a limit; what does not fit whole is not written.
class Writer {
 public:
  explicit Writer(LineBuffer& buffer) : buffer_(buffer) {}

  bool put(string_view piece) {
    if (piece.size() > limit_ - size_) return false;
    piece.copy(buffer_.data() + size_, piece.size());
    size_ += piece.size();
    return true;
  }

  template <class Number>
  bool put_number(Number number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return put({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  void rewind(std::size_t size) { size_ = size; }
  void use_reserve() { limit_ = kMaxLineSize; }
  [[nodiscard]] string_view line() const { return {buffer_.data(), size_}; }

 private:
  LineBuffer& buffer_;
  std::size_t size_ = 0;
  std::size_t limit_ = kMaxLineSize - kReserve;
};

// The length of the well-formed UTF-8 sequence that `text` begins with, or 0 (Unicode table 3-7).
std::size_t utf8_sequence(string_view text) {
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto within = [](unsigned byte, unsigned low, unsigned high) {
    return byte >= low && byte <= high;
  };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (within(first, 0xC2, 0xDF)) return within(at(1), 0x80, 0xBF) ? 2 : 0;
  if (within(first, 0xE0, 0xEF)) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return within(at(1), low, high) && within(at(2), 0x80, 0xBF) ? 3 : 0;
  }
  if (within(first, 0xF0, 0xF4)) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return within(at(1), low, high) && within(at(2), 0x80, 0xBF) && within(at(3), 0x80, 0xBF) ? 4
                                                                                              : 0;
  }
  return 0;
}

// U+0080 to U+009F: terminals take them for control sequences.
bool is_c1_control(string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xC2' &&
         static_cast<unsigned char>(sequence[1]) < 0xA0;
}

bool put_code_escape(Writer& out, unsigned char code) {
  constexpr string_view kDigits = "0123456789abcdef";
  const std::array<char, 6> escape = {
      '\\', 'u', '0', '0', kDigits[code >> 4U], kDigits[code & 0xFU]};
  return out.put({escape.data(), escape.size()});
}

bool put_escaped_unit(Writer& out, string_view unit) {
  const auto code = static_cast<unsigned char>(unit.back());
  if (is_c1_control(unit)) return put_code_escape(out, code);
  if (unit.size() > 1) return out.put(unit);
  switch (unit[0]) {
    case '"':
      return out.put("\\\"");
    case '\\':
      return out.put("\\\\");
    case '\n':
      return out.put("\\n");
    case '\r':
      return out.put("\\r");
    case '\t':
      return out.put("\\t");
    default:
      return code < 0x20 || code == 0x7F ? put_code_escape(out, code) : out.put(unit);
  }
}

// `text` with everything escaped that could end the string, the line or the terminal's patience;
// bytes that are not UTF-8 become U+FFFD. At most `limit` bytes and "...".
bool put_escaped(Writer& out, string_view text, std::size_t limit) {
  const std::size_t start = out.size();
  while (!text.empty()) {
    if (out.size() - start >= limit) return out.put("...");
    const std::size_t length = utf8_sequence(text);
    const bool done =
        length == 0 ? out.put("\xEF\xBF\xBD") : put_escaped_unit(out, text.substr(0, length));
    if (!done) return false;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return true;
}

bool put_quoted(Writer& out, string_view text, std::size_t limit) {
  return out.put("\"") && put_escaped(out, text, limit) && out.put("\"");
}

bool put_padded(Writer& out, long long number, int width) {
  std::array<char, 8> digits{};
  for (int i = width - 1; i >= 0; --i, number /= 10) {
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + (number % 10));
  }
  return out.put({digits.data(), static_cast<std::size_t>(width)});
}

// RFC 3339 in UTC with milliseconds; by arithmetic, because gmtime may allocate.
bool put_time(Writer& out, std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  return put_padded(out, static_cast<int>(date.year()), 4) && out.put("-") &&
         put_padded(out, static_cast<unsigned>(date.month()), 2) && out.put("-") &&
         put_padded(out, static_cast<unsigned>(date.day()), 2) && out.put("T") &&
         put_padded(out, clock.hours().count(), 2) && out.put(":") &&
         put_padded(out, clock.minutes().count(), 2) && out.put(":") &&
         put_padded(out, clock.seconds().count(), 2) && out.put(".") &&
         put_padded(out, clock.subseconds().count(), 3) && out.put("Z");
}

bool put_value(Writer& out, const Field::Value& value, bool (*put_string)(Writer&, string_view)) {
  if (const auto* text = std::get_if<string_view>(&value)) return put_string(out, *text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return out.put_number(*number);
  return out.put_number(std::get<std::uint64_t>(value));
}

bool put_json_string(Writer& out, string_view text) { return put_quoted(out, text, kMaxValue); }

// Bare when nothing in it could be taken for the syntax of the line.
bool put_text_string(Writer& out, string_view text) {
  constexpr string_view kBare =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@,+";
  const bool bare = !text.empty() && text.find_first_not_of(kBare) == string_view::npos;
  return bare && text.size() <= kMaxValue ? out.put(text) : put_quoted(out, text, kMaxValue);
}

bool put_json_field(Writer& out, const Field& field) {
  return out.put(",") && put_quoted(out, field.name(), kMaxValue) && out.put(":") &&
         put_value(out, field.value(), put_json_string);
}

bool put_text_field(Writer& out, const Field& field) {
  return out.put(" ") && out.put(field.name()) && out.put("=") &&
         put_value(out, field.value(), put_text_string);
}

void put_json_head(Writer& out, const LogRecord& record) {
  out.put("{\"time\":\"");
  put_time(out, record.time);
  out.put("\",\"level\":\"");
  out.put(name_of(record.level));
  out.put("\",\"event\":");
  put_quoted(out, record.event, kMaxValue);
  out.put(",\"message\":");
  put_quoted(out, record.message, kMaxMessage);
}

void put_text_head(Writer& out, const LogRecord& record) {
  put_time(out, record.time);
  out.put(" ");
  out.put(name_of(record.level));
  out.put(" ");
  put_escaped(out, record.event, kMaxValue);
  out.put(": ");
  put_escaped(out, record.message, kMaxMessage);
}

}  // namespace

string_view format_line(const LogRecord& record, LogFormat format, LineBuffer& buffer) noexcept {
  const bool json = format == LogFormat::kJson;
  const auto put_field = json ? put_json_field : put_text_field;
  Writer out(buffer);
  json ? put_json_head(out, record) : put_text_head(out, record);

  bool truncated = false;
  for (const Field& field : record.fields) {
    const std::size_t before = out.size();
    if (!put_field(out, field)) {
      out.rewind(before);
      truncated = true;
    }
  }
  out.use_reserve();
  if (record.suppressed > 0) put_field(out, Field("suppressed", record.suppressed));
  if (truncated) out.put(json ? ",\"truncated\":1" : " truncated=1");
  out.put(json ? "}\n" : "\n");
  return out.line();
}

}  // namespace quoted::telemetry
