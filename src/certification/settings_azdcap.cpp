// The environment of Azure's provider library (quote-generation 9).
#include <algorithm>
#include <array>
#include <charconv>

#include "certification/settings.h"
#include "config/mistakes.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using config::shown;

constexpr std::string_view kDefaultPrimary =
    "http://169.254.169.254/metadata/THIM/sgx/certification";
constexpr std::string_view kDefaultSecondary =
    "https://global.acccache.azure.net/sgx/certification";

struct Ignored {
  const char* name;
  std::string_view why;
};
constexpr std::array kIgnored{
    Ignored{"AZDCAP_BASE_CERT_URL_TDX", "TDX is asked for beside SGX, with /tdx/ in the address"},
    Ignored{"AZDCAP_COLLATERAL_VERSION_TDX", "version 4 is the only one"},
    Ignored{"AZDCAP_DEBUG_LOG_LEVEL", "the program's own settings say what it logs"},
    Ignored{"AZDCAP_WRITE_LOGS_TO_FILE", "the program's own settings say where it logs"},
    Ignored{"AZDCAP_CACHE", "the cache has a form and a place of its own (cache_dir)"},
};

// Variables by which somebody chooses Azure's services; the others only say how to use them.
constexpr std::array<const char*, 5> kChoosing{
    "AZDCAP_BASE_CERT_URL", "AZDCAP_PRIMARY_BASE_CERT_URL", "AZDCAP_SECONDARY_BASE_CERT_URL",
    "AZDCAP_REGION_URL", "AZDCAP_CLIENT_ID"};

class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  Result<Settings> read() {
    if (std::ranges::none_of(kChoosing,
                             [&](const char* name) { return value(name).has_value(); })) {
      return Settings();
    }
    QUOTED_CHECK(check_version());
    QUOTED_CHECK(read_sources());
    QUOTED_CHECK(read_expiry());
    for (const Ignored& one : kIgnored) {
      if (value(one.name)) {
        out_.warnings.push_back(text(one.name, " is not followed: ", one.why));
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::optional<std::string> value(const char* name) const {
    auto out = environment_(name);
    if (out && out->empty()) out.reset();
    return out;
  }

  // Azure's library takes what it does not understand for its default; nobody would notice.
  [[nodiscard]] Status check_version() const {
    const auto version = value("AZDCAP_COLLATERAL_VERSION");
    if (!version || *version == "v4") return {};
    return fail(ErrorCode::kConfigurationInvalid,
                text("AZDCAP_COLLATERAL_VERSION is ", shown(*version),
                     "; expected 'v4', older versions are retired"));
  }

  Status read_sources() {
    const bool bypassed = value("AZDCAP_BYPASS_BASE_URL") == "true";
    if (value("AZDCAP_BASE_CERT_URL") && !bypassed) {
      return add("AZDCAP_BASE_CERT_URL", {}, SourceUse::kEverything);
    }
    QUOTED_CHECK(add("AZDCAP_PRIMARY_BASE_CERT_URL", kDefaultPrimary, SourceUse::kCertificates));
    if (value("AZDCAP_REGION_URL")) {
      QUOTED_CHECK(add("AZDCAP_REGION_URL", {}, SourceUse::kEverything));
    }
    return add("AZDCAP_SECONDARY_BASE_CERT_URL", kDefaultSecondary, SourceUse::kEverything);
  }

  Status add(const char* name, std::string_view fallback, SourceUse use) {
    const auto given = value(name);
    auto url = ServiceUrl::parse(given ? *given : std::string(fallback));
    if (!url) return fail(std::move(url).error().with_context(name));
    SourceSettings source;
    source.kind = SourceKind::kAzure;
    source.url = *std::move(url);
    source.use = use;
    source.client_id = value("AZDCAP_CLIENT_ID").value_or(source.client_id);
    source.on_demand = value("AZDCAP_DISABLE_ONDEMAND") != "1";
    source.origin = given ? std::string(name) : text("default of ", name);
    out_.sources.push_back(std::move(source));
    return {};
  }

  Status read_expiry() {
    constexpr const char* kName = "AZDCAP_CACHE_EXPIRY_IN_SECONDS";
    constexpr std::int64_t kLongest = 86'400;
    const auto digits = value(kName);
    if (!digits) return {};
    std::int64_t seconds = 0;
    const char* const end = digits->data() + digits->size();
    const auto [stop, error] = std::from_chars(digits->data(), end, seconds);
    if (error != std::errc() || stop != end || seconds <= 0) {
      return fail(ErrorCode::kConfigurationInvalid,
                  text(kName, " is ", shown(*digits), ", expected a number of seconds"));
    }
    out_.refresh = {std::chrono::seconds(std::min(seconds, kLongest)), kName};
    return {};
  }

  const Environment& environment_;
  Settings out_;
};

}  // namespace

Result<Settings> read_azdcap(const Environment& environment) { return Reader(environment).read(); }

}  // namespace quoted::certification
