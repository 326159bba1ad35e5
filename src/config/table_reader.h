// Typed access to one table of a document. What is not as it should be becomes a mistake with its
// place, and reading goes on; a key that nobody asked for is one too.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fixed_bytes.h"
#include "config/value.h"

namespace quoted::config {

// A string with the place where it stands.
struct Located {
  std::string text;
  Place place;
};

// Keys must outlive the reader: they are literals. An absent key gives nothing and no mistake, one
// with a mistake gives nothing.
class TableReader {
 public:
  // `path` is what messages call the table: "platform", "enclave[0]"; empty for the top level.
  TableReader(const Table& table, Place place, std::string path, Mistakes& mistakes)
      : table_(&table), place_(place), path_(std::move(path)), mistakes_(&mistakes) {}

  [[nodiscard]] Place place() const { return place_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  // The key stands there, whatever its value.
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  [[nodiscard]] Place place_of(std::string_view key) const;
  // "platform.tcb_status"
  [[nodiscard]] std::string name_of(std::string_view key) const;

  [[nodiscard]] std::optional<std::string> string(std::string_view key, std::size_t max_size);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key, std::int64_t min,
                                                    std::int64_t max);
  [[nodiscard]] std::optional<bool> boolean(std::string_view key);
  // "30d", longer than nothing.
  [[nodiscard]] std::optional<std::chrono::seconds> duration(std::string_view key);
  // 2025-07-04, midnight UTC, or a full RFC 3339 time; also as a string.
  [[nodiscard]] std::optional<base::UnixTime> date(std::string_view key);
  // A bit field of 64 bits: 0x07, or "0x0000000000000007" for those beyond a TOML integer.
  [[nodiscard]] std::optional<std::uint64_t> bits(std::string_view key);
  // Hexadecimal digits of `min` to `max` bytes.
  [[nodiscard]] std::optional<base::Bytes> bytes(std::string_view key, std::size_t min,
                                                 std::size_t max);
  // A list of strings without duplicates; one string stands for a list of one.
  [[nodiscard]] std::optional<std::vector<Located>> strings(std::string_view key);

  template <class T>
  [[nodiscard]] std::optional<T> fixed(std::string_view key) {
    const auto raw = bytes(key, T::kSize, T::kSize);
    return raw ? std::optional<T>(T::parse(*raw).value()) : std::nullopt;
  }
  // One value, or a list of several.
  template <class T>
  [[nodiscard]] std::vector<T> fixed_list(std::string_view key) {
    std::vector<T> out;
    for (const base::Bytes& raw : bytes_list(key, T::kSize)) out.push_back(T::parse(raw).value());
    return out;
  }

  [[nodiscard]] std::optional<TableReader> table(std::string_view key);
  // [[key]], as often as it stands there.
  [[nodiscard]] std::vector<TableReader> tables(std::string_view key);

  // At the key, or at the table when the key is absent. The message follows the key's name:
  // "enclave[0].mr_signer: ...".
  void mistake(std::string_view key, std::string_view message);
  void mistake(std::string_view key, Place place, std::string_view message);

  // To be called when all keys have been asked for.
  void finish();

 private:
  [[nodiscard]] const Member* find(std::string_view key) const;
  const Value* ask(std::string_view key);
  template <class T>
  const T* typed(std::string_view key, std::string_view expected);
  void wrong_kind(std::string_view key, const Value& value, std::string_view expected);
  std::optional<base::Bytes> unhex(std::string_view key, const Located& digits, std::size_t min,
                                   std::size_t max);
  std::vector<base::Bytes> bytes_list(std::string_view key, std::size_t size);

  const Table* table_;
  Place place_;
  std::string path_;
  Mistakes* mistakes_;
  std::vector<std::string_view> asked_;
};

}  // namespace quoted::config
