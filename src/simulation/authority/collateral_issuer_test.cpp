#include "simulation/authority/collateral_issuer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "crypto/der.h"
#include "simulation/authority/utc_text.h"
#include "simulation/qe3/qe3.h"
#include "simulation/testing/authority_fixture.h"
#include "test_support/subprocess.h"
#include "test_support/vectors.h"

namespace quoted::simulation {
namespace {

using test::kBothCas;
using test::kNow;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

// ---- The shape of the documents: given Intel's values, Intel's bytes come out

// The value of the first member, byte by byte.
std::string_view signed_part(std::string_view document) {
  const std::size_t begin = document.find(':') + 1;
  return document.substr(begin, document.find(",\"signature\":") - begin);
}

TcbVerdict verdict_of(const Json& level) {
  return {parse_utc_text(level["tcbDate"]).value(),
          collateral::parse_tcb_status(level["tcbStatus"].get<std::string>()).value(),
          level.value("advisoryIDs", std::vector<std::string>())};
}

// The 16 numbers of either version.
collateral::TcbComponents components_of(const Json& tcb) {
  collateral::TcbComponents out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::string name = base::text("sgxtcbcomp", i < 9 ? "0" : "", i + 1, "svn");
    out[i] = tcb.contains(name) ? tcb[name] : tcb["sgxtcbcomponents"][i]["svn"];
  }
  return out;
}

Validity validity_of(const Json& document) {
  return {parse_utc_text(document["issueDate"]).value(),
          parse_utc_text(document["nextUpdate"]).value()};
}

TEST(CollateralDocuments, TcbInfoHasTheFormOfIntels) {
  for (const auto& [file, version] :
       {std::pair("real-collateral/tcbinfo-v3-sgx-00606A000000.json", TcbInfoVersion::k3),
        std::pair("real-collateral/tcbinfo-v2-pcs-v3-body.json", TcbInfoVersion::k2)}) {
    const std::string text = quoted::test::read_text_vector(file);
    const Json real = Json::parse(text)["tcbInfo"];
    TcbState state;
    state.evaluation_number = real["tcbEvaluationDataNumber"];
    for (const Json& level : real["tcbLevels"]) {
      state.levels.push_back(
          {components_of(level["tcb"]), level["tcb"]["pcesvn"], verdict_of(level)});
    }
    const auto fmspc = sgx::Fmspc::parse_hex(real["fmspc"].get<std::string>()).value();
    EXPECT_EQ(tcb_info_text(state, fmspc, version, validity_of(real)), signed_part(text)) << file;
  }
}

TEST(CollateralDocuments, QeIdentityHasTheFormOfIntels) {
  std::string text = quoted::test::read_text_vector("real-collateral/qe-identity-v2-pcs-body.json");
  const Json real = Json::parse(text)["enclaveIdentity"];
  TcbState state;
  state.evaluation_number = real["tcbEvaluationDataNumber"];
  for (const Json& level : real["tcbLevels"]) {
    state.qe_levels.push_back({level["tcb"]["isvsvn"], verdict_of(level)});
  }
  const std::string ours = qe_identity_text(state, validity_of(real));
  const std::string own_signer = Json::parse(ours)["mrsigner"];
  const std::string intels = real["mrsigner"];
  EXPECT_NE(own_signer, intels);
  EXPECT_EQ(own_signer.size(), intels.size());
  EXPECT_EQ(own_signer.find_first_of("abcdef"), std::string::npos);
  text.replace(text.find(intels), intels.size(), own_signer);
  EXPECT_EQ(ours, signed_part(text));
}

// ---- What the issuer makes of a state

class CollateralIssuerTest : public test::AuthorityTest {
 protected:
  [[nodiscard]] static TcbState fresh() { return default_tcb_state(default_platform_model()); }
  [[nodiscard]] CollateralIssuer issuer(const TcbState& state) {
    return CollateralIssuer::create(authority_, state, kNow).value();
  }
  [[nodiscard]] static sgx::Fmspc fmspc() { return default_platform_model().fmspc; }
  [[nodiscard]] Json tcb_info(const TcbState& state) {
    return Json::parse(issuer(state).tcb_info(fmspc()).value())["tcbInfo"];
  }

