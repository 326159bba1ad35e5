// quotectl collateral fetch, import, sources and show, against services on the loopback.
#include "certification_server.h"
#include "collateral/collateral_files.h"
#include "quotectl_fixture.h"

namespace quoted::quotectl {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CollateralFetch : public QuotectlTest {
 protected:
  CollateralFetch() {
    const auto made = quotectl({"sim", "collateral", "--out", world()});
    if (made.exit_code != 0) throw std::runtime_error(made.err);
    fmspc_ = json::parse(base::as_text(read(world() + "/tcb_info.json")))["tcbInfo"]["fmspc"];
  }

  [[nodiscard]] std::string world() const { return file("world"); }
  [[nodiscard]] test::ProcessResult fetch(std::vector<std::string> more,
                                          bool trusting = true) const {
    more.insert(more.begin(), {"collateral", "fetch", "--fmspc", fmspc_, "--ca", "platform"});
    if (trusting) more.insert(more.end(), {"--root", world() + "/root.pem"});
    return quotectl(more, quiet());
  }
  // Without what the machine and its user have configured.
  [[nodiscard]] test::Environment quiet(const test::Environment& more = {}) const {
    test::Environment out = environment();
    for (const char* const name :
         {"QCNL_CONF_PATH", "AZDCAP_BASE_CERT_URL", "AZDCAP_PRIMARY_BASE_CERT_URL",
          "AZDCAP_SECONDARY_BASE_CERT_URL", "AZDCAP_REGION_URL", "AZDCAP_CLIENT_ID", "http_proxy",
          "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"}) {
      out.insert_or_assign(name, "");
    }
    for (const auto& [name, value] : more) out.insert_or_assign(name, value);
    return out;
  }
  // Byte for byte what the world published, whatever the dialect's forms.
  void expect_same_as_world(const std::string& path) const {
    const auto got = collateral::read_collateral(path);
    ASSERT_TRUE(got) << got.error().summary();
    const auto expected = collateral::read_collateral(world()).value();
    for (const collateral::CollateralPart& part : collateral::kCollateralParts) {
      EXPECT_EQ((*got).*part.bytes, expected.*part.bytes) << part.name;
    }
  }

