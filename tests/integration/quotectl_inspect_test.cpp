// quotectl inspect: recognises what a file is and leaves no field out.
#include "crypto/certificate_builder.h"
#include "quotectl_fixture.h"
#include "sgx/report.h"
#include "test_support/vectors.h"

namespace quoted::quotectl {
namespace {

using nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Inspect : public QuotectlTest {
 protected:
  [[nodiscard]] std::string text(const std::string& path) const {
    const auto result = quotectl({"inspect", path});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }
  [[nodiscard]] ordered_json json(const std::string& path) const {
    const auto result = quotectl({"inspect", path, "--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return ordered_json::parse(result.out);
  }

  // Text and JSON must show the same: looks up every name and string of the one in the other.
  static void expect_all_in(const ordered_json& part, const std::string& all) {
    for (const auto& [key, value] : part.items()) {
      if (part.is_object()) {
        EXPECT_THAT(all, HasSubstr(key + ":"));
      }
      if (value.is_structured()) {
        expect_all_in(value, all);
      } else if (value.is_string() && !value.get<std::string>().empty()) {
        EXPECT_THAT(all, HasSubstr(value.get<std::string>())) << key;
      }
    }
  }
  [[nodiscard]] ordered_json same_in_both(const std::string& path) const {
    ordered_json out = json(path);
    expect_all_in(out, text(path));
    return out;
  }
};

// Byte value = offset modulo 251, so that a field taken from a wrong place shows.
base::Bytes counting(std::size_t size) {
  base::Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::byte>(i % 251);
  return out;
}

std::string hex_of(const base::Bytes& bytes, std::size_t offset, std::size_t size) {
  return base::to_hex(base::ByteView(bytes).subspan(offset, size));
}

// sgx-cpu-model 1.7.
void expect_counting_body(const ordered_json& body) {
  const base::Bytes bytes = counting(384);
  EXPECT_EQ(body["cpu_svn"], hex_of(bytes, 0, 16));
  EXPECT_EQ(body["misc_select"]["value"], "0x13121110");
  EXPECT_EQ(body["cet_attributes"], "0x14");
  EXPECT_EQ(body["reserved1"], hex_of(bytes, 21, 11));
  EXPECT_EQ(body["isv_ext_prod_id"], hex_of(bytes, 32, 16));
  EXPECT_EQ(body["attributes"]["flags"], "0x3736353433323130");
  EXPECT_EQ(body["attributes"]["xfrm"], "0x3f3e3d3c3b3a3938");
  EXPECT_EQ(body["mr_enclave"], hex_of(bytes, 64, 32));
  EXPECT_EQ(body["reserved2"], hex_of(bytes, 96, 32));
  EXPECT_EQ(body["mr_signer"], hex_of(bytes, 128, 32));
  EXPECT_EQ(body["reserved3"], hex_of(bytes, 160, 32));
  EXPECT_EQ(body["config_id"], hex_of(bytes, 192, 64));
  EXPECT_EQ(body["isv_prod_id"], 0x0605);
  EXPECT_EQ(body["isv_svn"], 0x0807);
  EXPECT_EQ(body["config_svn"], 0x0a09);
  EXPECT_EQ(body["reserved4"], hex_of(bytes, 262, 42));
  EXPECT_EQ(body["isv_family_id"], hex_of(bytes, 304, 16));
  EXPECT_EQ(body["report_data"], hex_of(bytes, 320, 64));
}

TEST_F(Inspect, ReportHasEveryField) {
  const base::Bytes bytes = counting(432);
  const ordered_json report = same_in_both(write("report", bytes));
  EXPECT_EQ(report["kind"], "report");
  EXPECT_EQ(report["size"], 432);
  expect_counting_body(report["body"]);
  EXPECT_EQ(report["key_id"], hex_of(bytes, 384, 32));
  EXPECT_EQ(report["mac"], hex_of(bytes, 416, 16));
}

TEST_F(Inspect, ReportBodyHasEveryField) {
  const ordered_json body = same_in_both(write("body", counting(384)));
  EXPECT_EQ(body["kind"], "report_body");
  expect_counting_body(body);
}

TEST_F(Inspect, TargetInfoHasEveryField) {
  const base::Bytes bytes = counting(512);
  const ordered_json target = same_in_both(write("target", bytes));
  EXPECT_EQ(target["kind"], "target_info");
  EXPECT_EQ(target["mr_enclave"], hex_of(bytes, 0, 32));
  EXPECT_EQ(target["attributes"]["flags"], "0x2726252423222120");
  EXPECT_EQ(target["cet_attributes"], "0x30");
  EXPECT_EQ(target["reserved1"], "31");
  EXPECT_EQ(target["config_svn"], 0x3332);
  EXPECT_EQ(target["misc_select"]["value"], "0x37363534");
  EXPECT_EQ(target["reserved2"], hex_of(bytes, 56, 8));
  EXPECT_EQ(target["config_id"], hex_of(bytes, 64, 64));
  EXPECT_EQ(target["reserved3"], hex_of(bytes, 128, 384));
}

TEST_F(Inspect, BitsAreNamed) {
  sgx::ReportBody body;
  body.attributes = {0x4F7, 0x602E7};
  body.misc_select = 1;
  const std::string path = write("body", base::struct_bytes(body));
  const ordered_json attributes = json(path)["attributes"];
  EXPECT_EQ(attributes["flag_names"], ordered_json({"INIT", "DEBUG", "MODE64BIT", "PROVISION_KEY",
                                                    "EINITTOKEN_KEY", "CET", "KSS", "AEX_NOTIFY"}));
  EXPECT_EQ(attributes["debug"], true);
  EXPECT_EQ(attributes["xfrm_names"], ordered_json({"X87", "SSE", "AVX", "OPMASK", "ZMM_HI256",
                                                    "HI16_ZMM", "PKRU", "TILECFG", "TILEDATA"}));
  EXPECT_THAT(text(path), AllOf(HasSubstr("  flag_names: INIT DEBUG MODE64BIT PROVISION_KEY"),
                                HasSubstr("  names: EXINFO\n"), HasSubstr("reserved1: zero\n")));

  body.attributes = {std::uint64_t{1} << 63U | 8U, 0};
  EXPECT_EQ(json(write("body", base::struct_bytes(body)))["attributes"]["flag_names"],
            ordered_json({"bit 3", "bit 63"}));
}

TEST_F(Inspect, ReportOfTheSdkSimulationSaysSo) {
  EXPECT_THAT(text(make_report("report", {"--cpu", "sdk-sim", "--cpusvn", "upgraded"})),
              HasSubstr("SIMULATED-NO-SECURITY: the Intel SDK's simulation mode, level upgraded"));
}

TEST_F(Inspect, QuoteHasEveryField) {
  const base::Bytes bytes = test::read_vector("real-quotes/sgx-v3-platform.bin");
  const ordered_json quote = same_in_both(write("quote", bytes));
  EXPECT_EQ(quote["kind"], "quote");
  EXPECT_EQ(quote["size"], bytes.size());
  EXPECT_EQ(quote["trailing_bytes"], 0);
  EXPECT_EQ(quote["simulated"], false);
  EXPECT_EQ(quote["header"]["version"], 3);
  EXPECT_EQ(quote["header"]["attestation_key_type"], 2);
  EXPECT_EQ(quote["header"]["qe_vendor_id"], hex_of(bytes, 12, 16));
  EXPECT_EQ(quote["header"]["user_data"], hex_of(bytes, 28, 20));
  EXPECT_EQ(quote["report_body"]["mr_enclave"], hex_of(bytes, 48 + 64, 32));
  EXPECT_EQ(quote["signature_data_size"], bytes.size() - 436);
  EXPECT_EQ(quote["quote_signature"], hex_of(bytes, 436, 64));
  EXPECT_EQ(quote["attestation_key"], hex_of(bytes, 500, 64));
  EXPECT_EQ(quote["qe_report"]["mr_signer"], hex_of(bytes, 564 + 128, 32));
  EXPECT_EQ(quote["qe_report_signature"], hex_of(bytes, 948, 64));
  EXPECT_EQ(quote["authentication_data"], hex_of(bytes, 1014, 32));

  const ordered_json& data = quote["certification_data"];
  EXPECT_EQ(data["type"], 5);
  EXPECT_EQ(data["type_name"], "PCK certificate chain");
  EXPECT_EQ(data["size"], bytes.size() - 1052);
  ASSERT_EQ(data["certificates"].size(), 3U);
  EXPECT_THAT(data["certificates"][0]["subject"].get<std::string>(),
              StartsWith("CN = Intel SGX PCK Certificate,"));
  const ordered_json& sgx = data["certificates"][0]["sgx_extension"];
  EXPECT_EQ(sgx["fmspc"].get<std::string>().size(), 12U);
  EXPECT_EQ(sgx["ppid"].get<std::string>().size(), 32U);
  EXPECT_EQ(sgx["tcb_components"].size(), 16U);
  EXPECT_TRUE(sgx["configuration"].contains("smt_enabled"));
  EXPECT_THAT(data["certificates"][2]["subject"].get<std::string>(),
              StartsWith("CN = Intel SGX Root CA,"));
}

TEST_F(Inspect, QuoteWithPaddingShowsHowMuch) {
  base::Bytes bytes = test::read_vector("real-quotes/sgx-v3-platform.bin");
  bytes.resize(bytes.size() + 100);
  EXPECT_EQ(json(write("quote", bytes))["trailing_bytes"], 100);
}

TEST_F(Inspect, QuoteWithoutCertificatesHasItsOwnData) {
  const ordered_json data = same_in_both(
      QUOTED_VECTORS_DIR "/real-quotes/sgx-v3-encrypted-ppid.bin")["certification_data"];
  EXPECT_EQ(data["type"], 3);
  EXPECT_EQ(data["encrypted_ppid"].get<std::string>().size(), 768U);
  EXPECT_TRUE(data["tcb"].contains("cpu_svn"));
}

TEST_F(Inspect, SimulatedQuoteSaysSo) {
  const std::string path = make_quote("quote");
  EXPECT_EQ(json(path)["simulated"], true);
  // Within the lines that people look at first.
  EXPECT_LT(text(path).find(kSimulated), 200U);
}

TEST_F(Inspect, CertificatesInPemAndDer) {
  const ordered_json chain =
      same_in_both(QUOTED_VECTORS_DIR "/real-certificates/pck-chain-platform-B0C06F000000.pem");
  EXPECT_EQ(chain["kind"], "certificate_chain");
  EXPECT_EQ(chain["simulated"], false);
  EXPECT_EQ(chain["certificates"][0]["sgx_extension"]["fmspc"], "b0c06f000000");
  EXPECT_EQ(chain["certificates"][0]["ca"], false);
  EXPECT_EQ(chain["certificates"][0]["path_length"], nullptr);

  const ordered_json root =
      same_in_both(QUOTED_VECTORS_DIR "/real-certificates/intel-sgx-root-ca.der");
  EXPECT_EQ(root["kind"], "certificate");
  const ordered_json& certificate = root["certificates"][0];
  EXPECT_EQ(certificate["serial"], "22650cd65a9d3489f383b49552bf501b392706ac");
  EXPECT_EQ(certificate["not_before"], "2018-05-21T10:45:10Z");
  EXPECT_EQ(certificate["not_after"], "2049-12-31T23:59:59Z");
  EXPECT_EQ(certificate["ca"], true);
  EXPECT_EQ(certificate["path_length"], 1);
  EXPECT_EQ(certificate["key_usage"], ordered_json({"keyCertSign", "cRLSign"}));
  EXPECT_EQ(certificate["sha256"],
            "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");
  EXPECT_FALSE(certificate.contains("sgx_extension"));

  EXPECT_EQ(json(make_root("root.pem"))["simulated"], true);
}

// A certificate may say anything; a terminal must not act on it.
TEST_F(Inspect, ControlCharactersAreEscaped) {
  const auto key = crypto::P256PrivateKey::create(base::Bytes(32, std::byte{1})).value();
  crypto::CertificateSpec spec;
  spec.subject_cn = "name";
  spec.issuer_cn = "name";
  spec.serial.mutable_view()[0] = std::byte{1};
  spec.not_after = base::UnixTime(std::chrono::hours(24));
  spec.crl_url = "https://x/\x1b[2J\xff\nVERIFIED";
  const auto certificate = crypto::issue_certificate(spec, key.public_key(), key).value();
  const std::string path = write("certificate", certificate.der());
  EXPECT_THAT(text(path), HasSubstr("crl_urls: https://x/\\x1b[2J\\xff\\x0aVERIFIED\n"));
  EXPECT_THAT(quotectl({"inspect", path, "--json"}).out, Not(HasSubstr("\x1b")));
}

TEST_F(Inspect, WhatItDoesNotKnowIsAnError) {
  EXPECT_THAT(quotectl({"inspect", write("text", base::as_bytes("hello, world"))}),
              IsErrorSaying("unknown content of 12 bytes"));
  EXPECT_THAT(quotectl({"inspect", write("empty", {})}),
              IsErrorSaying("unknown content of 0 bytes"));
  EXPECT_THAT(quotectl({"inspect", write("zeros", base::Bytes(433))}),
              IsErrorSaying("neither a REPORT (432 bytes)"));
  EXPECT_THAT(quotectl({"inspect", write("large", base::Bytes(200'000))}),
              IsErrorSaying("larger than"));
  const base::Bytes quote = test::read_vector("real-quotes/sgx-v3-platform.bin");
  EXPECT_THAT(quotectl({"inspect", write("cut", base::ByteView(quote).first(2000))}),
              IsErrorSaying("signature data length"));
  EXPECT_THAT(quotectl({"inspect", write("pem", base::as_bytes("-----BEGIN CERTIFICATE-----\nx"))}),
              IsErrorSaying("certificate"));
  EXPECT_THAT(quotectl({"inspect", QUOTED_VECTORS_DIR "/crypto/p256-test-key.pem"}),
              IsErrorSaying("not a PEM certificate"));
  EXPECT_THAT(quotectl({"inspect", file("none")}), IsErrorSaying("No such file or directory"));
  EXPECT_THAT(quotectl({"inspect", directory_.path()}), IsErrorSaying("Is a directory"));
}

}  // namespace
}  // namespace quoted::quotectl
