#include "dcap_quoteprov/kept_data.h"

#include <sys/stat.h>

#include <limits>

#include "base/file.h"
#include "base/little_endian.h"
#include "certification/request_key.h"
#include "certification/store.h"
#include "crypto/digest.h"
#include "dcap_quoteprov/state.h"

namespace quoted::quoteprov {
namespace {

namespace fs = std::filesystem;

using base::text;

constexpr std::size_t kMaxLabel = 255;
constexpr std::uint32_t kMaxKept = 1024 * 1024;

enum ClearKind : std::uint32_t { kCertificates = 1, kCollateral = 2 };

tl::unexpected<Refusal> not_kept(std::string reason) {
  return refuse(SGX_QL_PERSISTENT_STORAGE_ERROR, std::move(reason));
}

// A name from the hash, because a label may be any text.
Answer<fs::path> file_of(const char* label) {
  if (label == nullptr || *label == '\0' || std::string_view(label).size() > kMaxLabel) {
    return invalid(text("the label is NULL, empty or longer than ", kMaxLabel, " characters"));
  }
  const auto state = State::current();
  if (!state) return tl::unexpected(state.error());
  const fs::path& cache = (*state)->cache_directory();
  if (cache.empty()) return not_kept("there is no directory to keep anything in");
  const auto digest = crypto::sha256(base::as_bytes(label));
  if (!digest) return tl::unexpected(refusal_of(digest.error(), SGX_QL_ERROR_UNEXPECTED));
  return cache / "kept" / digest->hex();
}

}  // namespace

Answer<void> read_kept(std::uint8_t* buffer, std::uint32_t* size, const char* label) {
  if (size == nullptr) return invalid("the pointer for the size is NULL");
  const auto file = file_of(label);
  if (!file) return tl::unexpected(file.error());
  const auto content = base::read_file(*file, kMaxKept);
  if (!content) return not_kept(content.error().summary());
  const auto room = load<std::uint32_t>(size);
  store(size, static_cast<std::uint32_t>(content->size()));
  if (buffer == nullptr) return {};
  if (room < content->size()) {
    return invalid(text("room for ", room, " bytes, ", content->size(), " are kept"));
  }
  if (!content->empty()) std::memcpy(buffer, content->data(), content->size());
  return {};
}

Answer<void> write_kept(const std::uint8_t* buffer, std::uint32_t size, const char* label) {
  if (buffer == nullptr || size == 0 || size > kMaxKept) {
    return invalid(text("there are ", size, " bytes to keep, expected 1 to ", kMaxKept));
  }
  const auto file = file_of(label);
  if (!file) return tl::unexpected(file.error());
  // What is there already is as good; what cannot be made shows when it is written to.
  if (const auto state = State::current()) (*state)->make_cache_directory();
  ::mkdir(file->parent_path().c_str(), 0700);
  const auto written =
      base::write_file(*file, {reinterpret_cast<const std::byte*>(buffer), size}, 0600, true);
  if (!written) return not_kept(written.error().summary());
  return {};
}

Answer<void> clear_cache(std::uint32_t kinds) {
  const auto state = State::current();
  if (!state) return tl::unexpected(state.error());
  certification::ServiceObserver silent;
  certification::Store store((*state)->cache_directory(), silent);
  for (const std::string& key : store.keys()) {
    const auto request = certification::parse_cache_key(key);
    const bool certificate = request && std::holds_alternative<certification::PckRequest>(*request);
    if ((kinds & (certificate ? kCertificates : kCollateral)) != 0) store.remove(key);
  }
  // What stays is read from the disk again.
  State::forget();
  return {};
}

}  // namespace quoted::quoteprov
