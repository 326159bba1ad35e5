// quotectl as people and scripts run it: the real program, in a directory of its own, against a
// real daemon on the simulated platform.
#pragma once

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "aesm/client.h"
#include "base/file.h"
#include "test_support/subprocess.h"
#include "test_support/temp_dir.h"

namespace quoted::quotectl {

inline constexpr int kVerified = 0;
inline constexpr int kVerifiedWithWarnings = 1;
inline constexpr int kRefused = 2;
inline constexpr int kError = 3;

inline constexpr const char* kSimulated = "SIMULATED-NO-SECURITY";

// A daemon of its own world, ready to quote.
class Daemon {
 public:
  explicit Daemon(const std::vector<std::string>& more = {}) : process_(command(more)) {
    const aesm::Client client(socket());
    const auto ready = [&] { return !process_.running() || client.init_quote().has_value(); };
    if (!test::Process::eventually(ready, std::chrono::seconds(60)) || !process_.running()) {
      throw std::runtime_error("the daemon is not ready; it said: " + process_.err());
    }
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon() { process_.terminate(); }

  [[nodiscard]] std::string socket() const { return directory_ / "aesm.socket"; }
  [[nodiscard]] std::string state_dir() const { return directory_ / "state"; }

 private:
  [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& more) const {
    std::vector<std::string> out = {QUOTED_BINARY, "--platform",  "simulated", "--socket",
                                    socket(),      "--state-dir", state_dir()};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  test::TempDir directory_;
  test::Process process_;
};

class QuotectlTest : public testing::Test {
 protected:
  // One for all tests of the program that do not need another.
  static Daemon& daemon() {
    static Daemon shared;
    return shared;
  }

  // Without the settings of whoever runs the tests.
  [[nodiscard]] test::Environment environment() const {
    return {{"QUOTED_SOCKET", ""}, {"HOME", directory_.path()}};
  }

  [[nodiscard]] test::ProcessResult quotectl(const std::vector<std::string>& arguments) const {
    return quotectl(arguments, environment());
  }
  [[nodiscard]] static test::ProcessResult quotectl(const std::vector<std::string>& arguments,
                                                    const test::Environment& environment) {
    std::vector<std::string> command = {QUOTECTL_BINARY};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::run(command, environment);
  }

  [[nodiscard]] std::string file(const std::string& name) const { return directory_ / name; }

  [[nodiscard]] static base::Bytes read(const std::string& path) {
    return base::read_file(path, std::size_t{1} << 20U).value();
  }
  std::string write(const std::string& name, base::ByteView content) const {
    EXPECT_TRUE(base::write_file(file(name), content, 0644));
    return file(name);
  }

  // A REPORT for the shared daemon, and its quote; `more` are flags of `quotectl report`.
  std::string make_report(const std::string& name, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"report", "--socket", daemon().socket(), "--out", file(name)});
    const auto result = quotectl(more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return file(name);
  }
  std::string make_quote(const std::string& name, const std::vector<std::string>& more = {}) const {
    const std::string report = make_report(name + ".report", more);
    const auto result =
        quotectl({"quote", report, "--socket", daemon().socket(), "--out", file(name)});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return file(name);
  }
  // The root of the shared daemon's world.
  std::string make_root(const std::string& name) const {
    EXPECT_EQ(quotectl({"sim", "root", "--out", file(name)}).exit_code, 0);
    return file(name);
  }

  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      out.push_back(entry.path().filename());
    }
    std::ranges::sort(out);
    return out;
  }

  test::TempDir directory_;
};

// What every failure looks like: exit code 3, nothing that a script could take for a value, and a
// sentence with its cause, remedy and code.
MATCHER_P(IsErrorSaying, part, "") {
  *result_listener << "exit code " << arg.exit_code << ", output: " << arg.out
                   << ", errors: " << arg.err;
  const std::string& err = arg.err;
  return arg.exit_code == kError && arg.out.empty() && err.starts_with("quotectl: ") &&
         err.find(part) < err.find("\n  cause:  ") &&
         err.find("\n  remedy: ") != std::string::npos &&
         err.find("\n  code:   QD") != std::string::npos;
}

}  // namespace quoted::quotectl
