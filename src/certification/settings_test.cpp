#include "certification/settings.h"

#include <gmock/gmock.h>

#include <map>

#include "config/toml_text.h"
#include "test_support/temp_dir.h"
#include "test_support/vectors.h"
#include "verification/trusted_root.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using namespace std::chrono_literals;

Environment variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

class SettingsFiles : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& content) {
    const std::string path = (dir_ / name).string();
    EXPECT_TRUE(base::write_file(path, base::as_bytes(content), 0600));
    return path;
  }
  base::Result<Settings> load(const std::string& toml) {
    return load_settings(write("quoted.toml", toml));
  }
  std::string mistakes(const std::string& toml) {
    const auto loaded = load(toml);
    if (loaded) return "no mistake";
    EXPECT_EQ(loaded.error().code(), ErrorCode::kConfigurationInvalid);
    return loaded.error().summary();
  }
  // What is wrong with this one more line of a good source.
  std::string mistakes_in_source(const std::string& line, const std::string& kind = "pccs") {
    return mistakes("[[collateral.source]]\nkind = \"" + kind + "\"\nurl = \"https://pccs/\"\n" +
                    line + "\n");
  }

  test::TempDir dir_;
};

TEST_F(SettingsFiles, ReadEverySettingWithItsPlace) {
  const auto loaded = load(R"(
other = "is for another reader"
[collateral]
connect_timeout = "2s"
timeout = "20s"
cache_dir = "/var/cache/quoted"
stale_limit = "3d"
refresh = "12h"
roots = ["/etc/quoted/root.pem"]
[[collateral.source]]
kind = "pccs"
url = "https://pccs:8081"
ca_file = "/etc/quoted/pccs.pem"
user_token_file = "/etc/quoted/token"
proxy = "http://proxy:3128"
headers = ["X-Site: berlin", "X-Empty:"]
params = ["tenant=a=b"]
custom_parameter = "abc"
[[collateral.source]]
kind = "pcs"
url = "https://api.trustedservices.intel.com/sgx/certification/v4/"
use = "collateral"
api_key_file = "/etc/quoted/key"
tcb_update = "early"
pck_selection = "local"
[[collateral.source]]
kind = "azure"
url = "http://169.254.169.254/metadata/THIM/sgx/certification"
client_id = "me"
on_demand = false
[[collateral.source]]
kind = "files"
path = "/srv/collateral"
use = "certificates"
)");
  ASSERT_TRUE(loaded) << loaded.error().summary();
  EXPECT_EQ(loaded->connect_deadline.value, 2s);
  EXPECT_EQ(loaded->total_deadline.value, 20s);
  EXPECT_EQ(loaded->cache_dir.value, "/var/cache/quoted");
  EXPECT_EQ(loaded->stale_limit.value, 72h);
  EXPECT_EQ(loaded->refresh.value, 12h);
  EXPECT_THAT(loaded->refresh.origin, ::testing::EndsWith("quoted.toml:8"));
  EXPECT_THAT(loaded->roots.value, ElementsAre("/etc/quoted/root.pem"));
  ASSERT_THAT(loaded->sources, SizeIs(4));
  const SourceSettings& pccs = loaded->sources[0];
  EXPECT_EQ(pccs.kind, SourceKind::kPccs);
  EXPECT_EQ(pccs.url->base(), "https://pccs:8081/sgx/certification/v4/");
  EXPECT_EQ(pccs.use, SourceUse::kEverything);
  EXPECT_EQ(pccs.ca_file, "/etc/quoted/pccs.pem");
  EXPECT_EQ(pccs.user_token_file, "/etc/quoted/token");
  EXPECT_EQ(pccs.proxy, "http://proxy:3128");
  ASSERT_THAT(pccs.headers, SizeIs(2));
  EXPECT_EQ(pccs.headers[0].name, "X-Site");
  EXPECT_EQ(pccs.headers[0].value, "berlin");
  EXPECT_EQ(pccs.headers[1].value, "");
  ASSERT_THAT(pccs.params, SizeIs(1));
  EXPECT_EQ(pccs.params[0].name, "tenant");
  EXPECT_EQ(pccs.params[0].value, "a=b");
  EXPECT_EQ(pccs.custom_parameter, "abc");
  EXPECT_TRUE(pccs.verify_tls);
  EXPECT_THAT(pccs.origin, ::testing::EndsWith("quoted.toml:10"));
  const SourceSettings& pcs = loaded->sources[1];
  EXPECT_EQ(pcs.use, SourceUse::kCollateral);
  EXPECT_EQ(pcs.api_key_file, "/etc/quoted/key");
  EXPECT_EQ(pcs.update, TcbUpdate::kEarly);
  EXPECT_EQ(pcs.selection, PckSelection::kLocal);
  EXPECT_EQ(loaded->sources[2].client_id, "me");
  EXPECT_FALSE(loaded->sources[2].on_demand);
  EXPECT_EQ(loaded->sources[3].path, "/srv/collateral");
  EXPECT_EQ(loaded->sources[3].use, SourceUse::kCertificates);
}

