#include "service/certification_log.h"

#include "telemetry/names.h"

namespace quoted::service {

namespace event = telemetry::event;

void CertificationLog::fetched(std::string_view source, std::string_view document) {
  logger_.info(event::kDocumentFetched, "fetched and verified",
               {{"source", source}, {"document", document}});
}

void CertificationLog::failed(std::string_view source, std::string_view document,
                              const base::Error& error) {
  logger_.warning(event::kDocumentFailed, error.summary(),
                  {{"source", source},
                   {"document", document},
                   {"code", error.entry().id},
                   {"remedy", error.entry().remedy}});
}

void CertificationLog::cache_degraded(bool degraded, std::string_view why) {
  if (degraded) {
    logger_.warning(event::kCacheDegraded, "the cache is kept in memory only", {{"reason", why}});
  } else {
    logger_.info(event::kCacheRestored, "the cache directory can be used again");
  }
}

void CertificationLog::cache_damaged(std::string_view file, const base::Error& error) {
  logger_.warning(event::kCacheDamaged, error.summary(), {{"file", file}});
}

}  // namespace quoted::service
