#include "quotectl/serve_metrics.h"

#include <algorithm>

#include "telemetry/names.h"

namespace quoted::quotectl {
namespace {

namespace event = telemetry::event;
namespace metric = telemetry::metric;

// A warm verification takes a fraction of a millisecond, a cold one a few.
const std::vector<double> kSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                   0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  constexpr std::array<std::string_view, kOutcomeCount> kNames{
      "verified",          "verified_with_warnings", "refused",
      "refused_by_policy", "no_collateral",          "bad_request",
      "forbidden"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

ServeMetrics::ServeMetrics(telemetry::Logger& logger)
    : logger_(logger),
      seconds_(metrics_.histogram(metric::kVerifySeconds,
                                  "Time to read and judge a request, without its way over the "
                                  "network and its wait in the queue.",
                                  kSeconds)),
      in_flight_(metrics_.gauge(metric::kVerifyInFlight, "Requests being judged now.")),
      connections_(metrics_.gauge(metric::kHttpConnections, "Connections open now.")),
      connections_total_(
          metrics_.counter(metric::kHttpConnectionsTotal, "Connections accepted and served.")),
      failures_(metrics_.counter(metric::kHttpFailuresTotal,
                                 "Defects, and descriptors or memory that ran out.")),
      reloads_(metrics_.counter(metric::kVerifyReloadsTotal, "Reloads of collateral by result.",
                                {{"result", "done"}})),
      failed_reloads_(metrics_.counter(metric::kVerifyReloadsTotal,
                                       "Reloads of collateral by result.", {{"result", "failed"}})),
      known_qe_reports_(
          metrics_.gauge(metric::kVerifyKnownQeReports, "QE reports whose verdict is remembered.")),
      known_(metrics_.counter(metric::kVerifyKnownTotal,
                              "Quotes by whether all but their signature was known.",
                              {{"known", "yes"}})),
      unknown_(metrics_.counter(metric::kVerifyKnownTotal,
                                "Quotes by whether all but their signature was known.",
                                {{"known", "no"}})),
      collateral_sets_(metrics_.gauge(metric::kVerifyCollateralSets, "Sets of collateral loaded.")),
      collateral_expires_(metrics_.gauge(
          metric::kVerifyCollateralExpires,
          "When the first part of any set of collateral expires, in seconds since 1970.")) {
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    outcomes_[i] =
        &metrics_.counter(metric::kVerifyRequestsTotal, "Requests to verify a quote by outcome.",
                          {{"outcome", outcome_name(static_cast<Outcome>(i))}});
  }
  for (std::size_t i = 0; i < rejections_.size(); ++i) {
    rejections_[i] = &metrics_.counter(
        metric::kHttpRejectedTotal, "Requests and connections that the server refused by reason.",
        {{"reason", http::rejection_name(static_cast<http::Rejection>(i))}});
  }
  constexpr std::array<std::string_view, 6> kClasses{"", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 2; i < statuses_.size(); ++i) {
    statuses_[i] = &metrics_.counter(metric::kHttpResponsesTotal, "Answers by class of status.",
                                     {{"status", kClasses[i]}});
  }
}

void ServeMetrics::judged(Outcome outcome, std::chrono::duration<double> took) {
  outcomes_.at(static_cast<std::size_t>(outcome))->add();
  seconds_.observe(took.count());
}

void ServeMetrics::reloaded(bool successful) { (successful ? reloads_ : failed_reloads_).add(); }

void ServeMetrics::remembered(const verification::VerifierStatistics& now) {
  const std::scoped_lock lock(remembered_mutex_);
  known_qe_reports_.set(static_cast<double>(now.quotes.facts));
  if (now.quotes.hits > remembered_.hits) {
    known_.add(static_cast<double>(now.quotes.hits - remembered_.hits));
  }
  if (now.quotes.misses > remembered_.misses) {
    unknown_.add(static_cast<double>(now.quotes.misses - remembered_.misses));
  }
  remembered_.hits = std::max(remembered_.hits, now.quotes.hits);
  remembered_.misses = std::max(remembered_.misses, now.quotes.misses);
}

void ServeMetrics::collateral_loaded(std::size_t sets, std::int64_t earliest_expiration) {
  collateral_sets_.set(static_cast<double>(sets));
  collateral_expires_.set(static_cast<double>(earliest_expiration));
}

void ServeMetrics::connection_opened() {
  connections_.add(1);
  connections_total_.add();
}

void ServeMetrics::connection_closed() { connections_.add(-1); }

void ServeMetrics::rejected(http::Rejection why, const base::Error& error) {
  rejections_.at(static_cast<std::size_t>(why))->add();
  logger_.info(event::kHttpRejected, "a request or connection was refused",
               {{"why", http::rejection_name(why)},
                {"code", error.entry().id},
                {"reason", std::string_view(error.message())}});
}

void ServeMetrics::answered(unsigned status) {
  statuses_.at(std::clamp(status / 100, 2U, 5U))->add();
}

void ServeMetrics::failed(std::string_view what, std::string_view reason) {
  failures_.add();
  logger_.error(event::kHttpFailed, "the server goes on after a failure",
                {{"what", what}, {"reason", reason}});
}

}  // namespace quoted::quotectl
