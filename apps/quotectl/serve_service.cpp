#include "quotectl/serve_service.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "appraisal/appraise.h"
#include "appraisal/policy_text.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "quotectl/describe_appraisal.h"
#include "quotectl/describe_verdict.h"
#include "quotectl/option_values.h"
#include "quotectl/render.h"
#include "telemetry/names.h"

namespace quoted::quotectl {
namespace {

namespace event = telemetry::event;
using base::ErrorCode;
using base::fail;
using base::Status;
using base::text;
using Clock = std::chrono::steady_clock;

Outcome outcome_of(const verification::Verdict& verdict) {
  switch (verdict.decision) {
    case verification::Decision::kVerified:
      return Outcome::kVerified;
    case verification::Decision::kVerifiedWithWarnings:
      return Outcome::kVerifiedWithWarnings;
    case verification::Decision::kRefused:
      break;
  }
  return Outcome::kRefused;
}

// A refused quote that names no collateral looks like any other refused quote.
void refuse_for(verification::Verdict& verdict, base::Error why) {
  verdict.decision = verification::Decision::kRefused;
  verdict.warnings.clear();
  std::vector<verification::Check> checks(verdict.checks.begin(), verdict.checks.end());
  checks.push_back({"collateral", verification::CheckOutcome::kFailed, collateral::QvlStatus::kOk,
                    why.message()});
  verdict.checks = verification::CheckList(std::move(checks));
  verdict.refusal = std::move(why);
}

unsigned status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kHttpForbidden:
      return 403;
    case ErrorCode::kHttpTooLarge:
      return 413;
    default:
      return 400;
  }
}

http::Response json_response(const Json& body, unsigned status = 200) {
  return http::Response::of_type(http::kJsonType, render_json(body), status);
}

}  // namespace

VerificationService::VerificationService(ServiceOptions options, verification::TrustedRoot root,
                                         ServeMetrics& metrics, telemetry::Logger& logger)
    : options_(std::move(options)),
      verifier_({std::move(root)}),
      metrics_(metrics),
      logger_(logger),
      loaded_(std::make_shared<const Loaded>()) {}

std::shared_ptr<const VerificationService::Loaded> VerificationService::loaded() const {
  const std::scoped_lock lock(mutex_);
  return loaded_;
}

// Every quote would be refused with collateral that the verifier does not take, so it must not take
// the place of one that it does. What has expired is said, and may still be replaced.
Status VerificationService::check_collateral(const CollateralEntry& entry,
                                             base::UnixTime now) const {
  auto good = verifier_.check(entry.prepared, now);
  if (good || good.error().code() == ErrorCode::kCollateralExpired) return {};
  return fail(std::move(good).error().with_context(entry.source));
}

Status VerificationService::load() {
  std::optional<appraisal::Policy> policy;
  if (options_.policy) {
    QUOTED_TRY(policy, appraisal::load_policy(*options_.policy));
  }
  QUOTED_TRY(CollateralSet loaded, CollateralSet::load(options_.collateral));
  base::UnixTime first = base::UnixTime::max();
  const base::UnixTime now = base::SystemClock().now();
  for (const CollateralEntry& entry : loaded.entries()) {
    first = std::min(first, entry.expires);
    QUOTED_CHECK(check_collateral(entry, now));
    const std::string kind = to_text(entry.kind);
    const std::string expires = format_time(entry.expires);
    const auto write = [&](telemetry::Level level, std::string_view name, std::string_view words) {
      logger_.log(level, name, words,
                  {{"source", std::string_view(entry.source)},
                   {"platform", std::string_view(kind)},
                   {"expires", std::string_view(expires)},
                   {"part", std::string_view(entry.expires_first)}});
    };
    write(telemetry::Level::kInfo, event::kCollateralLoaded, "collateral of one platform");
    if (entry.expired(now)) {
      write(telemetry::Level::kWarning, event::kCollateralExpired, "fetch it again");
    }
  }
  const bool any = !loaded.entries().empty();
  metrics_.collateral_loaded(loaded.entries().size(), any ? first.time_since_epoch().count() : 0);
  const std::scoped_lock lock(mutex_);
  loaded_ = std::make_shared<const Loaded>(Loaded{std::move(loaded), std::move(policy)});
  return {};
}

http::Router VerificationService::routes() {
  http::Router out;
  out.add({.method = "POST",
           .path = "/v1/verify",
           .handler = [this](const http::Request& request) { return verify(request); },
           .needs_body = true,
           .media_types = {std::string(kQuoteType), std::string(kRequestType)}});
  out.add({.method = "GET",
           .path = "/healthz",
           .handler = [](const http::Request&) { return json_response({{"status", "alive"}}); },
           .work = http::Work::kLight});
  out.add({.method = "GET",
           .path = "/readyz",
           .handler = [this](const http::Request&) { return ready(); },
           .work = http::Work::kLight});
  out.add({.method = "GET",
           .path = "/metrics",
           .handler =
               [this](const http::Request&) {
                 metrics_.remembered(verifier_.statistics());
                 return http::Response::of_type(telemetry::Metrics::kMediaType, metrics_.text());
               },
           .work = http::Work::kLight});
  return out;
}

