#include "quoted_inproc/path_check.h"

#include <sys/stat.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "base/text.h"

namespace quoted::inproc {

using base::text;
using drop_in::invalid;

Answer<ChosenPath> check_path(std::uint32_t type, const char* path) {
  constexpr auto kLastType = static_cast<std::uint32_t>(PathType::kIde);
  constexpr std::size_t kLongest = 259;
  if (type > kLastType) return invalid(text("there is no path type ", type));
  if (path == nullptr) return invalid("the path is NULL");
  const std::string_view name(path);
  if (name.size() > kLongest) {
    return invalid(text("a path of ", name.size(), " characters, at most are taken ", kLongest));
  }
  struct stat status{};
  if (::stat(path, &status) != 0) {
    return invalid(text(name, ": ", std::generic_category().message(errno)));
  }
  if (S_ISDIR(status.st_mode)) return invalid(text(name, " is a directory"));
  return ChosenPath{static_cast<PathType>(type), name};
}

}  // namespace quoted::inproc