TEST_F(SettingsFiles, SayWhatIsWrongAndWhere) {
  EXPECT_THAT(mistakes("[collateral]\nstale_limt = \"3d\"\n"),
              AllOf(HasSubstr("quoted.toml:2:1"), HasSubstr("did you mean 'stale_limit'")));
  EXPECT_THAT(mistakes("[collateral]\nrefresh = 5\n"),
              HasSubstr("expected a whole number and a unit"));
  EXPECT_THAT(mistakes("[collateral]\nconnect_timeout = \"1m\"\n"),
              HasSubstr("longer than timeout"));
  EXPECT_THAT(mistakes("[[collateral.source]]\nkind = \"azur\"\nurl = \"https://a/\"\n"),
              HasSubstr("did you mean 'azure'"));
  EXPECT_THAT(mistakes("[[collateral.source]]\nurl = \"https://a/\"\n"),
              HasSubstr("kind: missing: pcs, pccs, azure or files"));
  EXPECT_THAT(mistakes("[[collateral.source]]\nkind = \"pccs\"\n"), HasSubstr("url: missing"));
  EXPECT_THAT(mistakes("[[collateral.source]]\nkind = \"files\"\n"), HasSubstr("path: missing"));
  EXPECT_THAT(mistakes_in_source("veryfy_tls = false"), HasSubstr("did you mean 'verify_tls'"));
  EXPECT_THAT(mistakes_in_source("verify_tls = false\nca_file = \"a\""), HasSubstr("no use"));
  EXPECT_THAT(mistakes_in_source("use = \"both\""), HasSubstr("expected one of"));
  EXPECT_THAT(mistakes_in_source("headers = [\"no colon\"]"), HasSubstr("X-Site: berlin"));
  EXPECT_THAT(mistakes_in_source("headers = [\"X-A: b\\u000Ac\"]"), HasSubstr("X-Site: berlin"));
  EXPECT_THAT(mistakes_in_source("headers = [\"X A: b\"]"), HasSubstr("X-Site: berlin"));
  EXPECT_THAT(mistakes_in_source("params = [\"x\"]"), HasSubstr("tenant=7"));
  EXPECT_THAT(mistakes_in_source("api_key_file = \"k\""),
              HasSubstr("a source of kind 'pccs' has no such setting"));
  EXPECT_THAT(mistakes_in_source("path = \"k\"", "pcs"), HasSubstr("'pcs' has no such setting"));
  std::string many;
  for (int i = 0; i < 17; ++i) {
    many += "[[collateral.source]]\nkind = \"files\"\npath = \"a\"\n";
  }
  EXPECT_THAT(mistakes(many), HasSubstr("17 sources, at most 16"));
}

