// All that the service says of itself to an operator, at one moment: the one source of /metrics,
// /status, the status page and 'quotectl status'. Plain values; counters only grow while the
// process lives.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace quoted::admin {

// What became of a request. One concept for metrics, audit and log.
enum class Outcome : std::uint8_t {
  kAnswered,
  kFailed,       // answered with an error code, for a reason in the request or the platform
  kDenied,       // by a rule
  kRateLimited,  // by a rule or the tenant's rate
  kShed,         // the queue was full, or the request waited too long in it
};
inline constexpr std::size_t kOutcomeCount = 5;

// The stages of a request, in their order.
enum class Stage : std::uint8_t { kRead, kQueue, kPlatform, kWrite };
inline constexpr std::size_t kStageCount = 4;

// Upper bounds of the buckets of a stage, in seconds; one more bucket holds what is longer.
inline constexpr std::array<double, 14> kStageBounds{0.00001, 0.000025, 0.00005, 0.0001, 0.00025,
                                                     0.0005,  0.001,    0.0025,  0.005,  0.01,
                                                     0.05,    0.25,     1,       10};

struct StageTimes {
  std::array<std::uint64_t, kStageBounds.size() + 1> buckets{};
  double sum = 0;  // seconds
};

struct RequestCount {
  std::string kind;  // "GetQuoteEx"
  std::array<std::uint64_t, kOutcomeCount> outcomes{};
};

// Why a connection was closed although its peer had not done with it.
enum class Closed : std::uint8_t {
  kIdle,         // no request for too long
  kStalled,      // stopped in the middle of a request, or did not take its answer
  kEvicted,      // stalled, and another connection needed its place
  kNoPlace,      // none could be evicted for it
  kMalformed,    // not a request
  kMemory,       // large frames of all connections together exceed their bound
  kBroken,       // by the peer, in the middle of a request or an answer
  kUnknownPeer,  // the kernel does not say who
  kDefect,
};
inline constexpr std::size_t kClosedCount = 9;

struct ConnectionReport {
  std::uint64_t open = 0;
  std::uint64_t limit = 0;
  std::uint64_t limit_per_tenant = 0;
  std::uint64_t accepted = 0;
  std::uint64_t accept_failures = 0;  // no descriptors or memory
  std::array<std::uint64_t, kClosedCount> closed{};
  std::uint64_t frame_bytes = 0;  // of large frames and answers, at this moment
  std::uint64_t frame_bytes_limit = 0;
};

struct QueueReport {
  std::uint64_t depth = 0;
  std::uint64_t limit = 0;
  std::uint64_t in_flight = 0;  // with the platform
};

// One of those with most requests, or all others together under the name "other".
struct TenantReport {
  std::string key;
  std::string name;  // for people
  std::string kind;
  std::uint64_t connections = 0;
  std::uint64_t queued = 0;
  std::uint64_t quotes = 0;
  std::array<std::uint64_t, kOutcomeCount> outcomes{};
};

struct Document {
  std::string name;  // "pck_certificate", "tcb_info", "qe_identity", "pck_crl", "root_ca_crl"
  base::UnixTime expires;
};

struct CertificationReport {
  std::string state;  // certification_state_name
  bool can_quote = false;
  std::string reason;  // with its code; empty when there is none
  std::string remedy;
  std::string source;
  std::optional<base::UnixTime> fetched;
  std::optional<base::UnixTime> refresh_at;
  std::string cpu_svn;  // that the certificate in use was issued for; hexadecimal
  std::uint16_t pce_isv_svn = 0;
  std::string fmspc;
  std::vector<Document> documents;
};

struct EpcReport {
  std::uint64_t size = 0;
  std::uint64_t own = 0;
  std::uint64_t others = 0;
};

struct AuditReport {
  std::string destination;  // "file /var/log/quoted/audit.jsonl"; empty: off
  std::uint64_t written = 0;
  std::uint64_t lost = 0;
  std::uint64_t queued = 0;
  std::string trouble;  // why nothing can be written now
};

struct ConfigurationReport {
  std::string file;  // empty: none
  std::uint64_t generation = 0;
  base::UnixTime loaded;
  std::uint64_t rejected = 0;
  std::string trouble;  // why the last one was refused
  std::uint64_t rules = 0;
};

struct ServiceReport {
  std::string version;
  std::string platform;  // "simulated"
  bool simulated = false;
  std::int64_t pid = 0;
  std::string node;
  base::UnixTime now;
  base::UnixTime started;
  std::string socket;
  bool draining = false;

  CertificationReport certification;
  std::optional<EpcReport> epc;
  ConnectionReport connections;
  QueueReport queue;
  std::vector<RequestCount> requests;
  std::array<StageTimes, kStageCount> stages{};
  std::uint64_t quotes = 0;
  std::vector<TenantReport> tenants;  // the greatest first, "other" last
  AuditReport audit;
  ConfigurationReport configuration;
  std::uint64_t log_lines_lost = 0;
};

// What the admin endpoint asks. Thread-safe, does not wait.
class ReportSource {
 public:
  virtual ~ReportSource() = default;
  [[nodiscard]] virtual ServiceReport report() const = 0;
};

// "answered": labels of metrics, and words of the audit log and the status page.
[[nodiscard]] std::string_view outcome_name(Outcome outcome);
[[nodiscard]] std::string_view stage_name(Stage stage);
[[nodiscard]] std::string_view closed_name(Closed reason);

}  // namespace quoted::admin
