// Answers of sources in the one form in which they are checked, kept and served.
#pragma once

#include <memory>

#include "certification/cache_file.h"
#include "certification/document_check.h"
#include "certification/request_key.h"

namespace quoted::certification {

// A genuine answer. Shared by all who have it; never changes.
struct Kept {
  Request request;
  CacheRecord record;
  DocumentFacts facts;
  base::UnixTime refresh_at;
};
using KeptPtr = std::shared_ptr<const Kept>;

// Without times, which who makes the record knows.
[[nodiscard]] CacheRecord record_of(const Document& document);
[[nodiscard]] CacheRecord record_of(const PckCertification& certification);

[[nodiscard]] Document document_of(const CacheRecord& record);
// CacheDamaged when the record's extra part is not the TCB.
[[nodiscard]] base::Result<PckCertification> certification_of(const CacheRecord& record);

// What the check says of the record as an answer to `request`; CacheDamaged as above.
[[nodiscard]] base::Result<DocumentFacts> examine(const DocumentCheck& check,
                                                  const Request& request,
                                                  const CacheRecord& record);

}  // namespace quoted::certification
