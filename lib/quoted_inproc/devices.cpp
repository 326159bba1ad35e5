#include "quoted_inproc/devices.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/text.h"
#include "base/unique_fd.h"

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
  // Opened, because a container's device list refuses what mode and owner would allow.
  const base::UniqueFd device(::open(node->c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (device.valid()) return std::nullopt;
  return base::text("user ", ::geteuid(), " cannot open the provisioning device ", node->native(),
                    ": ", std::generic_category().message(errno));
}

}  // namespace quoted::inproc