TEST_F(SettingsFiles, NameWhatIsWrongWithAnAddress) {
  const auto mistake = [this](const std::string& url) {
    return mistakes("[[collateral.source]]\nkind = \"pccs\"\nurl = \"" + url + "\"\n");
  };
  EXPECT_THAT(
      mistake("https://pccs/sgx/certification/v3/"),
      AllOf(HasSubstr("quoted.toml:3"), HasSubstr("version 3 of the API, which is retired")));
  EXPECT_THAT(mistake("ftp://pccs/"), HasSubstr("scheme 'ftp'"));
  EXPECT_THAT(mistake("https://me:geheim@pccs/"),
              AllOf(HasSubstr("user name or password"), Not(HasSubstr("geheim"))));
  EXPECT_EQ(mistake("https://pccs/sgx/certification/v4"), "no mistake");
}

TEST_F(SettingsFiles, WithoutTheTableEverythingIsDefault) {
  const auto loaded = load("[other]\na = 1\n");
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->sources, IsEmpty());
  EXPECT_EQ(loaded->refresh.origin, "default");
  EXPECT_FALSE(load_settings(dir_ / "missing.toml"));
}

TEST_F(SettingsFiles, MakeSourcesWithKeysFromFiles) {
  const std::string key = write("key", "0123456789abcdef\n");
  auto loaded =
      load("[[collateral.source]]\nkind = \"pcs\"\nurl = \"https://pcs/\"\napi_key_file = \"" +
           key + "\"\n[[collateral.source]]\nkind = \"azure\"\nurl = \"https://a/\"\n" +
           "use = \"certificates\"\n[[collateral.source]]\nkind = \"pccs\"\n" +
           "url = \"https://pccs/\"\nuse = \"collateral\"\n[[collateral.source]]\n" +
           "kind = \"files\"\npath = \"/nowhere\"\n");
  ASSERT_TRUE(loaded) << loaded.error().summary();
  const auto sources = make_sources(*loaded);
  ASSERT_TRUE(sources) << sources.error().summary();
  ASSERT_THAT(*sources, SizeIs(4));
  EXPECT_EQ((*sources)[0]->name(), "pcs https://pcs/sgx/certification/v4/");
  EXPECT_EQ((*sources)[1]->name(), "azure https://a/sgx/certification/v4/");
  EXPECT_EQ((*sources)[3]->name(), "files /nowhere");
  const auto expect_gives = [&](std::size_t i, bool certificates, bool documents) {
    EXPECT_EQ((*sources)[i]->is_for_certificates(), certificates) << i;
    EXPECT_EQ((*sources)[i]->is_for_collateral(), documents) << i;
  };
  expect_gives(0, true, true);
  expect_gives(1, true, false);
  expect_gives(2, false, true);
  expect_gives(3, false, true);  // it has no certificates

  for (const std::string bad : {"", "\n", "two words\n", "two\nlines\n"}) {
    write("key", bad);
    const auto refused = make_sources(*loaded);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code(), ErrorCode::kConfigurationInvalid);
    EXPECT_THAT(refused.error().summary(), AllOf(HasSubstr("quoted.toml:1"), HasSubstr(key)));
  }
  std::filesystem::remove(key);
  EXPECT_EQ(make_sources(*loaded).error().code(), ErrorCode::kFileUnreadable);
}

TEST_F(SettingsFiles, BecomeOptionsOfTheService) {
  Settings settings;
  settings.cache_dir.value = "/var/cache/quoted";
  settings.stale_limit.value = 5h;
  settings.refresh.value = 6h;
  settings.roots.value = {QUOTED_VECTORS_DIR "/verification-synthetic/base/root.pem"};
  const auto options = service_options(settings);
  ASSERT_TRUE(options) << options.error().summary();
  EXPECT_EQ(options->cache_dir, "/var/cache/quoted");
  EXPECT_EQ(options->stale_limit, 5h);
  EXPECT_EQ(options->refresh_after, 6h);
  ASSERT_THAT(options->roots, SizeIs(2));
  EXPECT_EQ(options->roots[0].name, verification::intel_root().name);
  settings.roots.value = {"/nowhere"};
  EXPECT_EQ(service_options(settings).error().code(), ErrorCode::kFileUnreadable);
}

