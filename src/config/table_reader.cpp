#include "config/table_reader.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/hex.h"
#include "base/text.h"
#include "config/durations.h"
#include "config/nearest.h"
#include "config/toml_text.h"

namespace quoted::config {
namespace {

using base::text;

std::string sizes(std::size_t min, std::size_t max) {
  if (min == max) return text(min, " bytes, which are ", 2 * min, " hexadecimal digits");
  return text(min, " to ", max, " bytes in hexadecimal digits");
}

}  // namespace

const Member* TableReader::find(std::string_view key) const {
  const auto found = std::ranges::find(*table_, key, &Member::key);
  return found == table_->end() ? nullptr : &*found;
}

const Value* TableReader::ask(std::string_view key) {
  if (std::ranges::find(asked_, key) == asked_.end()) asked_.push_back(key);
  const Member* const member = find(key);
  return member == nullptr ? nullptr : &member->value;
}

Place TableReader::place_of(std::string_view key) const {
  const Member* const member = find(key);
  return member == nullptr ? place_ : member->place;
}

std::string TableReader::name_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : text(path_, '.', key);
}

void TableReader::mistake(std::string_view key, std::string_view message) {
  mistake(key, place_of(key), message);
}

void TableReader::mistake(std::string_view key, Place place, std::string_view message) {
  mistakes_->add(place, text(name_of(key), ": ", message));
}

void TableReader::wrong_kind(std::string_view key, const Value& value, std::string_view expected) {
  mistake(key, value.place, text(kind_name(value), ", expected ", expected));
}

template <class T>
const T* TableReader::typed(std::string_view key, std::string_view expected) {
  const Value* const value = ask(key);
  if (value == nullptr) return nullptr;
  const T* const content = std::get_if<T>(&value->content);
  if (content == nullptr) wrong_kind(key, *value, expected);
  return content;
}

std::optional<std::string> TableReader::string(std::string_view key, std::size_t max_size) {
  const auto* const content = typed<std::string>(key, "a string");
  if (content == nullptr) return std::nullopt;
  if (content->empty() || content->size() > max_size) {
    mistake(key, text("a string of ", content->size(), " bytes, expected 1 to ", max_size));
    return std::nullopt;
  }
  return *content;
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t min,
                                                 std::int64_t max) {
  const auto* const content = typed<std::int64_t>(key, text("an integer from ", min, " to ", max));
  if (content == nullptr) return std::nullopt;
  if (*content < min || *content > max) {
    mistake(key, text(*content, ", expected an integer from ", min, " to ", max));
    return std::nullopt;
  }
  return *content;
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const auto* const content = typed<bool>(key, "true or false");
  return content == nullptr ? std::nullopt : std::optional(*content);
}

std::optional<std::chrono::seconds> TableReader::duration(std::string_view key) {
  constexpr std::string_view kExpected =
      "a whole number and a unit, s, m, h, d or w, such as \"30d\" or \"12h\"";
  const auto* const content = typed<std::string>(key, kExpected);
  if (content == nullptr) return std::nullopt;
  const auto duration = parse_duration(*content);
  if (!duration) {
    mistake(key, text(shown(*content), ", expected ", kExpected));
  } else if (*duration == std::chrono::seconds(0)) {
    mistake(key, text(shown(*content), ", which is no time at all; expected ", kExpected));
    return std::nullopt;
  }
  return duration;
}

std::optional<base::UnixTime> TableReader::date(std::string_view key) {
  constexpr std::string_view kExpected =
      "a date such as 2025-07-04, or a time such as 2025-07-04T10:28:44Z";
  const Value* const value = ask(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* const time = std::get_if<base::UnixTime>(&value->content)) return *time;
  const auto* const written = std::get_if<std::string>(&value->content);
  if (written == nullptr) {
    wrong_kind(key, *value, kExpected);
    return std::nullopt;
  }
  // In quotes it means what it means without them.
  Mistakes ignored;
  constexpr std::size_t kMaxTime = 40;
  if (written->size() <= kMaxTime) {
    if (const auto inner = parse_toml(text("x = ", *written), ignored);
        inner && inner->size() == 1) {
      const auto* const time = std::get_if<base::UnixTime>(&inner->front().value.content);
      if (time != nullptr) return *time;
    }
  }
  mistake(key, value->place, text(shown(*written), ", expected ", kExpected));
  return std::nullopt;
}

std::optional<std::uint64_t> TableReader::bits(std::string_view key) {
  constexpr std::string_view kExpected =
      "64 bits such as 0x04, or in quotes such as \"0x8000000000000004\"";
  const Value* const value = ask(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* const number = std::get_if<std::int64_t>(&value->content)) {
    if (*number >= 0) return static_cast<std::uint64_t>(*number);
    mistake(key, value->place, text(*number, ", expected ", kExpected));
    return std::nullopt;
  }
  const auto* const written = std::get_if<std::string>(&value->content);
  if (written == nullptr) {
    wrong_kind(key, *value, kExpected);
    return std::nullopt;
  }
  std::uint64_t out = 0;
  const char* const end = written->data() + written->size();
  if (written->starts_with("0x")) {
    const auto [stop, error] = std::from_chars(written->data() + 2, end, out, 16);
    if (error == std::errc() && stop == end) return out;
  }
  mistake(key, value->place, text(shown(*written), ", expected ", kExpected));
  return std::nullopt;
}

