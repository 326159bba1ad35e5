// What the tests of libsgx_dcap_ql share: a directory in which the loader finds the libraries that
// a test puts there, and no others, and the C program that quotes with them.
#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "test_support/subprocess.h"
#include "test_support/temp_dir.h"

namespace quoted::test {

inline constexpr const char* kDcapQl = "libsgx_dcap_ql.so.1";
inline constexpr const char* kQuoteEx = "libsgx_quote_ex.so.1";
inline constexpr const char* kInproc = "libquoted_inproc.so.1";

using Commands = std::vector<std::string>;
using Lines = std::vector<std::string>;

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    std::filesystem::create_directory(libraries_);
    install(kDcapQl, DCAP_QL_LIBRARY);
    environment_ = {
        {"LD_LIBRARY_PATH", libraries_}, {"SGX_AESM_ADDR", ""},      {"QUOTED_DEBUG", ""},
        {"QUOTED_PLATFORM", ""},         {"QUOTED_SOCKET", socket_}, {"QUOTED_RETRY", "off"},
        {"QUOTED_TIMEOUT_MS", ""}};
  }

  // Whatever it says, every report has this size.
  static void write_report(const std::filesystem::path& path) {
    std::ofstream(path) << std::string(432, '\x5E');
  }
  void install(const char* name, const std::string& file) const {
    std::filesystem::create_symlink(file, libraries_ / name);
  }
  void ask_the_service() { environment_["SGX_AESM_ADDR"] = "1"; }
  void set(const std::string& name, const std::string& value) { environment_[name] = value; }

  // Its lines, each without the line end.
  [[nodiscard]] Lines execute(const Commands& commands, Commands program = {DCAP_CLIENT}) {
    program.insert(program.end(), commands.begin(), commands.end());
    const ProcessResult result = run(program, environment_, std::chrono::seconds(300));
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    err_ = result.err;
    Lines out;
    std::istringstream in(result.out);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }

  TempDir directory_;
  std::filesystem::path libraries_ = directory_ / "lib";
  std::filesystem::path socket_ = directory_ / "aesm.socket";
  Environment environment_;
  std::string err_;  // what it wrote to standard error
};

}  // namespace quoted::test