TEST(SettingsAzdcap, NoVariableNoSource) {
  EXPECT_THAT(read_azdcap(variables({}))->sources, IsEmpty());
  EXPECT_THAT(
      read_azdcap(variables({{"AZDCAP_DEBUG_LOG_LEVEL", "INFO"}, {"AZDCAP_BASE_CERT_URL", ""}}))
          ->sources,
      IsEmpty());
}

TEST(SettingsAzdcap, HasTheHostsCacheBeforeTheGlobalOne) {
  const auto read = read_azdcap(variables({{"AZDCAP_CLIENT_ID", "me"},
                                           {"AZDCAP_REGION_URL", "https://weu.thim.azure.net"},
                                           {"AZDCAP_DISABLE_ONDEMAND", "1"},
                                           {"AZDCAP_CACHE", "/tmp"}}));
  ASSERT_TRUE(read) << read.error().summary();
  ASSERT_THAT(read->sources, SizeIs(3));
  EXPECT_EQ(read->sources[0].url->host(), "169.254.169.254");
  EXPECT_EQ(read->sources[0].use, SourceUse::kCertificates);
  EXPECT_EQ(read->sources[0].origin, "default of AZDCAP_PRIMARY_BASE_CERT_URL");
  EXPECT_EQ(read->sources[1].url->host(), "weu.thim.azure.net");
  EXPECT_EQ(read->sources[1].origin, "AZDCAP_REGION_URL");
  EXPECT_EQ(read->sources[2].url->host(), "global.acccache.azure.net");
  for (const SourceSettings& source : read->sources) {
    EXPECT_EQ(source.kind, SourceKind::kAzure);
    EXPECT_EQ(source.client_id, "me");
    EXPECT_FALSE(source.on_demand);
  }
  EXPECT_THAT(read->warnings, ElementsAre(HasSubstr("AZDCAP_CACHE is not followed")));
}

TEST(SettingsAzdcap, OneAddressReplacesAllUnlessBypassed) {
  std::map<std::string, std::string> values = {
      {"AZDCAP_BASE_CERT_URL", "https://cache.example/sgx/certification"}};
  ASSERT_THAT(read_azdcap(variables(values))->sources, SizeIs(1));
  EXPECT_EQ(read_azdcap(variables(values))->sources[0].url->host(), "cache.example");
  values["AZDCAP_BYPASS_BASE_URL"] = "true";
  EXPECT_THAT(read_azdcap(variables(values))->sources, SizeIs(2));
}

TEST(SettingsAzdcap, BadValuesNameTheirVariable) {
  const auto refused = [](const std::string& name, const std::string& value) {
    const auto read = read_azdcap(variables({{"AZDCAP_CLIENT_ID", "me"}, {name, value}}));
    return read ? "no mistake" : read.error().summary();
  };
  EXPECT_THAT(refused("AZDCAP_BASE_CERT_URL", "cache"), HasSubstr("AZDCAP_BASE_CERT_URL: "));
  EXPECT_THAT(refused("AZDCAP_COLLATERAL_VERSION", "v3"), HasSubstr("older versions are retired"));
  EXPECT_EQ(refused("AZDCAP_COLLATERAL_VERSION", "v4"), "no mistake");
  for (const std::string bad : {"x", "0", "-5", "5s", "99999999999999999999"}) {
    EXPECT_THAT(refused("AZDCAP_CACHE_EXPIRY_IN_SECONDS", bad),
                HasSubstr("AZDCAP_CACHE_EXPIRY_IN_SECONDS is '" + bad + "'"));
  }
  EXPECT_EQ(read_azdcap(variables({{"AZDCAP_CLIENT_ID", "me"},
                                   {"AZDCAP_CACHE_EXPIRY_IN_SECONDS", "999999"}}))
                ->refresh.value,
            24h);
}

