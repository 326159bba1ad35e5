// quoted-pcs as an operator starts it, on ports of its own, and the drills that move its world.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/testing/raw_client.h"
#include "test_support/subprocess.h"
#include "test_support/temp_dir.h"

namespace quoted::pcs {

using http::testing::Answer;
using http::testing::RawClient;
using http::testing::request_text;

class PcsProcess {
 public:
  // Throws when it does not serve.
  explicit PcsProcess(const std::filesystem::path& state_dir,
                      const std::vector<std::string>& more = {})
      : process_(command(state_dir, more)) {
    const auto ready = [&] { return !process_.running() || !process_.out().empty(); };
    if (!test::Process::eventually(ready, std::chrono::seconds(60)) || !process_.running()) {
      throw std::runtime_error("quoted-pcs does not serve; it said: " + process_.err());
    }
  }

  [[nodiscard]] test::Process& process() { return process_; }
  [[nodiscard]] Answer pcs(const std::string& target) const { return get(" pcs http://", target); }
  [[nodiscard]] Answer pccs(const std::string& target) const {
    return get(" pccs http://", target);
  }
  [[nodiscard]] RawClient connect(std::string_view which) const {
    const std::string out = process_.out();
    const std::size_t begin = out.find(which) + which.size();
    return RawClient(
        http::parse_endpoint(out.substr(begin, out.find_first_of(",\n", begin) - begin)).value());
  }

 private:
  [[nodiscard]] Answer get(std::string_view which, const std::string& target) const {
    return connect(which).ask(request_text("GET", target));
  }
  static std::vector<std::string> command(const std::filesystem::path& state_dir,
                                          const std::vector<std::string>& more) {
    std::vector<std::string> out = {
        QUOTED_PCS_BINARY, "--state-dir", state_dir, "--listen", "0", "--listen-pccs", "0"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  test::Process process_;
};

// `quotectl sim ...` on the world of a state directory.
inline test::ProcessResult sim(const std::filesystem::path& world,
                               const std::vector<std::string>& words) {
  std::vector<std::string> argv = {QUOTECTL_BINARY, "sim"};
  argv.insert(argv.end(), words.begin(), words.end());
  return test::run(argv, {{"QUOTED_PCS_STATE_DIR", world.string()}});
}

}  // namespace quoted::pcs