  std::string write(const std::string& name, base::ByteView content) const {
    EXPECT_TRUE(base::write_file(dir_ / name, content, 0644));
    return dir_ / name;
  }
  [[nodiscard]] static quoted::test::ProcessResult openssl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "/usr/bin/openssl");
    return quoted::test::run(arguments);
  }

  // What OpenSSL says of the signature of a document, with the signer's certificate.
  [[nodiscard]] std::string openssl_verdict(const std::string& document,
                                            std::string_view signed_bytes,
                                            const crypto::Certificate& signer) const {
    const auto raw = base::from_hex(Json::parse(document)["signature"].get<std::string>()).value();
    EXPECT_EQ(raw.size(), 64U);
    // A DER INTEGER is positive and minimal.
    const auto half = [&](std::size_t at) {
      base::Bytes number = base::to_bytes(base::ByteView(raw).subspan(at, 32));
      while (number.size() > 1 && number[0] == std::byte{0}) number.erase(number.begin());
      if ((number[0] & std::byte{0x80}) != std::byte{0}) {
        number.insert(number.begin(), std::byte{0});
      }
      return crypto::der_element(crypto::der_tag::kInteger, number);
    };
    const std::string signature = write("signature", crypto::der_sequence({half(0), half(32)}));
    const std::string content = write("content", base::as_bytes(signed_bytes));
    const std::string certificate = write("signer.pem", base::as_bytes(signer.pem()));
    const auto key = openssl({"x509", "-in", certificate, "-noout", "-pubkey"});
    const std::string public_key = write("key.pem", base::as_bytes(key.out));
    return openssl({"dgst", "-sha256", "-verify", public_key, "-signature", signature, content})
        .out;
  }

  const CertificateAuthority authority_ = authority();
};

TEST_F(CollateralIssuerTest, AFreshWorldIsUpToDate) {
  const Json info = tcb_info(fresh());
  EXPECT_EQ(info["id"], "SGX");
  EXPECT_EQ(info["version"], 3);
  EXPECT_EQ(info["issueDate"], "2026-07-01T00:00:00Z");
  EXPECT_EQ(info["nextUpdate"], "2026-07-31T00:00:00Z");
  EXPECT_EQ(info["fmspc"], "FF53494D0000");
  EXPECT_EQ(info["pceId"], "0000");
  const Json& level = info["tcbLevels"][0];
  const ManufacturedPlatform of = platform(PckCa::kPlatform);
  const auto pck = describe_platform(seed_, of, raw_tcb(of)).value();
  EXPECT_EQ(components_of(level["tcb"]), pck.components);
  EXPECT_EQ(level["tcb"]["pcesvn"], pck.pce_svn);
  EXPECT_EQ(level["tcbStatus"], "UpToDate");
  EXPECT_FALSE(level.contains("advisoryIDs"));

  const Json identity = Json::parse(issuer(fresh()).qe_identity().value())["enclaveIdentity"];
  EXPECT_EQ(identity["tcbLevels"][0]["tcb"]["isvsvn"], kSimulatedQeIsvSvn);
  EXPECT_EQ(identity["tcbLevels"][0]["tcbStatus"], "UpToDate");
}

// quote-verification 10, step 12, on the QE that makes the quotes.
TEST_F(CollateralIssuerTest, QeIdentityIsThatOfTheSimulatedQe) {
  const Json identity = Json::parse(issuer(fresh()).qe_identity().value())["enclaveIdentity"];
  const Secs qe = simulated_qe_secs(kSimulatedQeIsvSvn);
  const auto bytes = [&](const char* name) {
    return quoted::test::unhex(identity[name].get<std::string>());
  };
  const auto masked = [&](base::ByteView value, const base::Bytes& mask) {
    base::Bytes out = base::to_bytes(value);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] &= mask.at(i);
    return out;
  };
  EXPECT_EQ(masked(base::struct_bytes(qe.misc_select), bytes("miscselectMask")),
            bytes("miscselect"));
  EXPECT_EQ(masked(base::struct_bytes(qe.attributes), bytes("attributesMask")),
            bytes("attributes"));
  EXPECT_EQ(bytes("mrsigner"), base::to_bytes(qe.mr_signer.view()));
  EXPECT_EQ(identity["isvprodid"], static_cast<std::uint16_t>(qe.isv_prod_id));
  Secs debug = qe;
  debug.attributes.flags = debug.attributes.flags | sgx::flags::kDebug;
  EXPECT_NE(masked(base::struct_bytes(debug.attributes), bytes("attributesMask")),
            bytes("attributes"));
}