constexpr std::string_view kAzureQcnl = R"({
  // *** one comment
  "pccs_url": "https://global.acccache.azure.net/sgx/certification/v4/"
  , "use_secure_cert": true
  ,"collateral_service": "https://api.trustedservices.intel.com/sgx/certification/v4/" // another
  ,"pccs_api_version": "3.1"
  ,"retry_times": 6, "retry_delay": 5
  ,"local_pck_url": "http://169.254.169.254/metadata/THIM/sgx/certification/v4/"
  ,"pck_cache_expire_hours": 48, "verify_collateral_cache_expire_hours": 48
  ,"custom_request_options": {"get_cert": {
      "headers": {"metadata": "true"},
      "params": {"api-version": "2021-07-22-preview"}}}
})";

TEST(SettingsQcnl, ReadAzuresRecommendedFile) {
  const auto read = read_qcnl(kAzureQcnl, "/etc/qcnl");
  ASSERT_TRUE(read) << read.error().summary();
  ASSERT_THAT(read->sources, SizeIs(3));
  EXPECT_EQ(read->sources[0].kind, SourceKind::kAzure);
  EXPECT_EQ(read->sources[0].url->host(), "169.254.169.254");
  EXPECT_EQ(read->sources[0].use, SourceUse::kCertificates);
  EXPECT_EQ(read->sources[0].origin, "/etc/qcnl: local_pck_url");
  ASSERT_THAT(read->sources[0].headers, SizeIs(1));
  EXPECT_EQ(read->sources[1].use, SourceUse::kCertificates);
  EXPECT_EQ(read->sources[2].kind, SourceKind::kPcs);
  EXPECT_EQ(read->sources[2].use, SourceUse::kCollateral);
  EXPECT_THAT(read->sources[2].headers, IsEmpty());
  EXPECT_EQ(read->refresh.value, 48h);
  for (const std::string_view key :
       {"retry_times", "retry_delay", "pccs_api_version", "pck_cache_expire_hours"}) {
    EXPECT_THAT(read->warnings,
                Contains(HasSubstr("/etc/qcnl: " + std::string(key) + " is not followed: ")));
  }
}

TEST(SettingsQcnl, ReadAFileForOnePccs) {
  const auto read = read_qcnl(R"({"pccs_url": "https://pccs:8081/sgx/certification/v4",
    "use_secure_cert": false, "tcb_update_type": "early",
    "custom_request_options": {"get_cert": {"params": {"tenant": "7"}}}})",
                              "f");
  ASSERT_TRUE(read) << read.error().summary();
  ASSERT_THAT(read->sources, SizeIs(1));
  EXPECT_EQ(read->sources[0].kind, SourceKind::kPccs);
  EXPECT_EQ(read->sources[0].use, SourceUse::kEverything);
  EXPECT_FALSE(read->sources[0].verify_tls);
  EXPECT_EQ(read->sources[0].update, TcbUpdate::kEarly);
  EXPECT_THAT(read->sources[0].params, SizeIs(1));
  EXPECT_THAT(read->warnings, ElementsAre(HasSubstr("TLS certificates are not verified")));
}

TEST(SettingsQcnl, ReadLegacyLines) {
  const auto read = read_qcnl(
      "# PCCS\nPCCS_URL=https://pccs:8081/sgx/certification/v4/\r\n\n"
      "USE_SECURE_CERT = FALSE\nRETRY_TIMES=3\n"
      "VERIFY_COLLATERAL_CACHE_EXPIRE_HOURS=6",
      "f");
  ASSERT_TRUE(read) << read.error().summary();
  ASSERT_THAT(read->sources, SizeIs(1));
  EXPECT_EQ(read->sources[0].url->base(), "https://pccs:8081/sgx/certification/v4/");
  EXPECT_FALSE(read->sources[0].verify_tls);
  EXPECT_EQ(read->refresh.value, 6h);
  EXPECT_THAT(read->warnings, Contains(HasSubstr("retry_times is not followed")));
}

