// Hostile bytes as a file of the certification cache, as they are and behind a digest that fits:
// nothing crashes, and what is read is written as the same bytes.
#include "certification/cache_file.h"
#include "certification/request_key.h"
#include "crypto/digest.h"
#include "fuzz.h"

using namespace quoted;

namespace {

constexpr std::size_t kMagicSize = 8;

void read(base::ByteView content) {
  const auto record = certification::read_cache_file(content);
  if (!record) {
    fuzz::require(record.error().code() == base::ErrorCode::kCacheDamaged);
    return;
  }
  const auto written = certification::write_cache_file(*record);
  fuzz::require(written && base::equal(*written, content));
  const auto request = certification::parse_cache_key(record->key);
  fuzz::require(!request || certification::cache_key(*request) == record->key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes = fuzz::input(data, size);
  read(bytes);
  constexpr std::size_t kCovered = kMagicSize + crypto::Sha256::kSize;
  if (size < kCovered) return 0;
  const auto digest = crypto::sha256(bytes.subspan(kCovered));
  if (!digest) return 0;
  base::Bytes fitting = base::to_bytes(bytes.first(kMagicSize));
  base::append(fitting, digest->view());
  base::append(fitting, bytes.subspan(kCovered));
  read(fitting);
  return 0;
}
