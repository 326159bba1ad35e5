#include "quoted_inproc/devices.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"

namespace quoted::inproc {

std::optional<std::filesystem::path> first_device(const std::vector<std::filesystem::path>& paths) {
  const auto found = std::ranges::find_if(paths, [](const std::filesystem::path& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && S_ISCHR(status.st_mode);
  });
  return found == paths.end() ? std::nullopt : std::optional(*found);
}

std::optional<std::string> provisioning_obstacle(const Devices& devices) {
  const auto node = first_device(devices.provision);
  if (!node) {
    std::string names;
    for (const std::filesystem::path& path : devices.provision) {
      names += names.empty() ? path.native() : ", " + path.native();
    }
    return base::text("there is no provisioning device (", names, ')');
  }
  if (::access(node->c_str(), R_OK) == 0) return std::nullopt;
  return base::text("user ", ::geteuid(), " may not open the provisioning device ", node->native());
}

}  // namespace quoted::inproc
