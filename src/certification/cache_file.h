// One answer of a source as the cache keeps it, and the file it is kept in: header, digest over
// all that follows, then the parts byte for byte.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace quoted::certification {

struct CacheRecord {
  std::string key;     // cache_key() of the request
  std::string source;  // who gave it
  base::UnixTime fetched;
  // For people who look at files. Who serves the record reads them from the documents, again.
  base::UnixTime valid_from;
  base::UnixTime valid_until;
  base::Bytes extra;  // what an answer has beside its document, as its user encodes it
  std::string issuer_chain_pem;
  base::Bytes body;

  [[nodiscard]] std::size_t size() const {
    return key.size() + source.size() + extra.size() + issuer_chain_pem.size() + body.size();
  }

  friend bool operator==(const CacheRecord&, const CacheRecord&) = default;
};

inline constexpr std::size_t kMaxCacheFile = std::size_t{17} * 1024 * 1024;
// Of key, source and extra each.
inline constexpr std::size_t kMaxCacheText = 2048;

// InvalidArgument for what read_cache_file would refuse.
[[nodiscard]] base::Result<base::Bytes> write_cache_file(const CacheRecord& record);

// CacheDamaged. A record that is read is written as the same bytes.
[[nodiscard]] base::Result<CacheRecord> read_cache_file(base::ByteView content);

}  // namespace quoted::certification
