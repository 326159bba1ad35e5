// The device nodes by which SGX shows on a machine (quote-generation 10.5).
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

namespace quoted::inproc {

struct Devices {
  // In the order in which Intel's loader opens them; without /dev/isgx, whose driver cannot launch
  // what quotes ECDSA.
  std::vector<std::filesystem::path> enclave{"/dev/sgx/enclave", "/dev/sgx_enclave", "/dev/sgx"};
  std::vector<std::filesystem::path> provision{"/dev/sgx/provision", "/dev/sgx_provision",
                                               "/dev/sgx_prv"};
};

// The first that is a device; others of the names may be directories.
[[nodiscard]] std::optional<std::filesystem::path> first_device(
    const std::vector<std::filesystem::path>& paths);

// Why this process may not use the provisioning key, or nothing when it may, as far as the node
// tells.
[[nodiscard]] std::optional<std::string> provisioning_obstacle(const Devices& devices);

}  // namespace quoted::inproc
