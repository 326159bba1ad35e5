// Gets one answer: from memory, from the disk or from the sources, whatever the freshness asked for
// allows, and never one that does not verify.
#pragma once

#include "certification/flights.h"
#include "certification/memory_cache.h"
#include "certification/service.h"
#include "certification/source_list.h"
#include "certification/store.h"

namespace quoted::certification {

struct Obtained {
  KeptPtr kept;
  bool stale = false;
};

// What an answer is good for now.
enum class Worth : std::uint8_t { kNone, kStale, kFresh };

struct Judgement {
  Worth worth = Worth::kNone;
  std::optional<base::Error> why;  // it is not fresh
};

class Keeper {
 public:
  // Nodes that differ in `jitter` refresh at different times.
  Keeper(ServiceOptions options, std::vector<std::unique_ptr<Source>> sources,
         const base::Clock& clock, ServiceObserver& observer, std::uint64_t jitter);

  [[nodiscard]] base::Result<Obtained> obtain(const Request& request, Freshness freshness);

  // The CRL of the root with this key, whatever addresses its certificates name: there are several
  // genuine ones of Intel's.
  [[nodiscard]] base::Result<Obtained> obtain_root_crl(const crypto::P256Point& root_key,
                                                       const std::string& url, Freshness freshness);

  [[nodiscard]] Judgement judge(const Kept& kept, base::UnixTime now);

  [[nodiscard]] base::Status register_platform(const Registration& platform);

  // Fetches what is due; gives the time of the next call.
  [[nodiscard]] base::UnixTime refresh_due();

 private:
  // From memory, else from the disk.
  [[nodiscard]] KeptPtr look_up(const Request& request, const std::string& key);
  [[nodiscard]] KeptPtr load(const Request& request, const std::string& key);
  // An answer that arrived since the caller saw `seen`, here or in a process that shares the disk.
  [[nodiscard]] KeptPtr find_newer(const Request& request, const std::string& key,
                                   const KeptPtr& seen, Freshness freshness);
  [[nodiscard]] base::Result<KeptPtr> fetch(const Request& request, const std::string& key,
                                            const KeptPtr& seen, Freshness freshness);
  [[nodiscard]] base::Result<DocumentFacts> accept(const Request& request, const std::string& key,
                                                   const CacheRecord& record);
  [[nodiscard]] base::Status check_is_same_root(const Request& request, const DocumentFacts& facts,
                                                const KeptPtr& cached, base::UnixTime now) const;
  [[nodiscard]] base::Status check_same_platform(const Request& request, const DocumentFacts& facts,
                                                 base::UnixTime now);
  [[nodiscard]] KeptPtr newest_root_crl(const crypto::P256Point& root_key);
  [[nodiscard]] base::Status check_not_revoked(const DocumentFacts& facts, std::string_view what);
  [[nodiscard]] KeptPtr keep(const Request& request, CacheRecord record, DocumentFacts facts);
  [[nodiscard]] base::Result<Obtained> serve(KeptPtr kept, const Request& request, bool stale);
  [[nodiscard]] std::optional<FailedAttempt> failed_lately(const std::string& attempt,
                                                           base::UnixTime now) const;
  [[nodiscard]] base::UnixTime due(const Kept& kept, base::UnixTime now) const;
  // Into memory, what lies on the disk under keys that begin so.
  void load_all(std::string_view prefix);

  const ServiceOptions options_;
  const base::Clock& clock_;
  const DocumentCheck check_;
  SourceList sources_;
  Store store_;
  MemoryCache memory_;
  Flights<KeptPtr> flights_;
  const std::uint64_t jitter_;
  std::once_flag loaded_;
  std::once_flag root_crls_loaded_;
  std::once_flag pcks_loaded_;
};

}  // namespace quoted::certification
