#include "telemetry/metrics.h"

#include <gmock/gmock.h>

#include <thread>

namespace quoted::telemetry {
namespace {

using testing::HasSubstr;

TEST(Metrics, TextHasHelpTypeAndValues) {
  Metrics metrics;
  metrics.counter("requests_total", "Requests by outcome.", {{"outcome", "good"}}).add();
  metrics.counter("requests_total", "Requests by outcome.", {{"outcome", "good"}}).add(2);
  metrics.counter("requests_total", "Requests by outcome.", {{"outcome", "bad"}});
  metrics.gauge("in_flight", "Now.").add(3);
  metrics.gauge("in_flight", "Now.").add(-1);
  Histogram& histogram = metrics.histogram("seconds", "Durations.", {0.1, 1});
  histogram.observe(0.05);
  histogram.observe(0.5);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("# HELP requests_total Requests by outcome.\n"
                              "# TYPE requests_total counter\n"));
  EXPECT_THAT(text, HasSubstr("requests_total{outcome=\"good\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("requests_total{outcome=\"bad\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE in_flight gauge\nin_flight 2\n"));
  EXPECT_THAT(text, HasSubstr("seconds_bucket{le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("seconds_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("seconds_count 2\n"));
}

TEST(Metrics, ManyThreadsCountTogether) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 500; ++k) metrics.counter("shared_total", "Shared.").add();
      });
    }
  }
  EXPECT_THAT(metrics.text(), HasSubstr("shared_total 2000\n"));
}

}  // namespace
}  // namespace quoted::telemetry
