#include "conformance/expectation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/hex.h"
#include "base/text.h"

namespace quoted::conformance {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

// Of the text of one rule that is not a string of digits.
constexpr std::size_t kMaxQuoted = 64;

// For a terminal as well.
std::string shown(std::string_view part) {
  std::string out = text('\'', part.substr(0, kMaxQuoted));
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text(out, part.size() > kMaxQuoted ? "..." : "", '\'');
}

tl::unexpected<base::Error> malformed(std::string why) {
  return fail(ErrorCode::kMalformed, std::move(why));
}

struct FilledName {
  std::string_view name;
  Filled filled;
};
constexpr auto kFilledNames = std::to_array<FilledName>({{"report", Filled::kReport},
                                                         {"report_altered", Filled::kAlteredReport},
                                                         {"key_id", Filled::kKeyId}});

Result<std::int64_t> parse_number(std::string_view digits) {
  std::uint64_t out = 0;
  const char* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, out);
  if (error != std::errc() || at != end || out > std::numeric_limits<std::int64_t>::max()) {
    return malformed(text(shown(digits), " is not a number below 2^63"));
  }
  return static_cast<std::int64_t>(out);
}

// "4600", "quote_size", "quote_size+1000"
Result<Quantity> parse_quantity(std::string_view word) {
  Quantity out;
  for (const Told told : {Told::kQuoteSize, Told::kKeyIdsSize}) {
    if (word.starts_with(name_of(told))) {
      out.told = told;
      word.remove_prefix(name_of(told).size());
    }
  }
  if (!out.told) {
    QUOTED_TRY(out.number, parse_number(word));
    return out;
  }
  if (word.empty()) return out;
  const bool minus = word.front() == '-';
  if (!minus && word.front() != '+') return malformed(text(shown(word), " is neither + nor -"));
  QUOTED_TRY(const std::int64_t number, parse_number(word.substr(1)));
  constexpr std::int64_t kMaxAway = 1'000'000;
  if (number > kMaxAway) return malformed(text(number, " is more than ", kMaxAway));
  out.number = minus ? -number : number;
  return out;
}

Status parse_placeholder(std::string_view name, Piece& out) {
  out.kind = Piece::Kind::kFilled;
  for (const FilledName& known : kFilledNames) {
    out.filled = known.filled;
    if (known.name == name) return {};
  }
  out.kind = Piece::Kind::kQuantity;
  QUOTED_TRY(out.quantity, parse_quantity(name));
  if (!out.quantity.told) return malformed(text("there is no placeholder {", shown(name), '}'));
  return {};
}

std::string_view next_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

Result<const FieldShape*> field_named(const Expectation& expectation, std::string_view name) {
  if (expectation.shape == nullptr) {
    return malformed(text(shown(name), " stands before 'answer' and its name"));
  }
  const FieldShape* const field = expectation.shape->field(name);
  if (field == nullptr) {
    return malformed(text(expectation.shape->name, " has no field ", shown(name)));
  }
  return field;
}

struct KindName {
  std::string_view name;
  Rule::Kind kind;
  bool of_bytes;
};
constexpr auto kKindNames = std::to_array<KindName>({{"value", Rule::Kind::kValue, false},
                                                     {"range", Rule::Kind::kRange, false},
                                                     {"size", Rule::Kind::kSize, true},
                                                     {"nonzero", Rule::Kind::kNonzero, true},
                                                     {"equals", Rule::Kind::kEquals, true},
                                                     {"begins", Rule::Kind::kBegins, true},
                                                     {"is-quote", Rule::Kind::kQuote, true},
                                                     {"vouches", Rule::Kind::kVouches, true}});

Result<Rule::Kind> rule_kind(std::string_view word, const FieldShape& field) {
  if (word == "optional") return Rule::Kind::kOptional;
  for (const KindName& known : kKindNames) {
    if (known.name != word) continue;
    if (known.of_bytes == (field.kind == FieldKind::kBytes)) return known.kind;
    return malformed(text('\'', word, "' cannot be said of ", field.name));
  }
  return malformed(text("there is no rule ", shown(word)));
}

