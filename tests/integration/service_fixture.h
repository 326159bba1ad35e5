// The real daemon as an init system or a person starts it, in a directory of its own.
#pragma once

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <vector>

#include "aesm/client.h"
#include "base/text.h"
#include "test_support/subprocess.h"
#include "test_support/temp_dir.h"

namespace quoted::service {

using namespace std::chrono_literals;

inline constexpr int kStopped = 0;
inline constexpr int kStartFailure = 3;

class Daemon {
 public:
  explicit Daemon(const std::vector<std::string>& arguments,
                  const test::Environment& environment = {{"QUOTED_SOCKET", ""}})
      : process_(command(arguments), environment) {}

  // Waits for the line that says that it serves; false when the daemon ends before.
  [[nodiscard]] bool serves() {
    test::Process::eventually([this] { return !process_.running() || said("serving"); }, 60s);
    return said("serving");
  }

  // Waits until so many lines of the log contain `part`, and gives the last of them.
  [[nodiscard]] std::string logged(const std::string& part, std::size_t count = 1) {
    std::vector<std::string> found;
    test::Process::eventually(
        [&] {
          found = lines_with(part);
          return found.size() >= count || !process_.running();
        },
        60s);
    return found.size() >= count ? found[count - 1] : "";
  }

  // The front process in the n-th line that names one.
  [[nodiscard]] pid_t front_pid(std::size_t n = 1) {
    const std::string line = logged("\"event\":\"serving\"", n);
    const std::size_t at = line.find("\"front_pid\":");
    return at == std::string::npos ? 0 : std::stoi(line.substr(at + 12));
  }

  [[nodiscard]] test::Process& process() { return process_; }

 private:
  static std::vector<std::string> command(const std::vector<std::string>& arguments) {
    std::vector<std::string> out = {QUOTED_BINARY};
    out.insert(out.end(), arguments.begin(), arguments.end());
    return out;
  }

  [[nodiscard]] bool said(const std::string& part) const {
    return process_.out().find(part) != std::string::npos;
  }

  [[nodiscard]] std::vector<std::string> lines_with(const std::string& part) const {
    std::vector<std::string> out;
    std::istringstream log(process_.err());
    for (std::string line; std::getline(log, line);) {
      if (line.find(part) != std::string::npos) out.push_back(line);
    }
    return out;
  }

  test::Process process_;
};

class ServiceTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> arguments(std::vector<std::string> more = {}) const {
    std::vector<std::string> out = {"--platform", "simulated",      "--socket",
                                    socket_,      "--state-dir", dir_ / "state"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  [[nodiscard]] aesm::Client client() const { return aesm::Client(socket_); }

  [[nodiscard]] static mode_t mode_of(const std::filesystem::path& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
  }
  [[nodiscard]] static ino_t inode_of(const std::filesystem::path& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 ? info.st_ino : 0;
  }

  std::filesystem::path write(const std::string& name, const std::string& content,
                              mode_t mode = 0600) const {
    std::ofstream(dir_ / name) << content;
    ::chmod((dir_ / name).c_str(), mode);
    return dir_ / name;
  }

  test::TempDir dir_;
  std::filesystem::path socket_ = dir_ / "aesm.socket";
  std::filesystem::path published_cpu_ = dir_ / "simulated-cpu";
};

}  // namespace quoted::service