std::optional<base::Bytes> TableReader::unhex(std::string_view key, const Located& digits,
                                              std::size_t min, std::size_t max) {
  auto out = base::from_hex(digits.text);
  if (!out) {
    mistake(key, digits.place,
            text(shown(digits.text), " is not plain hexadecimal, expected ", sizes(min, max),
                 " without prefix, blanks or colons"));
    return std::nullopt;
  }
  if (out->size() < min || out->size() > max) {
    mistake(key, digits.place, text(out->size(), " bytes, expected ", sizes(min, max)));
    return std::nullopt;
  }
  return *std::move(out);
}

std::optional<base::Bytes> TableReader::bytes(std::string_view key, std::size_t min,
                                              std::size_t max) {
  const auto* const content = typed<std::string>(key, sizes(min, max) + " in quotes");
  if (content == nullptr) return std::nullopt;
  return unhex(key, {*content, find(key)->value.place}, min, max);
}

std::optional<std::vector<Located>> TableReader::strings(std::string_view key) {
  constexpr std::string_view kExpected = "a list of strings";
  const Value* const value = ask(key);
  if (value == nullptr) return std::nullopt;
  std::vector<Located> out;
  if (const auto* const one = std::get_if<std::string>(&value->content)) {
    out.push_back({*one, value->place});
    return out;
  }
  const auto* const list = std::get_if<Array>(&value->content);
  if (list == nullptr) {
    wrong_kind(key, *value, kExpected);
    return std::nullopt;
  }
  std::set<std::string_view> seen;
  bool good = true;
  for (const Value& item : *list) {
    const auto* const content = std::get_if<std::string>(&item.content);
    if (content == nullptr) {
      mistake(key, item.place, text(kind_name(item), " in the list, expected ", kExpected));
      good = false;
    } else if (!seen.insert(*content).second) {
      mistake(key, item.place, text(shown(*content), " stands in the list twice; leave one out"));
      good = false;
    } else {
      out.push_back({*content, item.place});
    }
  }
  return good ? std::optional(std::move(out)) : std::nullopt;
}

std::vector<base::Bytes> TableReader::bytes_list(std::string_view key, std::size_t size) {
  std::vector<base::Bytes> out;
  std::set<std::string> seen;  // in lower case: digits of either case are the same value
  const auto list = strings(key);
  if (!list) return out;
  if (list->empty()) {
    mistake(key, text("an empty list matches nothing; expected ", sizes(size, size),
                      ", or a list of such values, or no such key"));
  }
  for (const Located& digits : *list) {
    auto raw = unhex(key, digits, size, size);
    if (!raw) continue;
    if (!seen.insert(base::to_hex(*raw)).second) {
      mistake(key, digits.place, text(shown(digits.text), " stands in the list twice"));
    }
    out.push_back(*std::move(raw));
  }
  return out;
}

std::optional<TableReader> TableReader::table(std::string_view key) {
  const Value* const value = ask(key);
  if (value == nullptr) return std::nullopt;
  const auto* const content = std::get_if<Table>(&value->content);
  if (content == nullptr) {
    wrong_kind(key, *value, text("a table, written [", name_of(key), "]"));
    return std::nullopt;
  }
  return TableReader(*content, find(key)->place, name_of(key), *mistakes_);
}

std::vector<TableReader> TableReader::tables(std::string_view key) {
  std::vector<TableReader> out;
  const Value* const value = ask(key);
  if (value == nullptr) return out;
  const auto* const list = std::get_if<Array>(&value->content);
  if (list == nullptr) {
    wrong_kind(key, *value, text("a list of tables, each written [[", name_of(key), "]]"));
    return out;
  }
  for (const Value& item : *list) {
    const auto* const content = std::get_if<Table>(&item.content);
    if (content == nullptr) {
      wrong_kind(key, item, text("a list of tables, each written [[", name_of(key), "]]"));
      continue;
    }
    out.emplace_back(*content, item.place, text(name_of(key), '[', out.size(), ']'), *mistakes_);
  }
  return out;
}

void TableReader::finish() {
  for (const Member& member : *table_) {
    if (std::ranges::find(asked_, member.key) != asked_.end()) continue;
    // Guessing costs time, and nobody reads guesses beyond those that are kept.
    if (mistakes_->count() >= Mistakes::kMaxKept) {
      mistakes_->add(member.place, {});
      continue;
    }
    mistakes_->add(member.place, text("unknown key ", shown(member.key),
                                      path_.empty() ? std::string() : text(" in ", path_), "; ",
                                      suggestion(member.key, asked_)));
  }
}

}  // namespace quoted::config
