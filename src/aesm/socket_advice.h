// What a person can do when the service cannot be reached: the error says what failed, this looks
// at the path to say why and what to change. For messages only; by the time it is read, things may
// have changed again.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace quoted::aesm {

// One sentence, or several joined by "; ", without a full stop. Falls back on the error's remedy.
// `proc` is where the kernel tells about mounts and sockets.
[[nodiscard]] std::string socket_advice(const std::filesystem::path& socket,
                                        const base::Error& error,
                                        const std::filesystem::path& proc = "/proc");

// Whether `mountinfo`, the text of /proc/self/mountinfo, names `path` itself as a mount point.
[[nodiscard]] bool is_mount_point(std::string_view mountinfo, std::string_view path);

// Whether `sockets`, the text of /proc/net/unix, has the name that old daemons listened on
// (aesm-protocol 1.6).
[[nodiscard]] bool has_abstract_name(std::string_view sockets);

}  // namespace quoted::aesm
