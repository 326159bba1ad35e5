// A whole simulated world in a directory of its own: the manufacturer behind its service, a node
// whose daemon is certified by it, and an application that quotes without end.
#pragma once

#include <gmock/gmock.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "aesm/client.h"
#include "base/file.h"
#include "simulation/cpu/published_cpu.h"
#include "simulation/testing/samples.h"
#include "test_support/subprocess.h"
#include "test_support/temp_dir.h"

namespace quoted::e2e {

using namespace std::chrono_literals;

// Without the settings of whoever runs the tests.
inline const test::Environment kEnvironment = {
    {"QUOTED_SOCKET", ""}, {"QCNL_CONF_PATH", ""}, {"http_proxy", ""},
    {"https_proxy", ""},   {"all_proxy", ""},      {"AZDCAP_BASE_CERT_URL", ""},
    {"HTTPS_PROXY", ""},   {"ALL_PROXY", ""},      {"QUOTED_PCS_STATE_DIR", ""}};

// quoted-pcs: the simulated manufacturer, or a cache.
class Manufacturer {
 public:
  explicit Manufacturer(const std::filesystem::path& world, const std::string& pcs = "0",
                        const std::string& pccs = "0", const std::vector<std::string>& more = {})
      : world_(world), process_(command(world_, pcs, pccs, more), kEnvironment) {
    test::Process::eventually(
        [&] { return process_.out().find("ready") != std::string::npos || !process_.running(); },
        60s);
    if (!process_.running()) throw std::runtime_error("quoted-pcs ended: " + process_.err());
  }

  [[nodiscard]] std::string world() const { return world_; }
  [[nodiscard]] std::string pcs_port() const { return port("pcs"); }
  [[nodiscard]] std::string pccs_port() const { return port("pccs"); }
  [[nodiscard]] std::string pcs() const { return base(pcs_port()); }
  [[nodiscard]] std::string pccs() const { return base(pccs_port()); }
  [[nodiscard]] test::Process& process() { return process_; }

 private:
  [[nodiscard]] std::string port(const std::string& dialect) const {
    std::smatch found;
    const std::string out = process_.out();
    if (!std::regex_search(out, found, std::regex(" " + dialect + " http://127.0.0.1:(\\d+)"))) {
      throw std::runtime_error("quoted-pcs names no port: " + out);
    }
    return found[1];
  }
  [[nodiscard]] static std::string base(const std::string& port) {
    return "http://127.0.0.1:" + port + "/sgx/certification/v4/";
  }

  [[nodiscard]] static std::vector<std::string> command(const std::string& world,
                                                        const std::string& pcs,
                                                        const std::string& pccs,
                                                        const std::vector<std::string>& more) {
    std::vector<std::string> out = {QUOTED_PCS_BINARY,  "--state-dir",      world,
                                    "--listen",         "127.0.0.1:" + pcs, "--listen-pccs",
                                    "127.0.0.1:" + pccs};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  std::string world_;
  test::Process process_;
};

// One node's daemon.
class Node {
 public:
  Node(const std::filesystem::path& directory, const std::vector<std::string>& more)
      : directory_(directory), process_(command(directory, more), kEnvironment) {}

  // Waits for the line that says that it serves.
  [[nodiscard]] bool serves() {
    test::Process::eventually(
        [&] { return process_.out().find("serving") != std::string::npos || !process_.running(); },
        60s);
    return process_.out().find("serving") != std::string::npos;
  }

  [[nodiscard]] std::string socket() const { return directory_ / "aesm.socket"; }
  [[nodiscard]] std::string state_dir() const { return directory_ / "state"; }
  [[nodiscard]] test::Process& process() { return process_; }

  // What it says of its certification in the file beside its socket.
  [[nodiscard]] nlohmann::json certification() const {
    const auto content = base::read_file(directory_ / "quoted.json", 1 << 20);
    if (!content) return {};
    return nlohmann::json::parse(base::as_text(*content))["certification"];
  }
  [[nodiscard]] bool becomes(const std::string& state) const {
    return test::Process::eventually(
        [&] {
          const auto now = certification();
          return now.is_object() && now["state"] == state;
        },
        60s);
  }

 private:
  static std::vector<std::string> command(const std::filesystem::path& directory,
                                          const std::vector<std::string>& more) {
    std::filesystem::create_directories(directory);
    std::vector<std::string> out = {
        QUOTED_BINARY, "--platform",       "simulated", "--socket", directory / "aesm.socket",
        "--state-dir", directory / "state"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  std::filesystem::path directory_;
  test::Process process_;
};

// The four calls of an application, without any retry. Each failure is one that a user would see.
class Application {
 public:
  explicit Application(std::filesystem::path socket)
      : socket_(std::move(socket)), thread_([this] { run(); }) {}
  ~Application() { stop(); }

  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] std::size_t quotes() const { return quotes_; }
  [[nodiscard]] bool quotes_more(std::size_t than) const {
    return test::Process::eventually([&] { return quotes_ > than; }, 60s);
  }
  // To be asked after stop().
  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }

  [[nodiscard]] static base::Result<base::Bytes> quote(const std::filesystem::path& socket) {
    const aesm::Client client(socket);
    QUOTED_TRY(const aesm::InitializedQuote initialized, client.init_quote());
    QUOTED_TRY(const base::Bytes published,
               base::read_file(socket.parent_path() / "simulated-cpu", 1 << 16));
    QUOTED_TRY(const simulation::PlatformCpu cpu, simulation::parse_published_cpu(published));
    QUOTED_TRY(const sgx::Report report,
               cpu.ereport(simulation::test::app_enclave(), initialized.target_info, {}));
    QUOTED_TRY(const std::uint32_t size, client.quote_size());
    QUOTED_TRY(aesm::QuoteAnswer answer, client.quote(report, size));
    return std::move(answer.quote);
  }

 private:
  void run() {
    while (!stop_) {
      if (const auto made = quote(socket_)) {
        ++quotes_;
      } else {
        errors_.push_back(made.error().summary());
      }
      std::this_thread::sleep_for(1ms);
    }
  }

  std::filesystem::path socket_;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> quotes_{0};
  std::vector<std::string> errors_;
  std::thread thread_;
};

[[nodiscard]] inline test::ProcessResult quotectl(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {QUOTECTL_BINARY};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return test::run(command, kEnvironment);
}

}  // namespace quoted::e2e