TEST(SettingsQcnl, WithoutAnAddressItIsThatOfIntelsLibrary) {
  const auto read = read_qcnl("{}", "f");
  ASSERT_TRUE(read);
  ASSERT_THAT(read->sources, SizeIs(1));
  EXPECT_EQ(read->sources[0].url->origin(), "https://localhost:8081");
  EXPECT_EQ(read->sources[0].origin, "default of f");
  EXPECT_THAT(read->warnings, ElementsAre(HasSubstr("there is no pccs_url")));
}

TEST(SettingsQcnl, LocalCacheOnlyMeansNoService) {
  const auto read = read_qcnl(R"({"local_cache_only": true, "pccs_url": "https://a/"})", "f");
  ASSERT_TRUE(read);
  EXPECT_THAT(read->sources, IsEmpty());
  EXPECT_THAT(read->warnings, ElementsAre(HasSubstr("local_cache_only is true")));
}

TEST(SettingsQcnl, UnknownKeysAreWarnedOf) {
  const auto read = read_qcnl(R"({"pccs_urls": "https://a/"})", "f");
  ASSERT_TRUE(read);
  EXPECT_THAT(read->warnings, Contains(HasSubstr("did you mean 'pccs_url'")));
}

std::string qcnl_refusal(std::string_view content) {
  const auto read = read_qcnl(content, "/etc/qcnl");
  if (read) return "no mistake";
  return read.error().summary();
}

TEST(SettingsQcnl, BrokenJsonIsAnErrorWithItsPlace) {
  const std::string missing_comma =
      "{\n  // a comment\n  \"pccs_url\": \"https://a/\"\n  \"use_secure_cert\": true\n}";
  EXPECT_THAT(qcnl_refusal(missing_comma), AllOf(HasSubstr("/etc/qcnl: "), HasSubstr("line 4")));
  EXPECT_THAT(qcnl_refusal("{\"pccs_url\": \"https://a/"), HasSubstr("/etc/qcnl: "));
  EXPECT_THAT(qcnl_refusal("pccs is there"), HasSubstr("line 1 is 'pccs is there'"));
  EXPECT_THAT(qcnl_refusal(R"({"pccs_url": "https://a/", "pccs_url": "https://b/"})"),
              HasSubstr("'pccs_url' stands there twice"));
}

TEST(SettingsQcnl, ValuesOfAWrongKindNameTheirKey) {
  EXPECT_THAT(qcnl_refusal(R"({"pccs_url": 5})"), HasSubstr("'pccs_url': expected an address"));
  EXPECT_THAT(qcnl_refusal(R"({"use_secure_cert": "no"})"), HasSubstr("expected true or false"));
  EXPECT_THAT(qcnl_refusal(R"({"local_cache_only": 1})"), HasSubstr("expected true or false"));
  EXPECT_THAT(qcnl_refusal(R"({"tcb_update_type": "late"})"), HasSubstr("\"early\" or"));
  EXPECT_THAT(qcnl_refusal(R"({"verify_collateral_cache_expire_hours": 2161})"),
              HasSubstr("hours from 0 to 2160"));
  EXPECT_THAT(qcnl_refusal(R"({"custom_request_options": {}})"), HasSubstr("'get_cert'"));
  EXPECT_THAT(qcnl_refusal(R"({"custom_request_options": {"get_cert": {"headers": []}}})"),
              HasSubstr("get_cert.headers"));
  EXPECT_THAT(
      qcnl_refusal(
          "{\"custom_request_options\": {\"get_cert\": {\"headers\": {\"a\": \"b\\u000a\"}}}}"),
      HasSubstr("get_cert.headers.a"));
}

TEST(SettingsQcnl, RetiredVersionsAreErrorsOfTheirOwn) {
  const auto read = read_qcnl(R"({"pccs_url": "https://a:8081/sgx/certification/v3/"})", "f");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kApiVersionRetired);
  EXPECT_THAT(read.error().summary(), HasSubstr("f: 'pccs_url': "));
}

TEST(SettingsQcnl, CommentsInsideOfTextsAreNone) {
  const auto read = read_qcnl(R"({"pccs_url": "https://a:1/\"//"})", "f");
  ASSERT_TRUE(read) << read.error().summary();
  EXPECT_EQ(read->sources[0].url->base(), "https://a:1/\"//");
}

class SettingsOrder : public SettingsFiles {
 protected:
  Settings complete(const std::string& toml, std::map<std::string, std::string> values) {
    auto settings = complete_settings(load(toml).value(), variables(std::move(values)), usual_);
    if (!settings) throw std::runtime_error(settings.error().summary());
    return *std::move(settings);
  }
  const std::string own_ = "[[collateral.source]]\nkind = \"files\"\npath = \"/own\"\n";
  std::filesystem::path usual_ = "/nowhere/qcnl.conf";
};

TEST_F(SettingsOrder, OwnBeforeAzuresBeforeIntels) {
  usual_ = write("usual.conf", R"({"pccs_url": "https://usual/"})");
  const std::map<std::string, std::string> both = {
      {"AZDCAP_CLIENT_ID", "me"},
      {"QCNL_CONF_PATH", write("named.conf", R"({"pccs_url": "https://named/"})")}};
  EXPECT_EQ(complete(own_, both).sources[0].path, "/own");
  EXPECT_EQ(complete("", both).sources[0].kind, SourceKind::kAzure);
  EXPECT_EQ(complete("", {{"QCNL_CONF_PATH", both.at("QCNL_CONF_PATH")}}).sources[0].url->host(),
            "named");
  EXPECT_EQ(complete("", {}).sources[0].url->host(), "usual");
  usual_ = "/nowhere/qcnl.conf";
  EXPECT_THAT(complete("", {}).sources, IsEmpty());
}

TEST_F(SettingsOrder, ANamedFileMustBeThere) {
  const auto missing =
      complete_settings(Settings(), variables({{"QCNL_CONF_PATH", "/nowhere/named.conf"}}), usual_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kFileUnreadable);
  EXPECT_THAT(missing.error().summary(), HasSubstr("QCNL_CONF_PATH"));
}

TEST_F(SettingsOrder, WhatIsSetHereStays) {
  usual_ = write("usual.conf",
                 R"({"pccs_url": "https://usual/", "verify_collateral_cache_expire_hours": 5})");
  EXPECT_EQ(complete("", {}).refresh.value, 5h);
  EXPECT_EQ(complete("[collateral]\nrefresh = \"7h\"\n", {}).refresh.value, 7h);
}

TEST_F(SettingsOrder, ExplainNamesEachOrigin) {
  usual_ = write("usual.conf", R"({"pccs_url": "https://usual/", "use_secure_cert": false})");
  const std::string explained = complete("[collateral]\nrefresh = \"7h\"\n", {}).explain();
  EXPECT_THAT(explained,
              HasSubstr("source 1 = pccs https://usual/sgx/certification/v4/, TLS certificate NOT "
                        "verified  (" +
                        usual_.string() + ": pccs_url)\n"));
  EXPECT_THAT(explained, HasSubstr("refresh = 7h  (" + (dir_ / "quoted.toml").string() + ":2)\n"));
  EXPECT_THAT(explained, HasSubstr("stale_limit = 7d  (default)\n"));
  EXPECT_THAT(explained, HasSubstr("warning: " + usual_.string() + ": use_secure_cert is false"));
  EXPECT_THAT(Settings().explain(), HasSubstr("no source\n"));
}

TEST(SourceOption, NamesKindAndPlace) {
  EXPECT_EQ(parse_source("pccs=https://pccs:8081")->url->host(), "pccs");
  EXPECT_EQ(parse_source("files=/a=b")->path, "/a=b");
  EXPECT_THAT(parse_source("pcss=https://a/").error().message(), HasSubstr("did you mean"));
  EXPECT_THAT(parse_source("https://a/").error().message(), HasSubstr("KIND=URL"));
  EXPECT_FALSE(parse_source("files="));
  EXPECT_FALSE(parse_source("pcs"));
}

}  // namespace
}  // namespace quoted::certification
