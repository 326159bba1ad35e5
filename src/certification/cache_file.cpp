#include "certification/cache_file.h"

#include <array>

#include "base/byte_reader.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::string_view kMagic = "quoted";
constexpr std::uint16_t kVersion = 1;

// In front of the digest, which covers all that follows it.
struct Head {
  std::array<char, 6> magic{};
  base::LittleEndian<std::uint16_t> version;
};
static_assert(sizeof(Head) == 8);

// Behind the digest. The parts follow in the order of their sizes.
struct Fields {
  base::Le64 fetched;
  base::Le64 valid_from;
  base::Le64 valid_until;
  base::LittleEndian<std::uint32_t> key_size;
  base::LittleEndian<std::uint32_t> source_size;
  base::LittleEndian<std::uint32_t> extra_size;
  base::LittleEndian<std::uint32_t> chain_size;
  base::LittleEndian<std::uint32_t> body_size;
};
static_assert(sizeof(Fields) == 44);

base::Le64 encode(base::UnixTime time) {
  return base::Le64(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

// The year 9999, which no document can pass; sums with such times stay far from any overflow.
constexpr std::uint64_t kLatest = 253'402'300'799;

bool in_range(base::UnixTime time) {
  const auto seconds = time.time_since_epoch().count();
  return seconds >= 0 && static_cast<std::uint64_t>(seconds) <= kLatest;
}

Result<base::UnixTime> decode(base::Le64 time) {
  const std::uint64_t seconds = time;
  if (seconds > kLatest) {
    return fail(ErrorCode::kCacheDamaged, text("second ", seconds, " is past the year 9999"));
  }
  return base::UnixTime(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

base::LittleEndian<std::uint32_t> encode(std::size_t size) {
  return base::LittleEndian<std::uint32_t>(static_cast<std::uint32_t>(size));
}

tl::unexpected<base::Error> damaged(std::string message) {
  return fail(ErrorCode::kCacheDamaged, std::move(message));
}

Result<CacheRecord> read_parts(base::ByteReader& reader) {
  QUOTED_TRY(const Fields fields, reader.take_struct<Fields>("the header"));
  CacheRecord out;
  QUOTED_TRY(out.fetched, decode(fields.fetched));
  QUOTED_TRY(out.valid_from, decode(fields.valid_from));
  QUOTED_TRY(out.valid_until, decode(fields.valid_until));
  QUOTED_TRY(const base::ByteView key, reader.take(fields.key_size, "the key"));
  QUOTED_TRY(const base::ByteView source, reader.take(fields.source_size, "the source"));
  QUOTED_TRY(const base::ByteView extra, reader.take(fields.extra_size, "the extra part"));
  QUOTED_TRY(const base::ByteView chain, reader.take(fields.chain_size, "the issuer chain"));
  QUOTED_TRY(const base::ByteView body, reader.take(fields.body_size, "the body"));
  for (const base::ByteView part : {key, source, extra}) {
    if (part.size() > kMaxCacheText) {
      return damaged(text("a part has ", part.size(), " bytes, expected at most ", kMaxCacheText));
    }
  }
  if (reader.remaining() != 0) {
    return damaged(text(reader.remaining(), " bytes follow the body"));
  }
  out.key = base::as_text(key);
  out.source = base::as_text(source);
  out.extra = base::to_bytes(extra);
  out.issuer_chain_pem = base::as_text(chain);
  out.body = base::to_bytes(body);
  return out;
}

Result<CacheRecord> read_all(base::ByteView content) {
  base::ByteReader reader(content);
  QUOTED_TRY(const Head head, reader.take_struct<Head>("the magic number"));
  if (std::string_view(head.magic.data(), head.magic.size()) != kMagic) {
    return damaged("the file does not begin like one of the cache");
  }
  if (head.version != kVersion) {
    return damaged(
        text("the file has version ", std::uint16_t{head.version}, ", expected ", kVersion));
  }
  QUOTED_TRY(const base::ByteView digest, reader.take(crypto::Sha256::kSize, "the digest"));
  QUOTED_TRY(const crypto::Sha256 computed, crypto::sha256(content.subspan(reader.offset())));
  if (!base::equal(digest, computed.view())) {
    return damaged(
        text("the content has the SHA-256 ", computed.hex(), ", expected ", base::to_hex(digest)));
  }
  return read_parts(reader);
}

}  // namespace

Result<base::Bytes> write_cache_file(const CacheRecord& record) {
  for (const base::UnixTime time : {record.fetched, record.valid_from, record.valid_until}) {
    if (!in_range(time)) {
      return fail(ErrorCode::kInvalidArgument,
                  text("second ", time.time_since_epoch().count(), " is no time of a document"));
    }
  }
  const std::size_t parts = record.size();
  if (parts > kMaxCacheFile - sizeof(Head) - crypto::Sha256::kSize - sizeof(Fields) ||
      record.key.size() > kMaxCacheText || record.source.size() > kMaxCacheText ||
      record.extra.size() > kMaxCacheText) {
    return fail(ErrorCode::kInvalidArgument,
                text("an answer of ", parts, " bytes is more than a file of the cache holds"));
  }
  const Fields fields{encode(record.fetched),
                      encode(record.valid_from),
                      encode(record.valid_until),
                      encode(record.key.size()),
                      encode(record.source.size()),
                      encode(record.extra.size()),
                      encode(record.issuer_chain_pem.size()),
                      encode(record.body.size())};
  base::Bytes covered = base::to_bytes(base::struct_bytes(fields));
  for (const base::ByteView part :
       {base::as_bytes(record.key), base::as_bytes(record.source), base::ByteView(record.extra),
        base::as_bytes(record.issuer_chain_pem), base::ByteView(record.body)}) {
    base::append(covered, part);
  }
  QUOTED_TRY(const crypto::Sha256 digest, crypto::sha256(covered));
  Head head;
  kMagic.copy(head.magic.data(), head.magic.size());
  head.version = base::LittleEndian<std::uint16_t>(kVersion);
  base::Bytes out = base::to_bytes(base::struct_bytes(head));
  base::append(out, digest.view());
  base::append(out, covered);
  return out;
}

Result<CacheRecord> read_cache_file(base::ByteView content) {
  return read_all(content).map_error([](const base::Error& error) {
    return base::Error(ErrorCode::kCacheDamaged, error.message());
  });
}

}  // namespace quoted::certification