TEST_F(CollateralIssuerTest, MovesWithTheState) {
  TcbState state = fresh();
  state.evaluation_number = 42;
  state.levels[0].verdict.status = TcbStatus::kSwHardeningNeeded;
  state.levels[0].verdict.advisory_ids = {"SIMULATED-SA-00002", "SIMULATED-SA-00003"};
  state.issue_date = test::midnight(2020, 2, 1);
  state.valid_days = 2;
  const Json info = tcb_info(state);
  EXPECT_EQ(info["tcbEvaluationDataNumber"], 42);
  EXPECT_EQ(info["issueDate"], "2020-02-01T00:00:00Z");
  EXPECT_EQ(info["nextUpdate"], "2020-02-03T00:00:00Z");
  EXPECT_EQ(info["tcbLevels"][0]["tcbStatus"], "SWHardeningNeeded");
  EXPECT_EQ(info["tcbLevels"][0]["advisoryIDs"].dump(),
            R"(["SIMULATED-SA-00002","SIMULATED-SA-00003"])");
  EXPECT_EQ(Json::parse(
                issuer(state).tcb_info(fmspc(), TcbInfoVersion::k2).value())["tcbInfo"]["version"],
            2);
}

TEST_F(CollateralIssuerTest, WhatCannotBeWrittenIsRefused) {
  TcbState state = fresh();
  state.valid_days = 0;
  EXPECT_EQ(test::outcome(CollateralIssuer::create(authority_, state, kNow)),
            test::named(base::ErrorCode::kMalformed));
  for (const base::UnixTime when :
       {test::midnight(9999, 6, 1), base::UnixTime() - std::chrono::seconds(1)}) {
    EXPECT_EQ(test::outcome(CollateralIssuer::create(authority_, fresh(), when)),
              test::named(base::ErrorCode::kInvalidArgument));
  }
}

// ---- As OpenSSL judges

TEST_F(CollateralIssuerTest, SignaturesCoverTheExactBytesOfTheMember) {
  const CollateralIssuer collateral = issuer(fresh());
  for (const std::string& document : {collateral.tcb_info(fmspc()).value(),
                                      collateral.tcb_info(fmspc(), TcbInfoVersion::k2).value(),
                                      collateral.qe_identity().value()}) {
    const std::string_view part = signed_part(document);
    EXPECT_THAT(document,
                testing::MatchesRegex("\\{\"[a-zA-Z]+\":\\{.*\\},\"signature\":\"[0-9a-f]*\"\\}"));
    EXPECT_EQ(Json::parse(document).dump(), document)
        << "compact, so that re-serialising is harmless";
    EXPECT_THAT(openssl_verdict(document, part, authority_.tcb_signing()),
                HasSubstr("Verified OK"));
    EXPECT_THAT(openssl_verdict(document, std::string(part) + " ", authority_.tcb_signing()),
                Not(HasSubstr("Verified OK")));
    EXPECT_THAT(openssl_verdict(document, part, authority_.root()), Not(HasSubstr("Verified OK")));
  }
}

TEST_F(CollateralIssuerTest, IssuerChainsAreTheIssuerAndTheRoot) {
  const std::string root = write("root.pem", base::as_bytes(authority_.root().pem()));
  const std::string at = std::to_string(kNow.time_since_epoch().count());
  const auto check = [&](const std::string& chain, const crypto::Certificate& issuer) {
    EXPECT_EQ(chain, issuer.pem() + authority_.root().pem());
    const std::string path = write("issuer.pem", base::as_bytes(issuer.pem()));
    EXPECT_THAT(openssl({"verify", "-x509_strict", "-attime", at, "-CAfile", root, path}).out,
                HasSubstr("issuer.pem: OK"));
  };
  check(authority_.tcb_issuer_chain_pem(), authority_.tcb_signing());
  for (const PckCa ca : kBothCas) check(authority_.pck_issuer_chain_pem(ca), authority_.ca(ca));
}

