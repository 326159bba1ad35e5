// The world as the file world.json in the state directory of quoted-pcs. People may edit it.
//
// Versions are major.minor. A newer minor version only adds members; this program reads the ones it
// knows and writes the others back as they were, so that a program that was rolled back destroys
// nothing. A newer major version is refused.
#pragma once

#include <filesystem>
#include <functional>

#include "simulation/authority/world.h"

namespace quoted::simulation {

// ConfigurationInvalid for a newer major version; Malformed, naming the field, for what is damaged.
[[nodiscard]] base::Result<World> parse_world(std::string_view json);
[[nodiscard]] std::string format_world(const World& world);

class WorldFile {
 public:
  // Two that are equal were the same file with the same content.
  struct Stamp {
    std::int64_t changed = 0;  // nanoseconds
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  // `directory` is the state directory of quoted-pcs.
  explicit WorldFile(const std::filesystem::path& directory);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  // Writes `fresh` unless there is a file already, whatever is in it.
  [[nodiscard]] base::Status create_if_missing(const World& fresh) const;

  // FileUnreadable when there is none, and the errors of parse_world.
  [[nodiscard]] base::Result<World> load() const;

  // Reads, changes and writes while no other program does so. A change that fails, or leaves the
  // world as it was, writes nothing. Gives the world as it is now, and in `stamp`, unless null, the
  // file's with exactly this content.
  [[nodiscard]] base::Result<World> update(const std::function<base::Status(World& world)>& change,
                                           std::optional<Stamp>* stamp = nullptr) const;

  // Nothing when there is no file.
  [[nodiscard]] std::optional<Stamp> stamp() const;

 private:
  std::filesystem::path path_;
  std::filesystem::path lock_path_;
};

}  // namespace quoted::simulation