  std::string fmspc_;
};

TEST_F(CollateralFetch, GetsABundleFromAServiceLikeIntels) {
  CertificationServer server(world(), Dialect::kPcs);
  const auto result = fetch({"--source", "pcs=" + server.url(), "--out", file("bundle.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  expect_same_as_world(file("bundle.json"));
  EXPECT_THAT(result.err, AllOf(HasSubstr("from pcs " + server.url()), HasSubstr("; good until "),
                                HasSubstr(kSimulated)));
  // The root's CRL comes from the service and not from the host in the certificate.
  EXPECT_EQ(server.asked().back().path, "/SIMULATED-NO-SECURITY/IntelSGXRootCA.der");
}

TEST_F(CollateralFetch, GetsADirectoryFromAPccsAndShowsWhereItIsFrom) {
  CertificationServer server(world(), Dialect::kPccs);
  const auto result = fetch({"--source", "pccs=" + server.url(), "--out", file("out") + "/"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  expect_same_as_world(file("out"));

  const auto shown = quotectl({"collateral", "show", file("out"), "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const json said = json::parse(shown.out);
  EXPECT_EQ(said["origin"]["files"], file("out"));
  EXPECT_EQ(said["origin"]["from"], "pccs " + server.url());
  EXPECT_EQ(said["signed"]["tcb_info"]["by"], "Intel SGX TCB Signing");
  EXPECT_EQ(said["signed"]["qe_identity"]["by"], "Intel SGX TCB Signing");
  EXPECT_EQ(said["signed"]["pck_crl"]["by"], "Intel SGX PCK Platform CA");
  EXPECT_EQ(said["signed"]["root_ca_crl"]["by"], "Intel SGX Root CA");
  EXPECT_EQ(said["signed"]["tcb_info"]["root"], kSimulated);
  EXPECT_EQ(said["expires"].size(), 10U);
}

TEST_F(CollateralFetch, ShowsWhatCameWhenThereIsNoPlaceForIt) {
  CertificationServer server(world(), Dialect::kPccs);
  const auto result = fetch({"--source", "pccs=" + server.url(), "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json said = json::parse(result.out);
  EXPECT_EQ(said["origin"]["from"], "pccs " + server.url());
  EXPECT_EQ(said["origin"]["stale"], false);
  EXPECT_EQ(said["tcb_info"]["tee"], "SGX");
}

TEST_F(CollateralFetch, ASignatureThatDoesNotFitIsShown) {
  std::string spoilt(base::as_text(read(world() + "/tcb_info.json")));
  const std::size_t at = spoilt.find("\"signature\":\"") + 13;
  spoilt[at] = spoilt[at] == '0' ? '1' : '0';
  std::filesystem::copy(world(), file("spoilt"));
  write("spoilt/tcb_info.json", base::as_bytes(spoilt));
  const auto shown = quotectl({"collateral", "show", file("spoilt"), "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(json::parse(shown.out)["signed"]["tcb_info"]["by"].get<std::string>(),
              HasSubstr("does not match"));
}

TEST_F(CollateralFetch, TheNextSourceIsAskedWhenOneFails) {
  CertificationServer broken(world(), Dialect::kPccs);
  broken.replace("tcb", {.status = 503});
  CertificationServer server(world(), Dialect::kPccs);
  const auto result = fetch({"--source", "pccs=" + broken.url(), "--source", "pccs=" + server.url(),
                             "--out", file("bundle.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("not from pccs " + broken.url() + ": SOURCE_BUSY"),
                                HasSubstr("the SGX TCB info of FMSPC")));
  expect_same_as_world(file("bundle.json"));
}

TEST_F(CollateralFetch, NothingIsWrittenThatDoesNotVerify) {
  CertificationServer server(world(), Dialect::kPcs);
  const auto result =
      fetch({"--source", "pcs=" + server.url(), "--out", file("bundle.json")}, false);
  EXPECT_EQ(result.exit_code, kError);
  EXPECT_THAT(result.err, HasSubstr("SIMULATED_ROOT_NOT_TRUSTED"));
  EXPECT_FALSE(std::filesystem::exists(file("bundle.json")));

  http::Response spoilt = server.current("tcb");
  const std::size_t at = spoilt.body.find("\"signature\":\"") + 13;
  spoilt.body[at] = spoilt.body[at] == '0' ? '1' : '0';
  server.replace("tcb", spoilt);
  const auto other = fetch({"--source", "pcs=" + server.url(), "--out", file("bundle.json")});
  EXPECT_EQ(other.exit_code, kError);
  EXPECT_THAT(other.err, HasSubstr("TCB_INFO_SIGNATURE_INVALID"));
  EXPECT_FALSE(std::filesystem::exists(file("bundle.json")));
}

TEST_F(CollateralFetch, EveryKindOfFailureHasItsName) {
  CertificationServer server(world(), Dialect::kPccs);
  const http::Response good = server.current("tcb");
  const auto said = [&](const http::Response& response) {
    server.replace("tcb", response);
    const auto result = fetch({"--source", "pccs=" + server.url()});
    EXPECT_EQ(result.exit_code, kError);
    return result.err;
  };
  const auto page = http::Response::of_type("text/html", "<html>Log in</html>");
  EXPECT_THAT(said(page), AllOf(HasSubstr("NOT_A_CERTIFICATION_SERVICE"),
                                HasSubstr(server.url() + "tcb?fmspc="), HasSubstr("Log in")));
  EXPECT_THAT(said({.status = 404, .body = "No cache data"}),
              AllOf(HasSubstr("NOT_FOUND_AT_SOURCE"), HasSubstr("No cache data")));
  EXPECT_THAT(said({.status = 401}), HasSubstr("API_KEY_REFUSED"));
  EXPECT_THAT(said({.status = 410}), HasSubstr("API_VERSION_RETIRED"));
  EXPECT_THAT(said({.status = 429, .headers = {{"Retry-After", "7"}}}),
              AllOf(HasSubstr("SOURCE_BUSY"), HasSubstr("Retry-After is '7'")));
  EXPECT_THAT(said({.status = 500}), HasSubstr("SOURCE_FAILED"));
  http::Response without = good;
  without.headers.clear();
  EXPECT_THAT(said(without), AllOf(HasSubstr("REPLY_NOT_UNDERSTOOD"),
                                   HasSubstr("no header TCB-Info-Issuer-Chain")));
}

TEST_F(CollateralFetch, WhatWasImportedIsThereWhenNoServiceIs) {
  const auto imported = quotectl({"collateral", "import", world(), "--cache-dir", file("cache"),
                                  "--root", world() + "/root.pem"},
                                 quiet());
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_THAT(imported.err, HasSubstr("kept in " + file("cache")));
  // Port 9 of the loopback: nobody serves there.
  const auto result = fetch({"--source", "pccs=http://127.0.0.1:9/", "--cache-dir", file("cache"),
                             "--out", file("bundle.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("ENDPOINT_REFUSED"), HasSubstr("from files " + world())));
  expect_same_as_world(file("bundle.json"));
}

TEST_F(CollateralFetch, WhatIsOutOfTheCacheIsCalledSo) {
  CertificationServer server(world(), Dialect::kPccs);
  const auto first = fetch({"--source", "pccs=" + server.url(), "--cache-dir", file("cache"),
                            "--out", file("out") + "/"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, Not(HasSubstr("OUT OF THE CACHE")));
  const auto fetched = [&] {
    return json::parse(base::as_text(read(file("out") + "/fetched.json")));
  };
  EXPECT_EQ(fetched()["out_of_cache"], false);

  // One document is enough.
  server.replace("qe/identity", {.status = 503});
  const auto second = fetch({"--source", "pccs=" + server.url(), "--cache-dir", file("cache"),
                             "--out", file("out") + "/"});
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.err, AllOf(HasSubstr("OUT OF THE CACHE"), HasSubstr("identity")));
  EXPECT_EQ(fetched()["out_of_cache"], true);
}

TEST_F(CollateralFetch, ImportFailsWhenTheCacheKeepsItsOwn) {
  const auto import = [&](const std::string& path) {
    return quotectl({"collateral", "import", path, "--cache-dir", file("cache"), "--root",
                     world() + "/root.pem"},
                    quiet());
  };
  ASSERT_EQ(import(world()).exit_code, 0);
  std::string forged(base::as_text(read(world() + "/tcb_info.json")));
  const std::size_t at = forged.find("\"signature\":\"") + 13;
  forged[at] = forged[at] == '0' ? '1' : '0';
  std::filesystem::copy(world(), file("forged"));
  write("forged/tcb_info.json", base::as_bytes(forged));
  const auto result = import(file("forged"));
  EXPECT_EQ(result.exit_code, kError);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr(file("forged") + " was not imported, for its part the SGX TCB info"),
                    HasSubstr("TCB_INFO_SIGNATURE_INVALID"), Not(HasSubstr("kept in"))));
  // Nor in the same place as the good ones.
  write("world/tcb_info.json", base::as_bytes(forged));
  EXPECT_EQ(import(world()).exit_code, kError);
}

TEST_F(CollateralFetch, ImportNeedsACacheAndGoodDocuments) {
  const auto no_cache = quotectl({"collateral", "import", world()}, quiet());
  EXPECT_EQ(no_cache.exit_code, kError);
  EXPECT_THAT(no_cache.err, HasSubstr("--cache-dir"));
  const auto untrusted =
      quotectl({"collateral", "import", world(), "--cache-dir", file("cache")}, quiet());
  EXPECT_EQ(untrusted.exit_code, kError);
  EXPECT_THAT(untrusted.err, HasSubstr("SIMULATED_ROOT_NOT_TRUSTED"));
  write("file", {});
  const auto unusable = quotectl({"collateral", "import", world(), "--cache-dir", file("file"),
                                  "--root", world() + "/root.pem"},
                                 quiet());
  EXPECT_EQ(unusable.exit_code, kError);
  EXPECT_THAT(unusable.err, HasSubstr("CACHE_UNUSABLE"));
}

TEST_F(CollateralFetch, TheConfigurationNamesSourceRootAndCache) {
  CertificationServer server(world(), Dialect::kPccs);
  const std::string config = "[collateral]\ncache_dir = \"" + file("cache") + "\"\nroots = [\"" +
                             world() + "/root.pem\"]\n[[collateral.source]]\nkind = \"pccs\"\n" +
                             "url = \"" + server.url() + "\"\n";
  const std::string path = write("quoted.toml", base::as_bytes(config));
  const auto result = fetch({"--config", path, "--out", file("bundle.json")}, false);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(std::filesystem::exists(file("cache")));

  const auto wrong = fetch(
      {"--config", write("wrong.toml", base::as_bytes("[collateral]\nstale_limt = \"1d\"\n"))});
  EXPECT_EQ(wrong.exit_code, kError);
  EXPECT_THAT(wrong.err, AllOf(HasSubstr("wrong.toml:2:1"), HasSubstr("did you mean")));
}

TEST_F(CollateralFetch, SourcesTellsWhereEachValueIsFrom) {
  const std::string qcnl =
      write("qcnl.conf",
            base::as_bytes("{\"pccs_url\": \"https://pccs:8081/sgx/certification/v4/\", // ours\n"
                           "\"use_secure_cert\": false, \"retry_times\": 6}"));
  const auto result = quotectl({"collateral", "sources"}, quiet({{"QCNL_CONF_PATH", qcnl}}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("source 1 = pccs https://pccs:8081/sgx/certification/v4/, TLS "
                              "certificate NOT verified  (" +
                              qcnl + ": pccs_url)\n"),
                    HasSubstr("retry_times is not followed"), HasSubstr("stale_limit = 7d")));

  const auto broken =
      quotectl({"collateral", "sources"},
               quiet({{"QCNL_CONF_PATH", write("broken.conf", base::as_bytes("{\n\"a\" 1}"))}}));
  EXPECT_EQ(broken.exit_code, kError);
  EXPECT_THAT(broken.err, AllOf(HasSubstr("broken.conf"), HasSubstr("line 2")));
}

TEST_F(CollateralFetch, BadCallsAreRefused) {
  EXPECT_EQ(fetch({"--source", "pccs=ftp://pccs/"}).exit_code, kError);
  EXPECT_THAT(fetch({"--source", "pccs=ftp://pccs/"}).err, HasSubstr("scheme 'ftp'"));
  EXPECT_THAT(fetch({"--source", "pcss=https://pccs/"}).err, HasSubstr("did you mean"));
  EXPECT_THAT(quotectl({"collateral", "fetch", "--fmspc", "00", "--ca", "platform"}, quiet()).err,
              HasSubstr("--fmspc takes 6 bytes"));
  EXPECT_EQ(quotectl({"collateral", "fetch", "--fmspc", fmspc_, "--ca", "both"}, quiet()).exit_code,
            kError);
}

}  // namespace
}  // namespace quoted::quotectl
