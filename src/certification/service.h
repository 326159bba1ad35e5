// Certification data for a node: out of the cache where it is there, from the sources where not,
// and verified before it is kept or given to anybody.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "certification/source.h"
#include "collateral/collateral.h"
#include "verification/trusted_root.h"

namespace quoted::certification {

enum class Freshness : std::uint8_t {
  kCacheOnly,   // never the network
  kCacheFirst,  // the network when the cache has nothing usable
  kRefresh,     // the network; the cache when that fails and what it has may still be used
};

template <class T>
struct Answer {
  T value;
  std::string source;  // the name of the source that gave it, however long ago
  base::UnixTime fetched;
  base::UnixTime refresh_at;  // when the next attempt is due
  base::UnixTime usable_until;
  bool stale = false;  // past its date, served because no source answers
};

// Which collateral belongs together.
struct PlatformLine {
  collateral::Tee tee = collateral::Tee::kSgx;
  sgx::Fmspc fmspc;
  collateral::PckCa ca = collateral::PckCa::kPlatform;
};

struct ServiceOptions {
  std::filesystem::path cache_dir;  // empty: memory only
  std::vector<verification::TrustedRoot> roots;
  // How long past its own date a document may be served while no source answers.
  std::chrono::seconds stale_limit{std::chrono::hours{24 * 7}};
  // At most so long after it was fetched a document is fetched again, whatever its own date.
  std::chrono::seconds refresh_after{std::chrono::hours{24}};
  // A platform or document that is not there is not asked for again before.
  std::chrono::seconds retry_missing_after{60};
  // A source that failed so often in a row is left alone for a while that doubles up to the limit.
  unsigned failures_to_suspend = 3;
  std::chrono::seconds suspend_first{5};
  std::chrono::seconds suspend_longest{300};
};

// For logs and metrics; called on any thread, must not throw.
class ServiceObserver {
 public:
  virtual ~ServiceObserver() = default;
  virtual void fetched(std::string_view /*source*/, std::string_view /*document*/) {}
  virtual void failed(std::string_view /*source*/, std::string_view /*document*/,
                      const base::Error&) {}
  // The cache lost its directory (true) or has it again (false); `why` for the former.
  virtual void cache_degraded(bool /*degraded*/, std::string_view /*why*/) {}
  // FileUnreadable when it could not be read and was left where it is; else it was removed.
  virtual void cache_damaged(std::string_view /*file*/, const base::Error&) {}
};

// Usable from many threads. One request to a source is under way for a document at a time; others
// who want it wait for that one.
class Service {
 public:
  // Sources are asked in their order. `clock` and `observer` outlive the service. A cache directory
  // that cannot be used is told to the observer and done without.
  [[nodiscard]] static base::Result<std::unique_ptr<Service>> create(
      ServiceOptions options, std::vector<std::unique_ptr<Source>> sources,
      const base::Clock& clock, ServiceObserver& observer);
  virtual ~Service() = default;

  // The errors of the source that came nearest; NotInCache, NoCollateralSource.
  [[nodiscard]] virtual base::Result<Answer<PckCertification>> pck_certificate(
      const PckRequest& request, Freshness freshness) = 0;
  // One document, verified.
  [[nodiscard]] virtual base::Result<Answer<Document>> document(const DocumentRequest& request,
                                                                Freshness freshness) = 0;
  // Seven parts that belong together: all of one root, none newer than its signer allows.
  [[nodiscard]] virtual base::Result<Answer<collateral::Collateral>> collateral(
      const PlatformLine& line, Freshness freshness) = 0;
  // With the first source that takes registrations.
  [[nodiscard]] virtual base::Status register_platform(const Registration& platform) = 0;

  // Fetches again what is due, among all that was asked for since the start or lies in the cache;
  // gives the time when it should be called next.
  [[nodiscard]] virtual base::UnixTime refresh_due() = 0;
};

}  // namespace quoted::certification