TEST_F(CollateralIssuerTest, CrlsVerifyWithTheirIssuersAlone) {
  const CollateralIssuer collateral = issuer(fresh());
  const auto verdict = [&](const base::Bytes& crl, const crypto::Certificate& issuer) {
    const std::string path = write("crl.der", crl);
    const std::string ca = write("ca.pem", base::as_bytes(issuer.pem()));
    const auto result =
        openssl({"crl", "-inform", "DER", "-in", path, "-CAfile", ca, "-noout", "-text"});
    return result.err + result.out;
  };
  const base::Bytes root_crl = collateral.root_crl().value();
  EXPECT_THAT(verdict(root_crl, authority_.root()),
              AllOf(HasSubstr("verify OK"), HasSubstr("No Revoked Certificates"),
                    HasSubstr("CN = Intel SGX Root CA, O = Intel Corporation, L = Santa Clara"),
                    HasSubstr("Last Update: Jul  1 00:00:00 2026 GMT"),
                    HasSubstr("Next Update: Jul  1 00:00:00 2027 GMT")));
  for (const PckCa ca : kBothCas) {
    const base::Bytes crl = collateral.pck_crl(ca).value();
    EXPECT_THAT(verdict(crl, authority_.ca(ca)),
                AllOf(HasSubstr("verify OK"), HasSubstr("No Revoked Certificates"),
                      HasSubstr("Next Update: Jul 31 00:00:00 2026 GMT")));
    EXPECT_THAT(verdict(crl, authority_.root()), Not(HasSubstr("verify OK")));
  }
}

// `openssl verify -crl_check_all` over what a quote carries; "OK" or the reason of the refusal.
TEST_F(CollateralIssuerTest, OpensslRefusesWhatIsRevoked) {
  const std::string root = write("root.pem", base::as_bytes(authority_.root().pem()));
  const std::string at = std::to_string(kNow.time_since_epoch().count() + 60);
  const auto verdict = [&](const TcbState& state, PckCa ca, const crypto::Certificate& leaf) {
    std::string crls;
    const auto add = [&](const base::Bytes& crl) {
      const std::string der = write("crl.der", crl);
      crls += openssl({"crl", "-inform", "DER", "-in", der}).out;
    };
    add(issuer(state).root_crl().value());
    add(issuer(state).pck_crl(ca).value());
    const auto result = openssl(
        {"verify", "-crl_check_all", "-attime", at, "-CAfile", root, "-untrusted",
         write("ca.pem", base::as_bytes(authority_.ca(ca).pem())), "-CRLfile",
         write("crls.pem", base::as_bytes(crls)), write("leaf.pem", base::as_bytes(leaf.pem()))});
    return result.out + result.err;
  };
  for (const PckCa ca : kBothCas) {
    const crypto::Certificate leaf = pck(authority_, ca);
    EXPECT_THAT(verdict(fresh(), ca, leaf), HasSubstr("leaf.pem: OK"));

    const ManufacturedPlatform of = platform(ca);
    const auto serial =
        pck_serial(describe_platform(seed_, of, raw_tcb(of)).value(), seed_).value();
    EXPECT_EQ(serial.hex(), base::to_hex(leaf.serial()));
    TcbState state = fresh();
    state.revoked_pcks = {serial, test::filled<crypto::SerialNumber>(0x41)};
    EXPECT_THAT(verdict(state, ca, leaf),
                AllOf(HasSubstr("certificate revoked"), HasSubstr("at 0 depth")));

    state = fresh();
    state.revoked_issuers = {ca == PckCa::kPlatform ? RevocableIssuer::kPlatformCa
                                                    : RevocableIssuer::kProcessorCa};
    EXPECT_THAT(verdict(state, ca, leaf),
                AllOf(HasSubstr("certificate revoked"), HasSubstr("at 1 depth")));
    EXPECT_THAT(verdict(state, PckCa::kPlatform, authority_.tcb_signing()),
                HasSubstr("leaf.pem: OK"));
  }
  TcbState state = fresh();
  state.revoked_issuers = {RevocableIssuer::kTcbSigning};
  EXPECT_THAT(verdict(state, PckCa::kPlatform, authority_.tcb_signing()),
              HasSubstr("certificate revoked"));
}

}  // namespace
}  // namespace quoted::simulation
