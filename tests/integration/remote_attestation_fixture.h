// The programs of samples/remote-attestation as people run them, against a real daemon on the
// simulated platform; and peers that a test plays itself.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <fstream>
#include <memory>

#include "common/channel.h"
#include "common/messages.h"
#include "service_fixture.h"

namespace quoted::sample {

using namespace std::chrono_literals;

inline constexpr int kSuccess = 0;
inline constexpr int kRefused = 2;
inline constexpr int kError = 3;

// Nothing on a busy machine takes this long, and nothing that a test waits for in vain ends it.
inline constexpr Milliseconds kPatience = 60s;

inline constexpr const char* kSecret = "the tide is out";

using Arguments = std::vector<std::string>;

inline std::string digits(const std::string& pair) {
  std::string out;
  for (int i = 0; i < 32; ++i) out += pair;
  return out;
}

// A daemon with a world of its own, and the root certificate of that world.
class World {
 public:
  // 64 hexadecimal digits; without, the development seed.
  explicit World(const std::string& seed = "") {
    Arguments seed_file;
    if (!seed.empty()) {
      std::ofstream(directory_ / "seed") << seed;
      std::filesystem::permissions(directory_ / "seed", std::filesystem::perms::owner_read);
      seed_file = {"--seed-file", directory_ / "seed"};
    }
    daemon_ = std::make_unique<service::Daemon>(joined(
        {"--platform", "simulated", "--socket", socket(), "--state-dir", directory_ / "state"},
        seed_file));
    if (!daemon_->serves()) {
      throw std::runtime_error("the daemon does not serve; it said: " + daemon_->process().err());
    }
    const auto made =
        test::run(joined({QUOTECTL_BINARY, "sim", "root", "--out", root()}, seed_file));
    if (made.exit_code != 0) throw std::runtime_error("no root certificate: " + made.err);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { daemon_->process().terminate(); }

  [[nodiscard]] std::string socket() const { return directory_ / "aesm.socket"; }
  [[nodiscard]] std::string root() const { return directory_ / "root.pem"; }
  [[nodiscard]] std::string simulated_cpu() const { return directory_ / "simulated-cpu"; }

  static Arguments joined(Arguments first, const Arguments& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
  }

 private:
  test::TempDir directory_;
  std::unique_ptr<service::Daemon> daemon_;
};

class RemoteAttestationTest : public testing::Test {
 protected:
  // One for all tests of the program that do not need another.
  static World& world() {
    static World shared;
    return shared;
  }

  [[nodiscard]] std::string meeting_point() const { return directory_ / "rp.socket"; }

  // Expects the enclave that the attester has by default.
  [[nodiscard]] Arguments relying_party_command(const Arguments& more = {}) const {
    return World::joined({RELYING_PARTY_BINARY, "--listen", meeting_point(), "--secret", kSecret},
                         more);
  }
  [[nodiscard]] Arguments trusting_command(const Arguments& more = {}) const {
    return relying_party_command(
        World::joined({"--root", world().root(), "--mrenclave", digits("11")}, more));
  }

  [[nodiscard]] Arguments attester_command(const Arguments& more = {}) const {
    return World::joined({ATTESTER_BINARY, "--connect", meeting_point()}, more);
  }
  // Without the settings of whoever runs the tests.
  [[nodiscard]] static test::Environment environment(const std::string& daemon_socket) {
    return {{"QUOTED_SOCKET", daemon_socket},
            {"QUOTED_DEBUG", ""},
            {"QUOTED_RETRY", ""},
            {"QUOTED_TIMEOUT_MS", ""}};
  }
  [[nodiscard]] test::ProcessResult run_attester(const Arguments& more = {}) const {
    return test::run(attester_command(more), environment(world().socket()));
  }

  // What a program that has been waited for has left.
  static test::ProcessResult finish(test::Process& process) {
    const int exit_code = process.wait(kPatience);
    return {exit_code, process.out(), process.err()};
  }

  test::TempDir directory_;
};

MATCHER_P2(Ended, exit_code, part, "") {
  *result_listener << "exit code " << arg.exit_code << ", output: " << arg.out
                   << ", errors: " << arg.err;
  return arg.exit_code == exit_code && (arg.out + arg.err).find(part) != std::string::npos;
}

template <class Case>
std::string case_name(const testing::TestParamInfo<Case>& parameter) {
  return parameter.param.name;
}

}  // namespace quoted::sample
