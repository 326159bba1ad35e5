// libdcap_quoteprov.so.1 as its users meet it: linked, and opened and closed by a C program.
#include "quoted/dcap_quoteprov.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <future>
#include <thread>

#include "base/hex.h"
#include "certification/testing/fake_source.h"
#include "certification/testing/service_fixture.h"
#include "crypto/crl.h"
#include "http/testing/client_support.h"
#include "http/testing/scripted_server.h"
#include "test_support/subprocess.h"

namespace quoted::certification {
namespace {

using http::testing::Peer;
using http::testing::reply_text;
using http::testing::ScriptedServer;
using testing::FakeSource;
using testing::TestWorld;

// Nothing listens at the discard port of this machine.
constexpr const char* kNobody =
    "[[collateral.source]]\nkind = 'pccs'\nurl = 'http://127.0.0.1:9/sgx/certification/v4/'\n"
    "proxy = 'http://127.0.0.1:9/'\n";

std::vector<std::string>& logged() {
  static std::vector<std::string> lines;
  return lines;
}
// Calls the library from another thread, which would wait for a lock that the caller holds.
std::atomic<bool> called_back = false;
std::atomic<bool> came_back = false;
void call_back(sgx_ql_log_level_t, const char*) {
  if (called_back.exchange(true)) return;
  auto call = std::make_shared<std::packaged_task<quote3_error_t()>>(sgx_qpl_global_init);
  auto done = call->get_future();
  std::thread([call] { (*call)(); }).detach();
  came_back = done.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
}

class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    if (const char* const former = std::getenv(name)) former_ = former;
    ::setenv(name, value.c_str(), 1);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() { former_ ? ::setenv(name_, former_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> former_;
};

std::string source_at(const std::string& url) {
  return base::text("[[collateral.source]]\nkind = 'pccs'\nurl = '", url,
                    "/sgx/certification/v4/'\n");
}

void log_line(sgx_ql_log_level_t level, const char* message) {
  logged().push_back(base::text(level, " ", message));
}

class Provider : public ::testing::Test {
 protected:
  Provider() {
    // What the environment of the tests says of other providers does not count.
    for (const char* const name :
         {"QCNL_CONF_PATH", "AZDCAP_BASE_CERT_URL", "AZDCAP_CACHE", "AZDCAP_PRIMARY_BASE_CERT_URL",
          "AZDCAP_REGION_URL", "AZDCAP_SECONDARY_BASE_CERT_URL", "AZDCAP_CLIENT_ID"}) {
      ::unsetenv(name);
    }
    http::testing::forget_proxies();
    std::ofstream(dir / "root.pem") << world.authority().root().pem();
    ::setenv("QUOTED_TRUSTED_ROOT", (dir / "root.pem").c_str(), 1);
    configure("");
  }
  ~Provider() override {
    sgx_ql_set_logging_callback(nullptr, SGX_QL_LOG_ERROR);
    sgx_qpl_global_cleanup();
    logged().clear();
  }

  void configure(const std::string& more) {
    std::ofstream(dir / "quoted.toml") << "[collateral]\ncache_dir = '" << cache.string() << "'\n"
                                       << more;
    ::setenv("QUOTED_CONFIG", (dir / "quoted.toml").c_str(), 1);
    sgx_qpl_global_cleanup();
  }

  // All that the world has, as if it had been fetched some time ago.
  void fill_cache() { fill_cache(clock); }
  void fill_cache(const base::Clock& at) {
    std::vector<std::unique_ptr<Source>> sources;
    sources.push_back(std::make_unique<FakeSource>(std::make_shared<FakeSource::Script>(world)));
    const auto service = Service::create({.cache_dir = cache, .roots = world.roots()},
                                         std::move(sources), at, observer)
                             .value();
    for (const DocumentRequest& request : world.requests()) {
      ASSERT_TRUE(service->document(request, Freshness::kCacheFirst));
    }
    ASSERT_TRUE(service->pck_certificate(world.pck_request(), Freshness::kCacheFirst));
  }

  [[nodiscard]] quote3_error_t get_config(sgx_ql_config_t** out) {
    return sgx_ql_get_quote_config(&id, out);
  }
  [[nodiscard]] quote3_error_t get_collateral(sgx_ql_qve_collateral_t** out) {
    return sgx_ql_get_quote_verification_collateral(fmspc(), 6, "platform", out);
  }
  [[nodiscard]] const std::uint8_t* fmspc() const {
    return reinterpret_cast<const std::uint8_t*>(fmspc_.view().data());
  }

  base::SystemClock clock;
  TestWorld world{1, clock.now()};
  testing::RecordingObserver observer;
  test::TempDir dir;
  std::filesystem::path cache = dir / "cache";
  sgx::Fmspc fmspc_ = world.fmspc();
  std::array<std::uint8_t, 16> qe_id{};
  std::array<std::uint8_t, 16> cpu_svn = [this] {
    std::array<std::uint8_t, 16> out{};
    std::memcpy(out.data(), world.pck().cpu_svn.view().data(), out.size());
    return out;
  }();
  std::uint16_t pce_svn = world.pck().pce_isv_svn;
  std::array<std::uint8_t, 384> ppid{};
  sgx_ql_pck_cert_id_t id{qe_id.data(), 16, cpu_svn.data(), &pce_svn, ppid.data(), 384, 1, 0};
};

TEST_F(Provider, AnswersFromTheDiskWithoutAnySource) {
  fill_cache();
  sgx_ql_config_t* config = nullptr;
  ASSERT_EQ(get_config(&config), SGX_QL_SUCCESS);
  EXPECT_EQ(std::uint32_t{config->version}, 1U);
  EXPECT_EQ(std::memcmp(config->cert_cpu_svn, cpu_svn.data(), cpu_svn.size()), 0);
  EXPECT_EQ(std::uint16_t{config->cert_pce_isv_svn}, pce_svn);
  const std::string chain = world.pck().leaf_pem + world.pck().issuer_chain_pem;
  EXPECT_EQ(std::uint32_t{config->cert_data_size}, chain.size() + 1);
  EXPECT_STREQ(reinterpret_cast<const char*>(config->p_cert_data), chain.c_str());
  EXPECT_EQ(sgx_ql_free_quote_config(config), SGX_QL_SUCCESS);

  sgx_ql_qve_collateral_t* collateral = nullptr;
  ASSERT_EQ(get_collateral(&collateral), SGX_QL_SUCCESS);
  EXPECT_EQ(collateral->version, 3U);
  EXPECT_EQ(collateral->tee_type, 0U);
  EXPECT_STREQ(collateral->tcb_info_issuer_chain, world.authority().tcb_issuer_chain_pem().c_str());
  const auto crl = base::from_hex(collateral->pck_crl);
  ASSERT_TRUE(crl);
  EXPECT_TRUE(crypto::Crl::parse_der(*crl));
  EXPECT_EQ(collateral->pck_crl_size, std::strlen(collateral->pck_crl) + 1);
  EXPECT_EQ(sgx_ql_free_quote_verification_collateral(collateral), SGX_QL_SUCCESS);

  std::uint8_t* root_crl = nullptr;
  std::uint16_t size = 0;
  ASSERT_EQ(sgx_ql_get_root_ca_crl(&root_crl, &size), SGX_QL_SUCCESS);
  EXPECT_EQ(std::strlen(reinterpret_cast<const char*>(root_crl)) + 1, size);
  EXPECT_EQ(sgx_ql_free_root_ca_crl(root_crl), SGX_QL_SUCCESS);
}

TEST_F(Provider, SaysWhatIsMissing) {
  sgx_ql_config_t* config = nullptr;
  EXPECT_EQ(get_config(&config), SGX_QL_NO_PLATFORM_CERT_DATA);
  EXPECT_EQ(config, nullptr);
  sgx_ql_qve_collateral_t* collateral = nullptr;
  EXPECT_EQ(get_collateral(&collateral), SGX_QL_TCBINFO_NOT_FOUND);
  EXPECT_EQ(tdx_ql_get_quote_verification_collateral(fmspc(), 6, "platform", &collateral),
            SGX_QL_TCBINFO_NOT_FOUND);
  char* text = nullptr;
  char* chain = nullptr;
  std::uint32_t size = 0;
  EXPECT_EQ(sgx_ql_get_qve_identity(&text, &size, &chain, &size), SGX_QL_NO_QVE_IDENTITY_DATA);
  std::uint8_t* crl = nullptr;
  std::uint16_t crl_size = 0;
  EXPECT_EQ(sgx_ql_get_root_ca_crl(&crl, &crl_size), SGX_QL_NO_QUOTE_COLLATERAL_DATA);
}

TEST_F(Provider, ASourceThatIsDownIsANetworkError) {
  configure(kNobody);
  sgx_ql_set_logging_callback(log_line, SGX_QL_LOG_TRACE);
  sgx_ql_config_t* config = nullptr;
  EXPECT_EQ(get_config(&config), SGX_QL_NETWORK_ERROR);
  sgx_ql_qve_collateral_t* collateral = nullptr;
  EXPECT_EQ(get_collateral(&collateral), SGX_QL_NETWORK_ERROR);
  EXPECT_THAT(logged(), ::testing::Contains(::testing::HasSubstr("127.0.0.1:9")));
}

TEST_F(Provider, AnswersOfAServiceAreCalledAsCallersKnowThem) {
  struct Case {
    std::string status;
    quote3_error_t config;
    quote3_error_t collateral;
  };
  const std::vector<Case> cases{
      {"400 Bad Request", SGX_QL_UNKNOWN_MESSAGE_RESPONSE, SGX_QL_UNKNOWN_MESSAGE_RESPONSE},
      {"401 Unauthorized", SGX_QL_UNKNOWN_MESSAGE_RESPONSE, SGX_QL_UNKNOWN_MESSAGE_RESPONSE},
      {"403 Forbidden", SGX_QL_NETWORK_ERROR, SGX_QL_NETWORK_ERROR},
      {"404 Not Found", SGX_QL_NO_PLATFORM_CERT_DATA, SGX_QL_TCBINFO_NOT_FOUND},
      {"410 Gone", SGX_QL_UNKNOWN_MESSAGE_RESPONSE, SGX_QL_UNKNOWN_MESSAGE_RESPONSE},
      {"429 Too Many", SGX_QL_UNKNOWN_MESSAGE_RESPONSE, SGX_QL_UNKNOWN_MESSAGE_RESPONSE},
      {"461 Unknown", SGX_QL_PLATFORM_UNKNOWN, SGX_QL_PLATFORM_UNKNOWN},
      {"462 No TCB", SGX_QL_CERTS_UNAVAILABLE, SGX_QL_CERTS_UNAVAILABLE},
      {"500 Oops", SGX_QL_UNKNOWN_MESSAGE_RESPONSE, SGX_QL_UNKNOWN_MESSAGE_RESPONSE},
      {"503 Busy", SGX_QL_SERVICE_UNAVAILABLE, SGX_QL_SERVICE_UNAVAILABLE},
  };
  for (const Case& c : cases) {
    const ScriptedServer service([&](Peer& peer) { peer.answer(reply_text(c.status, "", "no")); });
    configure(source_at(base::text("http://127.0.0.1:", service.port())));
    sgx_ql_config_t* config = nullptr;
    EXPECT_EQ(get_config(&config), c.config) << c.status;
    sgx_ql_qve_collateral_t* collateral = nullptr;
    EXPECT_EQ(get_collateral(&collateral), c.collateral) << c.status;
  }
}

TEST_F(Provider, TheLoggingCallbackMayCallTheLibraryWhileItStarts) {
  // A file where the cache should be is something to tell.
  std::ofstream(cache) << "x";
  sgx_ql_set_logging_callback(call_back, SGX_QL_LOG_TRACE);
  EXPECT_EQ(sgx_qpl_global_init(), SGX_QL_SUCCESS);
  EXPECT_TRUE(called_back);
  EXPECT_TRUE(came_back);
}

TEST_F(Provider, ARefreshThatFailsHoldsUpNoOther) {
  world.issued = clock.now() - std::chrono::hours(72);
  testing::FakeClock two_days_ago;
  two_days_ago.set(clock.now() - std::chrono::hours(48));
  fill_cache(two_days_ago);
  configure(kNobody);
  sgx_ql_config_t* config = nullptr;
  ASSERT_EQ(get_config(&config), SGX_QL_SUCCESS);
  sgx_ql_free_quote_config(config);
  sgx_ql_set_logging_callback(log_line, SGX_QL_LOG_TRACE);
  sgx_ql_qve_collateral_t* collateral = nullptr;
  ASSERT_EQ(get_collateral(&collateral), SGX_QL_SUCCESS);
  sgx_ql_free_quote_verification_collateral(collateral);
  EXPECT_THAT(logged(), ::testing::Contains(::testing::HasSubstr("TCB info")));
}

TEST_F(Provider, MakesTheUsualDirectoryOfANewUser) {
  const std::filesystem::path home = dir / "home";
  std::filesystem::create_directory(home);
  const ScopedVariable set_home("HOME", home.string());
  const ScopedVariable no_xdg("XDG_CACHE_HOME", "");
  std::ofstream(dir / "quoted.toml") << "[collateral]\n";
  sgx_qpl_global_cleanup();
  ASSERT_EQ(sgx_qpl_global_init(), SGX_QL_SUCCESS);
  const std::filesystem::path usual = home / ".cache";
  EXPECT_TRUE(std::filesystem::is_directory(usual / "quoted-certification"));
  EXPECT_EQ(std::filesystem::status(usual).permissions(), std::filesystem::perms::owner_all);

  // It may be cleared away at any time.
  std::filesystem::remove_all(usual);
  const std::array<std::uint8_t, 2> data{1, 2};
  EXPECT_EQ(sgx_ql_write_persistent_data(data.data(), 2, "blob"), SGX_QL_SUCCESS);
}

TEST_F(Provider, WhatIsDueIsAskedForOnceAndServedMeanwhile) {
  world.issued = clock.now() - std::chrono::hours(72);
  testing::FakeClock two_days_ago;
  two_days_ago.set(clock.now() - std::chrono::hours(48));
  fill_cache(two_days_ago);
  configure(kNobody);
  sgx_ql_set_logging_callback(log_line, SGX_QL_LOG_TRACE);
  for (int i = 0; i < 3; ++i) {
    sgx_ql_config_t* config = nullptr;
    ASSERT_EQ(get_config(&config), SGX_QL_SUCCESS);
    sgx_ql_free_quote_config(config);
  }
  EXPECT_EQ(logged().size(), 1U) << "one attempt";
}

TEST_F(Provider, SettingsThatCannotBeUsedAreToldEachTime) {
  configure("nonsense = true\n");
  sgx_ql_config_t* config = nullptr;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(sgx_qpl_global_init(), SGX_QL_CONFIG_INVALID_JSON);
    EXPECT_EQ(get_config(&config), SGX_QL_CONFIG_INVALID_JSON);
  }
  configure("");
  EXPECT_EQ(sgx_qpl_global_init(), SGX_QL_SUCCESS);
}

TEST_F(Provider, ParametersAreLookedAt) {
  const auto refused = [](quote3_error_t code) { return code == SGX_QL_ERROR_INVALID_PARAMETER; };
  sgx_ql_config_t* config = nullptr;
  sgx_ql_qve_collateral_t* collateral = nullptr;
  EXPECT_TRUE(refused(get_config(nullptr)));
  EXPECT_TRUE(refused(sgx_ql_get_quote_config(nullptr, &config)));
  const sgx_ql_pck_cert_id_t good = id;
  const std::vector<std::function<void()>> faults{
      [&] { id.p_qe3_id = nullptr; },           [&] { id.qe3_id_size = 15; },
      [&] { id.p_platform_cpu_svn = nullptr; }, [&] { id.p_platform_pce_isv_svn = nullptr; },
      [&] { id.encrypted_ppid_size = 383; },    [&] { id.crypto_suite = 0; },
  };
  for (const auto& spoil : faults) {
    id = good;
    spoil();
    EXPECT_TRUE(refused(get_config(&config)));
  }
  EXPECT_TRUE(refused(get_collateral(nullptr)));
  EXPECT_TRUE(
      refused(sgx_ql_get_quote_verification_collateral(nullptr, 6, "platform", &collateral)));
  EXPECT_TRUE(
      refused(sgx_ql_get_quote_verification_collateral(fmspc(), 5, "platform", &collateral)));
  EXPECT_TRUE(
      refused(sgx_ql_get_quote_verification_collateral(fmspc(), 6, "Platform", &collateral)));
  EXPECT_TRUE(refused(sgx_ql_get_quote_verification_collateral_with_params(
      fmspc(), 6, nullptr, nullptr, 0, &collateral)));
  EXPECT_TRUE(refused(sgx_ql_get_root_ca_crl(nullptr, nullptr)));
  EXPECT_TRUE(refused(sgx_ql_get_qve_identity(nullptr, nullptr, nullptr, nullptr)));
  EXPECT_EQ(sgx_ql_free_quote_config(nullptr), SGX_QL_SUCCESS);
}

TEST_F(Provider, ForgetsWhatIsToBeCleared) {
  fill_cache();
  sgx_ql_config_t* config = nullptr;
  sgx_ql_qve_collateral_t* collateral = nullptr;
  EXPECT_EQ(sgx_qpl_clear_cache(4), SGX_QL_SUCCESS);
  EXPECT_EQ(sgx_qpl_clear_cache(2), SGX_QL_SUCCESS);
  EXPECT_EQ(get_collateral(&collateral), SGX_QL_TCBINFO_NOT_FOUND);
  ASSERT_EQ(get_config(&config), SGX_QL_SUCCESS);
  sgx_ql_free_quote_config(config);
  EXPECT_EQ(sgx_qpl_clear_cache(1), SGX_QL_SUCCESS);
  EXPECT_EQ(get_config(&config), SGX_QL_NO_PLATFORM_CERT_DATA);
}

TEST_F(Provider, KeepsDataOfItsHost) {
  fill_cache();
  std::array<std::uint8_t, 8> data{1, 2, 3};
  std::uint32_t size = 0;
  EXPECT_EQ(sgx_ql_read_persistent_data(nullptr, &size, "blob"), SGX_QL_PERSISTENT_STORAGE_ERROR);
  ASSERT_EQ(sgx_ql_write_persistent_data(data.data(), 8, "blob"), SGX_QL_SUCCESS);
  EXPECT_EQ(sgx_ql_read_persistent_data(nullptr, &size, "blob"), SGX_QL_SUCCESS);
  EXPECT_EQ(size, 8U);
  std::array<std::uint8_t, 8> read{};
  size = 7;
  EXPECT_EQ(sgx_ql_read_persistent_data(read.data(), &size, "blob"),
            SGX_QL_ERROR_INVALID_PARAMETER);
  EXPECT_EQ(size, 8U);
  EXPECT_EQ(sgx_ql_read_persistent_data(read.data(), &size, "blob"), SGX_QL_SUCCESS);
  EXPECT_EQ(read, data);
  EXPECT_EQ(sgx_ql_read_persistent_data(read.data(), &size, "another"),
            SGX_QL_PERSISTENT_STORAGE_ERROR);
  EXPECT_EQ(sgx_ql_write_persistent_data(data.data(), 8, ""), SGX_QL_ERROR_INVALID_PARAMETER);
  EXPECT_EQ(sgx_ql_write_persistent_data(nullptr, 8, "blob"), SGX_QL_ERROR_INVALID_PARAMETER);
  // It is no part of the cache.
  EXPECT_EQ(sgx_qpl_clear_cache(7), SGX_QL_SUCCESS);
  EXPECT_EQ(sgx_ql_read_persistent_data(read.data(), &size, "blob"), SGX_QL_SUCCESS);
}

TEST_F(Provider, AChildOfAForkBeginsAnew) {
  fill_cache();
  sgx_ql_config_t* config = nullptr;
  ASSERT_EQ(get_config(&config), SGX_QL_SUCCESS);
  sgx_ql_free_quote_config(config);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(get_config(&config) == SGX_QL_SUCCESS ? 0 : 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(Provider, AChildOfAForkDoesNotWaitForThreadsOfItsParent) {
  std::promise<void> asked;
  auto silent = std::make_unique<ScriptedServer>([&, first = true](Peer& peer) mutable {
    peer.wait_for_begin();
    if (std::exchange(first, false)) asked.set_value();
    peer.wait_for_end();
  });
  configure(source_at(base::text("http://127.0.0.1:", silent->port())));
  auto sitting = std::async(std::launch::async, [&] {
    sgx_ql_config_t* config = nullptr;
    return get_config(&config);
  });
  const bool sits =
      asked.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready;
  EXPECT_TRUE(sits);
  std::ofstream(dir / "child.toml") << kNobody;
  const pid_t child = ::fork();
  if (child == 0) {
    // The same question: with its parent's memory it would wait for the answer to that thread.
    ::alarm(20);
    ::setenv("QUOTED_CONFIG", (dir / "child.toml").c_str(), 1);
    sgx_ql_config_t* config = nullptr;
    ::_exit(get_config(&config) == SGX_QL_NETWORK_ERROR ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  silent.reset();
  EXPECT_EQ(sitting.get(), SGX_QL_NETWORK_ERROR);
}

TEST_F(Provider, IsOpenedAndClosedForEveryCallByManyThreads) {
  fill_cache();
  for (const char* const name : {"libdcap_quoteprov.so.1", "libdcap_quoteprov.so"}) {
    const auto result = test::run({QUOTING_HOST, name, world.pck().cpu_svn.hex(),
                                   std::to_string(pce_svn), fmspc_.hex(), "8", "20"},
                                  {{"LD_LIBRARY_PATH", LIBRARY_DIRECTORY}});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, ::testing::StartsWith("config "));
    EXPECT_EQ(result.err, "");
  }
}

}  // namespace
}  // namespace quoted::certification