http::Response VerificationService::verify(const http::Request& request) {
  const auto in_flight = metrics_.in_flight();
  const auto begin = Clock::now();
  const auto took = [&] { return std::chrono::duration<double>(Clock::now() - begin); };
  const auto refused = [&](const base::Error& error) {
    const bool forbidden = error.code() == ErrorCode::kHttpForbidden;
    metrics_.judged(forbidden ? Outcome::kForbidden : Outcome::kBadRequest, took());
    logger_.info(event::kVerifyRequestRefused, "a request could not be carried out",
                 {{"code", error.entry().id}, {"reason", std::string_view(error.message())}});
    return http::Response::of_error(status_of(error.code()), error);
  };

  const auto parsed = parse_verify_request(http::media_type(request.headers), request.body);
  if (!parsed) return refused(parsed.error());
  if (const auto allowed = check_allowed(*parsed); !allowed) return refused(allowed.error());
  const auto now = loaded();
  Judgement judgement = judge(*parsed, *now);
  const Json body = answer(judgement, *now);
  metrics_.judged(judgement.outcome, took());
  log_judged(*parsed, judgement, took());
  return json_response(body);
}

Json VerificationService::answer(Judgement& judgement, const Loaded& loaded) const {
  if (!loaded.policy) return verdict_json(judgement.verdict);
  const auto appraisal =
      appraisal::appraise(*loaded.policy, appraisal::facts_of(judgement.verdict));
  if (!appraisal.accepted && judgement.verdict.decision != verification::Decision::kRefused) {
    judgement.outcome = Outcome::kRefusedByPolicy;
  }
  return appraised_json(judgement.verdict, {*loaded.policy, *options_.policy, appraisal});
}

// A client that chooses collateral can choose an old one, by which a platform that is out of date
// or revoked is in order; a client that chooses the time can make that old one current.
Status VerificationService::check_allowed(const VerifyRequest& request) const {
  if (request.collateral && !options_.allow_client_collateral) {
    return fail(ErrorCode::kHttpForbidden,
                "'collateral' in a request needs --allow-client-collateral");
  }
  if (request.time && !options_.allow_client_time) {
    return fail(ErrorCode::kHttpForbidden, "'time' in a request needs --allow-client-time");
  }
  if (request.quote.empty()) return fail(ErrorCode::kMalformed, "the quote is empty");
  if (request.quote.size() > quote::kMaxParsedQuoteSize) {
    return fail(ErrorCode::kHttpTooLarge,
                text("the quote has ", request.quote.size(), " bytes, at most ",
                     quote::kMaxParsedQuoteSize, " are allowed"));
  }
  return {};
}

VerificationService::Judgement VerificationService::judge(const VerifyRequest& request,
                                                          const Loaded& loaded) const {
  verification::VerifyOptions verify = options_.verify;
  verify.allow_debug = verify.allow_debug || (loaded.policy && loaded.policy->allows_debug());
  const base::UnixTime at = request.time.value_or(base::SystemClock().now());
  const auto judged = [](verification::Verdict verdict) {
    return Judgement{outcome_of(verdict), std::move(verdict)};
  };
  if (request.collateral) {
    // Parsed for this once: whoever asks must not decide what the service remembers.
    return judged(verifier_.verify(
        request.quote, collateral::ParsedCollateral::parse(*request.collateral), at, verify));
  }
  auto chosen = loaded.collateral.choose(request.quote);
  if (chosen) {
    return judged(verifier_.verify(request.quote, (*chosen)->prepared, at, verify));
  }
  // What the quote alone shows may be reason enough to refuse it, and then is the better reason.
  auto verdict = verifier_.verify(request.quote, at);
  if (verdict.refusal) return judged(std::move(verdict));
  refuse_for(verdict, std::move(chosen).error());
  return Judgement{Outcome::kNoCollateral, std::move(verdict)};
}

void VerificationService::log_judged(const VerifyRequest& request, const Judgement& judgement,
                                     std::chrono::duration<double> took) const {
  const auto& verdict = judgement.verdict;
  const auto hash = crypto::sha256(request.quote);
  const std::string quote_hash = hash ? hash->hex() : std::string();
  const std::string why = verdict.refusal ? verdict.refusal->summary() : std::string();
  logger_.info(
      event::kQuoteJudged, verdict.simulated ? "SIMULATED-NO-SECURITY: judged" : "judged",
      {{"outcome", outcome_name(judgement.outcome)},
       {"code", verdict.refusal ? verdict.refusal->entry().id : std::string_view("none")},
       {"reason", std::string_view(why)},
       {"quote_sha256", std::string_view(quote_hash)},
       {"microseconds", std::chrono::duration_cast<std::chrono::microseconds>(took).count()}});
}

// Ready as long as there are quotes it can judge: one platform's expired collateral must not take
// the service away from the others.
http::Response VerificationService::ready() const {
  const auto have = loaded();
  const CollateralSet& set = have->collateral;
  const base::UnixTime now = base::SystemClock().now();
  bool ready = set.entries().empty() && options_.allow_client_collateral;
  Json sets = Json::array();
  for (const CollateralEntry& entry : set.entries()) {
    const bool expired = entry.expired(now);
    ready = ready || !expired;
    sets.push_back({{"source", entry.source},
                    {"tee", entry.kind.tee == collateral::Tee::kTdx ? "TDX" : "SGX"},
                    {"fmspc", entry.kind.fmspc.hex()},
                    {"pck_ca", entry.kind.pck_ca},
                    {"expired", expired},
                    {"expires", format_time(entry.expires)},
                    {"expires_first", entry.expires_first}});
  }
  return json_response({{"status", ready ? "ready" : "not_ready"}, {"collateral", sets}},
                       ready ? 200 : 503);
}

}  // namespace quoted::quotectl
