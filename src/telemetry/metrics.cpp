#include "telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <list>
#include <map>
#include <mutex>

namespace quoted::telemetry {
namespace {

class PrometheusCounter final : public Counter {
 public:
  explicit PrometheusCounter(prometheus::Counter& counter) : counter_(counter) {}
  void add(double value) override { counter_.Increment(value); }

 private:
  prometheus::Counter& counter_;
};

class PrometheusGauge final : public Gauge {
 public:
  explicit PrometheusGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void add(double value) override { gauge_.Increment(value); }
  void set(double value) override { gauge_.Set(value); }

 private:
  prometheus::Gauge& gauge_;
};

class PrometheusHistogram final : public Histogram {
 public:
  explicit PrometheusHistogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

std::map<std::string, std::string> to_map(Metrics::Labels labels) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : labels) out.emplace(name, value);
  return out;
}

}  // namespace

// The library gives the same metric for the same name and labels; so do the wrappers.
class Metrics::Registry {
 public:
  template <class Wrapper, class Metric>
  Wrapper& wrap(std::map<const void*, std::unique_ptr<Wrapper>>& wrappers, Metric& metric) {
    auto& slot = wrappers[&metric];
    if (slot == nullptr) slot = std::make_unique<Wrapper>(metric);
    return *slot;
  }

  std::mutex mutex;
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
  std::map<const void*, std::unique_ptr<PrometheusCounter>> counters;
  std::map<const void*, std::unique_ptr<PrometheusGauge>> gauges;
  std::map<const void*, std::unique_ptr<PrometheusHistogram>> histograms;
};

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
  const std::scoped_lock lock(registry_->mutex);
  auto& family = prometheus::BuildCounter()
                     .Name(std::string(name))
                     .Help(std::string(help))
                     .Register(registry_->registry);
  return registry_->wrap(registry_->counters, family.Add(to_map(labels)));
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
  const std::scoped_lock lock(registry_->mutex);
  auto& family = prometheus::BuildGauge()
                     .Name(std::string(name))
                     .Help(std::string(help))
                     .Register(registry_->registry);
  return registry_->wrap(registry_->gauges, family.Add(to_map(labels)));
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help,
                              const std::vector<double>& upper_bounds) {
  const std::scoped_lock lock(registry_->mutex);
  auto& family = prometheus::BuildHistogram()
                     .Name(std::string(name))
                     .Help(std::string(help))
                     .Register(registry_->registry);
  return registry_->wrap(registry_->histograms, family.Add({}, upper_bounds));
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(registry_->registry.Collect());
}

}  // namespace quoted::telemetry
