// Metrics for Prometheus: counters, gauges and histograms by name and labels, and their text.
// Labels come from constants, never from what a client sends, so that their number is known.
// The names that programs use are in names.h.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quoted::telemetry {

// All three are thread-safe, and live as long as the Metrics they come from.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double value = 1) = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void add(double value) = 0;
  virtual void set(double value) = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

class Metrics {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // The media type of text().
  static constexpr std::string_view kMediaType = "text/plain; version=0.0.4; charset=utf-8";

  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  // One for each name and set of labels; the same again gives the same one.
  Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
  Histogram& histogram(std::string_view name, std::string_view help,
                       const std::vector<double>& upper_bounds);

  // Exposition format 0.0.4, with HELP and TYPE.
  [[nodiscard]] std::string text() const;

 private:
  class Registry;
  std::unique_ptr<Registry> registry_;
};

}  // namespace quoted::telemetry
