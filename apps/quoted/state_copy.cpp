#include "quoted/state_copy.h"

#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace quoted::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using base::text;

constexpr std::size_t kMaxFiles = 10'000;
constexpr std::uintmax_t kMaxSize = std::uintmax_t{256} * 1024 * 1024;

tl::unexpected<base::Error> unusable(const fs::path& path, std::string_view why) {
  return fail(ErrorCode::kStateDirectoryUnusable,
              text("cannot copy the state in ", path.native(), ": ", why));
}

class Copier {
 public:
  Copier(const fs::path& from, const fs::path& to) : from_(from), to_(to) {}

  base::Status run() {
    std::error_code error;
    fs::create_directory(to_, error);
    if (error) return unusable(to_, error.message());
    std::vector<fs::path> waiting = {from_};
    while (!waiting.empty()) {
      const fs::path directory = std::move(waiting.back());
      waiting.pop_back();
      QUOTED_CHECK(copy_directory(directory, waiting));
    }
    return {};
  }

 private:
  // One that vanishes is passed over, and one that cannot be read: the daemon could not either, as
  // lost+found of a file system of its own.
  base::Status copy_directory(const fs::path& directory, std::vector<fs::path>& waiting) {
    std::error_code error;
    auto entry = fs::directory_iterator(directory, error);
    if (error == std::errc::permission_denied && directory != from_) return {};
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      if (++files_ > kMaxFiles) {
        return unusable(from_, text("it has more than ", kMaxFiles, " files"));
      }
      QUOTED_CHECK(copy(*entry, waiting));
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      return unusable(directory, error.message());
    }
    return {};
  }

  base::Status copy(const fs::directory_entry& entry, std::vector<fs::path>& waiting) {
    const fs::path target = to_ / entry.path().lexically_relative(from_);
    std::error_code error;
    const fs::file_type type = entry.symlink_status(error).type();
    if (type == fs::file_type::directory) {
      fs::create_directory(target, error);
      waiting.push_back(entry.path());
    } else if (type == fs::file_type::regular) {
      const std::uintmax_t size = fs::file_size(entry.path(), error);
      if (!error) {
        size_ += size;
        if (size_ > kMaxSize) return unusable(from_, text("it has more than ", kMaxSize, " bytes"));
        fs::copy_file(entry.path(), target, error);
      }
    }
    // The daemon that works there replaces files while they are copied.
    if (error && error != std::errc::no_such_file_or_directory) {
      return unusable(entry.path(), error.message());
    }
    return {};
  }

  const fs::path& from_;
  const fs::path& to_;
  std::size_t files_ = 0;
  std::uintmax_t size_ = 0;
};

}  // namespace

base::Status copy_state(const fs::path& from, const fs::path& to) {
  std::error_code error;
  const fs::file_status status = fs::status(from, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (!fs::is_directory(status)) return unusable(from, "it is not a directory");
  if (::access(from.c_str(), R_OK | W_OK | X_OK) != 0) {
    return unusable(from, base::errno_text(errno));
  }
  return Copier(from, to).run();
}

}  // namespace quoted::app
