// The service of a fresh world in a directory, with a clock that stands, asked without a network.
// For tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "http/target.h"
#include "simulation/authority/drills.h"
#include "simulation/authority/platform_level.h"
#include "simulation/authority/ppid_key.h"
#include "simulation/authority/world_file.h"
#include "simulation/pcs_server/pcs_service.h"
#include "simulation/testing/authority_fixture.h"

namespace quoted::simulation::test {

class StandingClock final : public base::Clock {
 public:
  [[nodiscard]] base::UnixTime now() const override { return time; }
  base::UnixTime time = kNow;
};

inline constexpr std::string_view kV4 = "/sgx/certification/v4/";
inline constexpr std::string_view kV3 = "/sgx/certification/v3/";
inline constexpr std::string_view kTcbPath = "/sgx/certification/v4/tcb?fmspc=FF53494D0000";

class ServiceTest : public ::testing::Test {
 protected:
  using Json = nlohmann::ordered_json;

  ServiceTest() { restart(); }

  void restart(PcsServiceOptions options = {}) {
    service_.reset();
    options.state_dir = dir_.path();
    options.notice = [this](const std::string& message) { notices_.push_back(message); };
    options.sleep = [this](std::chrono::seconds time) { slept_ += time; };
    service_ = PcsService::create(MasterSeed::development(), std::move(options), clock_).value();
  }

  // "/path?query" as the server hands it over.
  [[nodiscard]] http::Response ask(Dialect dialect, const std::string& target,
                                   const std::string& method = "GET", std::string_view body = "",
                                   http::Headers headers = {}) {
    auto parsed = http::parse_target(target).value();
    return service_->handle(dialect, {.method = method,
                                      .path = std::move(parsed.path),
                                      .query = std::move(parsed.query),
                                      .headers = std::move(headers),
                                      .body = base::to_bytes(base::as_bytes(body))});
  }
  [[nodiscard]] http::Response pcs(const std::string& target) { return ask(Dialect::kPcs, target); }
  [[nodiscard]] http::Response pccs(const std::string& target) {
    return ask(Dialect::kPccs, target);
  }
  [[nodiscard]] http::Response post(Dialect dialect, const std::string& target, const Json& body) {
    return ask(dialect, target, "POST", body.dump());
  }

  static std::string header(const http::Response& response, std::string_view name) {
    return std::string(http::find_header(response.headers, name).value_or(""));
  }

  // The world moved by another program.
  void move(const std::function<void(World&)>& change) {
    ASSERT_TRUE(WorldFile(dir_.path()).update([&](World& world) -> base::Status {
      change(world);
      return {};
    }));
  }
  void fail_endpoint(ServiceEndpoint endpoint, FaultKind kind,
                     std::optional<std::uint32_t> count = {}) {
    move([&](World& world) { set_fault(world, {endpoint, kind, count, 7}); });
  }
  [[nodiscard]] World world() const { return WorldFile(dir_.path()).load().value(); }

  [[nodiscard]] static PlatformModel model(std::string name = "node-1",
                                           PckCa ca = PckCa::kPlatform) {
    PlatformModel out = default_platform_model();
    out.name = std::move(name);
    out.pck_ca = ca;
    return out;
  }
  [[nodiscard]] static base::Bytes manifest(const PlatformModel& of = model()) {
    return serialize_platform_manifest(MasterSeed::development(), of).value();
  }
  void register_node(const PlatformModel& of = model()) {
    const base::Bytes content = manifest(of);
    ASSERT_EQ(
        ask(Dialect::kPcs, "/sgx/registration/v1/platform", "POST", base::as_text(content)).status,
        201U);
  }
  [[nodiscard]] static std::string encrypted_ppid(const PlatformModel& of = model()) {
    const auto platform = manufacture(MasterSeed::development(), of).value();
    return rsa_oaep_encrypt(ppid_public_key().value(), platform.ppid.view()).value().hex();
  }
  [[nodiscard]] static std::string zeros() { return std::string(2 * crypto::kRsa3072Size, '0'); }

  static constexpr std::string_view kRawTcb =
      "&cpusvn=0b0b0303ffff00010000000000000000&pcesvn=0D00&pceid=0000";
  [[nodiscard]] static std::string pck_target(const std::string& encrypted,
                                              std::string_view more = kRawTcb) {
    return base::text(
        kV4, "pckcert?qeid=000102030405060708090a0b0c0d0e0f&encrypted_ppid=", encrypted, more);
  }

  [[nodiscard]] CertificateAuthority authority() {
    const CertificateStore store(dir_ / "authority", [](const std::string&) {});
    return CertificateAuthority::create(MasterSeed::development(), kNow, store).value();
  }

  quoted::test::TempDir dir_;
  StandingClock clock_;
  std::vector<std::string> notices_;
  std::chrono::seconds slept_{0};
  std::unique_ptr<PcsService> service_;
};

}  // namespace quoted::simulation::test
