// The configuration file of Intel's provider library (quote-generation 8.1).
#include <algorithm>
#include <array>
#include <charconv>

#include "certification/settings.h"
#include "collateral/json_value.h"
#include "config/mistakes.h"
#include "config/nearest.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using collateral::JsonMember;
using collateral::JsonObject;
using collateral::JsonValue;
using config::shown;

constexpr std::string_view kDefaultUrl = "https://localhost:8081/sgx/certification/v4/";

// Comments become blanks, so that places in the text stay what they are.
std::string without_comments(std::string_view content) {
  std::string out(content);
  bool quoted = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (quoted && out[i] == '\\') {
      ++i;
    } else if (out[i] == '"') {
      quoted = !quoted;
    } else if (out[i] == '\n') {
      quoted = false;  // no string of JSON goes on in the next line; the parser will say so
    } else if (!quoted && out.compare(i, 2, "//") == 0) {
      for (; i < out.size() && out[i] != '\n'; ++i) out[i] = ' ';
    }
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string lower(std::string_view word) {
  std::string out(word);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

JsonValue legacy_value(std::string_view word) {
  if (lower(word) == "true") return JsonValue(true);
  if (lower(word) == "false") return JsonValue(false);
  std::uint64_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error == std::errc() && stop == end) return JsonValue(number);
  return JsonValue(std::string(word));
}

// KEY=VALUE lines; '#' begins a comment. The keys are those of JSON in upper case.
Result<JsonObject> parse_legacy(std::string_view content) {
  JsonObject out;
  for (std::size_t number = 1; !content.empty(); ++number) {
    const std::size_t end = std::min(content.find('\n'), content.size());
    const std::string_view line = trimmed(content.substr(0, end));
    content.remove_prefix(std::min(end + 1, content.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      return fail(ErrorCode::kConfigurationInvalid, text("line ", number, " is ", shown(line),
                                                         ", expected KEY=VALUE; a file in JSON "
                                                         "begins with '{'"));
    }
    out.push_back(
        {lower(trimmed(line.substr(0, equals))), legacy_value(trimmed(line.substr(equals + 1)))});
  }
  return out;
}

Result<JsonObject> parse_all(std::string_view content) {
  const std::string plain = without_comments(content);
  if (!trimmed(plain).starts_with('{')) return parse_legacy(content);
  auto parsed = collateral::parse_json(plain);
  if (!parsed) return fail(ErrorCode::kConfigurationInvalid, parsed.error().message());
  if (const std::string twice = collateral::duplicate_member(*parsed); !twice.empty()) {
    return fail(ErrorCode::kConfigurationInvalid, text("'", twice, "' stands there twice"));
  }
  return *parsed->object();
}

struct Ignored {
  std::string_view key;
  std::string_view why;
};
constexpr std::array kIgnored{
    Ignored{"retry_times",
            "requests have one deadline, and failed ones are repeated in the "
            "background"},
    Ignored{"retry_delay",
            "requests have one deadline, and failed ones are repeated in the "
            "background"},
    Ignored{"pccs_api_version", "CRLs are taken in every form"},
    Ignored{"pck_cache_expire_hours",
            "certificates are kept while nothing of the platform's TCB "
            "changes"},
};
constexpr std::array<std::string_view, 10> kFollowed{"pccs_url",
                                                     "use_secure_cert",
                                                     "local_pck_url",
                                                     "collateral_service",
                                                     "tcb_update_type",
                                                     "verify_collateral_cache_expire_hours",
                                                     "custom_request_options",
                                                     "local_cache_only",
                                                     "pck_cache_expire_hours",
                                                     "pccs_api_version"};

class Reader {
 public:
  Reader(const JsonObject& object, std::string_view file) : object_(object), file_(file) {}

  Result<Settings> read() {
    QUOTED_TRY(verify_tls_, boolean("use_secure_cert", true));
    if (!verify_tls_) {
      warn(
          "use_secure_cert is false: TLS certificates are not verified, so anybody can answer in "
          "the service's place; better name the service's CA in ca_file of a source of ours");
    }
    QUOTED_CHECK(read_update());
    QUOTED_CHECK(read_custom_options());
    QUOTED_CHECK(read_expiry());
    tell_ignored();
    QUOTED_TRY(const bool cache_only, boolean("local_cache_only", false));
    if (cache_only) {
      warn(
          "local_cache_only is true: no service is asked; the files of Intel's tool are not read, "
          "so certificates come from our own cache and from a source of kind 'files'");
      return std::move(out_);
    }
    QUOTED_CHECK(read_sources());
    return std::move(out_);
  }

 private:
  [[nodiscard]] const JsonValue* find(std::string_view key) const {
    const auto found = std::ranges::find(object_, key, &JsonMember::name);
    return found == object_.end() ? nullptr : &found->value;
  }

  [[nodiscard]] static tl::unexpected<base::Error> wrong(std::string_view key,
                                                         std::string_view expected) {
    return fail(ErrorCode::kConfigurationInvalid, text("'", key, "': expected ", expected));
  }

  void warn(std::string_view what) { out_.warnings.push_back(text(file_, ": ", what)); }

  [[nodiscard]] Result<bool> boolean(std::string_view key, bool otherwise) const {
    const JsonValue* const value = find(key);
    if (value == nullptr) return otherwise;
    const bool* const content = std::get_if<bool>(&value->content());
    if (content == nullptr) return wrong(key, "true or false");
    return *content;
  }

  [[nodiscard]] Result<std::optional<ServiceUrl>> url(std::string_view key) const {
    const JsonValue* const value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->string() == nullptr) return wrong(key, "an address in quotes");
    auto parsed = ServiceUrl::parse(*value->string());
    if (!parsed) return fail(std::move(parsed).error().with_context(text("'", key, "'")));
    return std::optional(*std::move(parsed));
  }

  Status read_update() {
    const JsonValue* const value = find("tcb_update_type");
    if (value == nullptr) return {};
    const std::string* const word = value->string();
    if (word == nullptr || (*word != "early" && *word != "standard")) {
      return wrong("tcb_update_type", "\"early\" or \"standard\"");
    }
    update_ = *word == "early" ? TcbUpdate::kEarly : TcbUpdate::kStandard;
    return {};
  }

  Status read_expiry() {
    constexpr std::string_view kKey = "verify_collateral_cache_expire_hours";
    constexpr std::uint64_t kLongest = 2160;
    const JsonValue* const value = find(kKey);
    if (value == nullptr) return {};
    if (value->number() == nullptr || *value->number() > kLongest) {
      return wrong(kKey, text("hours from 0 to ", kLongest));
    }
    if (*value->number() == 0) {
      warn(text(kKey, " is 0, which is not followed: documents are always kept"));
      return {};
    }
    out_.refresh = {std::chrono::hours(*value->number()), origin(kKey)};
    return {};
  }

  template <class Pair>
  static Status read_pairs(const JsonValue& options, std::string_view name,
                           std::vector<Pair>& out) {
    const JsonValue* const pairs = options.member(name);
    if (pairs == nullptr) return {};
    const std::string key = text("custom_request_options.get_cert.", name);
    if (pairs->object() == nullptr) return wrong(key, "names with texts");
    for (const JsonMember& pair : *pairs->object()) {
      const std::string* const value = pair.value.string();
      const auto printable = [](std::string_view part) {
        return std::ranges::all_of(part, [](char c) { return c >= ' ' && c <= '~'; });
      };
      if (value == nullptr || pair.name.empty() || !printable(pair.name) || !printable(*value)) {
        return wrong(text(key, '.', pair.name), "a printable text");
      }
      out.push_back({pair.name, *value});
    }
    return {};
  }

  Status read_custom_options() {
    const JsonValue* const options = find("custom_request_options");
    if (options == nullptr) return {};
    const JsonValue* const get_cert = options->member("get_cert");
    if (options->object() == nullptr || get_cert == nullptr) {
      return wrong("custom_request_options", "an object with 'get_cert'");
    }
    QUOTED_CHECK(read_pairs(*get_cert, "headers", headers_));
    return read_pairs(*get_cert, "params", params_);
  }

  void tell_ignored() {
    for (const JsonMember& member : object_) {
      const auto ignored = std::ranges::find(kIgnored, member.name, &Ignored::key);
      if (ignored != kIgnored.end()) {
        warn(text(member.name, " is not followed: ", ignored->why));
      } else if (std::ranges::find(kFollowed, member.name) == kFollowed.end()) {
        warn(text(shown(member.name), " is no key of such a file; ",
                  config::suggestion(member.name, kFollowed)));
      }
    }
  }

  [[nodiscard]] std::string origin(std::string_view key) const {
    return find(key) == nullptr ? text("default of ", file_) : text(file_, ": ", key);
  }

  // Where Intel's library asks for certificates, the site's own headers and parameters go along.
  void add(std::string_view key, ServiceUrl url, SourceUse use) {
    SourceSettings source;
    source.kind = guess_kind(url);
    source.url = std::move(url);
    source.use = use;
    source.verify_tls = verify_tls_;
    source.origin = origin(key);
    if (source.kind != SourceKind::kAzure) source.update = update_;
    if (use != SourceUse::kCollateral) {
      source.headers = headers_;
      if (source.kind == SourceKind::kPccs) {
        source.params = params_;
      } else if (!params_.empty()) {
        warn(text("custom_request_options.get_cert.params are not sent to ", source.url->base(),
                  ", whose dialect is known"));
      }
    }
    out_.sources.push_back(std::move(source));
  }

  Status read_sources() {
    QUOTED_TRY(std::optional<ServiceUrl> pccs, url("pccs_url"));
    QUOTED_TRY(std::optional<ServiceUrl> local, url("local_pck_url"));
    QUOTED_TRY(std::optional<ServiceUrl> collateral, url("collateral_service"));
    if (!pccs) {
      warn(text("there is no pccs_url, so ", kDefaultUrl, " counts, as in Intel's library"));
      QUOTED_TRY(pccs, ServiceUrl::parse(kDefaultUrl));
    }
    if (local) add("local_pck_url", *std::move(local), SourceUse::kCertificates);
    if (!collateral || collateral->base() == pccs->base()) {
      add("pccs_url", *std::move(pccs), SourceUse::kEverything);
      return {};
    }
    add("pccs_url", *std::move(pccs), SourceUse::kCertificates);
    add("collateral_service", *std::move(collateral), SourceUse::kCollateral);
    return {};
  }

  const JsonObject& object_;
  std::string_view file_;
  Settings out_;
  bool verify_tls_ = true;
  TcbUpdate update_ = TcbUpdate::kStandard;
  http::Headers headers_;
  std::vector<http::QueryParameter> params_;
};

}  // namespace

Result<Settings> read_qcnl(std::string_view content, std::string_view file) {
  const auto named = [&](base::Error error) {
    return fail(std::move(error).with_context(std::string(file)));
  };
  const auto object = parse_all(content);
  if (!object) return named(object.error());
  auto out = Reader(*object, file).read();
  if (!out) return named(std::move(out).error());
  return out;
}

}  // namespace quoted::certification