// "target_info size 512"
Status add_rule(std::string_view name, std::string_view rest, Expectation& out) {
  Rule rule;
  QUOTED_TRY(rule.field, field_named(out, name));
  QUOTED_TRY(rule.kind, rule_kind(next_word(rest), *rule.field));
  const std::string_view first = next_word(rest);
  switch (rule.kind) {
    case Rule::Kind::kValue:
    case Rule::Kind::kSize: {
      QUOTED_TRY(rule.quantity, parse_quantity(first));
      break;
    }
    case Rule::Kind::kRange: {
      QUOTED_TRY(rule.quantity, parse_quantity(first));
      QUOTED_TRY(rule.most, parse_number(next_word(rest)));
      break;
    }
    case Rule::Kind::kEquals:
    case Rule::Kind::kBegins: {
      QUOTED_TRY(rule.bytes, base::from_hex(first));
      break;
    }
    default:
      if (!first.empty()) return malformed(text(shown(first), " has no meaning here"));
  }
  if (!rest.empty()) return malformed(text(shown(rest), " has no meaning here"));
  out.rules.push_back(std::move(rule));
  return {};
}

struct SaveName {
  std::string_view name;
  Save::What what;
  FieldKind kind;
};
constexpr auto kSaveNames =
    std::to_array<SaveName>({{"target_info", Save::What::kTargetInfo, FieldKind::kBytes},
                             {"key_id", Save::What::kKeyId, FieldKind::kBytes},
                             {"quote_size", Save::What::kQuoteSize, FieldKind::kUint32},
                             {"key_ids_size", Save::What::kKeyIdsSize, FieldKind::kUint32}});

// "save key_ids_size att_key_id_num 256"
Status add_save(std::string_view rest, Expectation& out) {
  const std::string_view name = next_word(rest);
  for (const SaveName& known : kSaveNames) {
    if (known.name != name) continue;
    Save save;
    save.what = known.what;
    QUOTED_TRY(save.field, field_named(out, next_word(rest)));
    if (save.field->kind != known.kind) {
      return malformed(text(save.field->name, " cannot be saved as ", name));
    }
    if (!rest.empty()) {
      QUOTED_TRY(save.factor, parse_number(rest));
    }
    constexpr std::int64_t kMaxFactor = 65'536;
    if (save.factor > kMaxFactor) return malformed(text(save.factor, " is too large a factor"));
    out.saves.push_back(save);
    return {};
  }
  return malformed(text(shown(name), " is nothing that can be saved"));
}

}  // namespace

std::string_view name_of(Told told) {
  return told == Told::kQuoteSize ? "quote_size" : "key_ids_size";
}

Result<Write> parse_write(std::string_view digits) {
  Write out;
  while (!digits.empty()) {
    if (digits.front() == '{') {
      const std::size_t end = digits.find('}');
      if (end == std::string_view::npos) return malformed("a placeholder has no closing brace");
      QUOTED_CHECK(parse_placeholder(digits.substr(1, end - 1), out.emplace_back()));
      digits.remove_prefix(end + 1);
      continue;
    }
    const std::size_t end = std::min(digits.find('{'), digits.size());
    QUOTED_TRY(out.emplace_back().bytes, base::from_hex(digits.substr(0, end)));
    digits.remove_prefix(end);
  }
  if (out.empty()) return malformed("there is nothing to be written");
  return out;
}

Status add_expectation(std::string_view line, Expectation& out) {
  std::string_view rest = line;
  const std::string_view word = next_word(rest);
  if (line == "may-close") {
    out.may_close = true;
    return {};
  }
  if (line == "closed") {
    out.form = Expectation::Form::kClosed;
    return {};
  }
  if (word == "bytes") {
    out.form = Expectation::Form::kBytes;
    QUOTED_TRY(out.bytes, base::from_hex(rest));
    if (out.bytes.empty()) return malformed("'bytes' names none");
    return {};
  }
  if (word == "or-bytes") {
    QUOTED_TRY(out.or_bytes, base::from_hex(rest));
    if (out.or_bytes.empty()) return malformed("'or-bytes' names none");
    return {};
  }
  if (word == "answer") {
    out.form = Expectation::Form::kAnswer;
    out.shape = response_shape(rest);
    if (out.shape == nullptr) return malformed(text("there is no response ", shown(rest)));
    return {};
  }
  if (word == "save") return add_save(rest, out);
  return add_rule(word, rest, out);
}

}  // namespace quoted::conformance
