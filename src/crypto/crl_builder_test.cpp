#include "crypto/crl_builder.h"

#include <gmock/gmock.h>

#include "crypto/der.h"
#include "crypto/testing/certificate_surgery.h"
#include "test_support/subprocess.h"
#include "test_support/temp_dir.h"
#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::to_be_signed;

constexpr std::uint8_t kUtcTime = 0x17;

P256PrivateKey issuer_key(int which = 0x17) {
  return P256PrivateKey::from_seed(base::Bytes(kP256SeedSize, static_cast<std::byte>(which)))
      .value();
}

// Of a UTCTime, "250815054126Z".
base::UnixTime time_of(base::ByteView utc_time) {
  const std::string_view text = base::as_text(utc_time);
  const auto field = [&](std::size_t i) { return std::stoi(std::string(text.substr(2 * i, 2))); };
  return std::chrono::sys_days(std::chrono::year(2000 + field(0)) / field(1) / field(2)) +
         std::chrono::hours(field(3)) + std::chrono::minutes(field(4)) +
         std::chrono::seconds(field(5));
}

SerialNumber serial_of(base::ByteView integer) {
  base::Bytes padded(SerialNumber::kSize + 1);
  std::ranges::copy(integer, padded.end() - static_cast<std::ptrdiff_t>(integer.size()));
  return SerialNumber::parse(base::ByteView(padded).last(SerialNumber::kSize)).value();
}

// What one would order to get this CRL of Intel's.
CrlSpec spec_of(base::ByteView crl, const std::string& issuer_cn,
                std::string_view authority_key_id) {
  CrlSpec out;
  out.issuer_cn = issuer_cn;
  out.authority_key_id = KeyIdentifier::parse_hex(authority_key_id).value();
  DerReader whole(to_be_signed(crl));
  DerReader fields(whole.next(der_tag::kSequence).value());
  (void)fields.next(der_tag::kInteger).value();   // version
  (void)fields.next(der_tag::kSequence).value();  // algorithm
  (void)fields.next(der_tag::kSequence).value();  // issuer
  out.this_update = time_of(fields.next(kUtcTime).value());
  out.next_update = time_of(fields.next(kUtcTime).value());
  const DerElement after = fields.next().value();
  if (after.tag != der_tag::kSequence) return out;
  for (DerReader list(after.content); !list.at_end();) {
    DerReader entry(list.next(der_tag::kSequence).value());
    const SerialNumber serial = serial_of(entry.next(der_tag::kInteger).value());
    out.revoked.push_back(
        {serial, time_of(entry.next(kUtcTime).value()), CrlReason::kKeyCompromise});
  }
  return out;
}

// As with certificates: ordered with the same values, the very bytes come out that Intel signed.
TEST(CrlBuilder, ReproducesIntelsCrls) {
  struct Sample {
    const char* file;
    const char* issuer;
    const char* key_id;
    std::size_t revoked;
  };
  for (const auto& [file, issuer, key_id, revoked] :
       {Sample{"pck-crl-platform.der", "Intel SGX PCK Platform CA",
               "956f5dcdbd1be1e94049c9d4f433ce01570bde54", 44},
        Sample{"pck-crl-processor.der", "Intel SGX PCK Processor CA",
               "d0e8aada75d7f92e4917983c7b1465d0d5f2594d", 0},
        Sample{"root-ca-crl.der", "Intel SGX Root CA", "22650cd65a9d3489f383b49552bf501b392706ac",
               0}}) {
    const base::Bytes real = test::read_vector(std::string("real-crls/") + file);
    const CrlSpec spec = spec_of(real, issuer, key_id);
    EXPECT_EQ(spec.revoked.size(), revoked) << file;
    const auto built = issue_crl(spec, issuer_key());
    ASSERT_TRUE(built) << built.error().summary();
    EXPECT_EQ(base::to_hex(to_be_signed(*built)), base::to_hex(to_be_signed(real))) << file;
  }
}

CrlSpec spec() {
  using namespace std::chrono_literals;
  CrlSpec out;
  out.issuer_cn = "Intel SGX Root CA";
  out.this_update = std::chrono::sys_days(2026y / 7 / 1);
  out.next_update = std::chrono::sys_days(2026y / 7 / 31);
  out.authority_key_id =
      KeyIdentifier::parse_hex("1111111111111111111111111111111111111111").value();
  return out;
}

std::string tbs_hex(const CrlSpec& spec) {
  return base::to_hex(to_be_signed(issue_crl(spec, issuer_key()).value()));
}

TEST(CrlBuilder, NumbersAreWhole) {
  CrlSpec crl = spec();
  crl.number = 0;
  EXPECT_THAT(tbs_hex(crl), HasSubstr("0603551d140403020100"));
  crl.number = 0xFFFFFFFF;
  EXPECT_THAT(tbs_hex(crl), HasSubstr("0603551d140407020500ffffffff"));
}

TEST(CrlBuilder, AReasonIsOptional) {
  CrlSpec crl = spec();
  const auto serial = SerialNumber::parse_hex("00000000000000000000000000000000000000f1").value();
  crl.revoked = {{serial, crl.this_update, std::nullopt}};
  // SEQUENCE of the serial, positive by a leading zero, and the date alone.
  EXPECT_THAT(tbs_hex(crl), HasSubstr("3013020200f1170d3236303730313030303030305a"));
  EXPECT_THAT(tbs_hex(crl), Not(HasSubstr("551d15")));
  crl.revoked[0].reason = CrlReason::kKeyCompromise;
  EXPECT_THAT(tbs_hex(crl),
              HasSubstr("170d3236303730313030303030305a300c300a0603551d1504030a0101"));
}

// RFC 5280 5.1.2.4: GeneralizedTime from 2050 on, each date for itself.
TEST(CrlBuilder, DatesChangeTheirFormIn2050) {
  using namespace std::chrono_literals;
  CrlSpec crl = spec();
  crl.this_update = std::chrono::sys_days(2050y / 1 / 1) - 1s;
  crl.next_update = std::chrono::sys_days(2050y / 1 / 1);
  const base::Bytes der = issue_crl(crl, issuer_key()).value();
  EXPECT_THAT(base::as_text(der), HasSubstr("\x17\x0d"
                                            "491231235959Z"));
  EXPECT_THAT(base::as_text(der), HasSubstr("\x18\x0f"
                                            "20500101000000Z"));
}

TEST(CrlBuilder, OpensslReadsAndVerifiesIt) {
  const test::TempDir dir;
  CertificateSpec issuer;
  issuer.subject_cn = issuer.issuer_cn = "Intel SGX Root CA";
  issuer.serial = SerialNumber::parse_hex("4400000000000000000000000000000000000001").value();
  issuer.not_before = spec().this_update;
  issuer.not_after = spec().next_update;
  issuer.subject_key_id = issuer.authority_key_id = spec().authority_key_id;
  issuer.crl_url = "http://x.test/c";
  issuer.ca_path_length = 1;
  const auto write = [&](const std::string& name, base::ByteView content) {
    ASSERT_TRUE(base::write_file(dir / name, content, 0644));
  };
  CrlSpec crl = spec();
  crl.number = 77;
  crl.revoked = {{issuer.serial, crl.this_update, CrlReason::kKeyCompromise}};
  write("crl", issue_crl(crl, issuer_key()).value());
  const auto verify = [&](int key) {
    const P256PrivateKey own = issuer_key(key);
    const std::string pem = issue_certificate(issuer, own.public_key(), own).value().pem();
    write("ca", base::as_bytes(pem));
    return test::run({"/usr/bin/openssl", "crl", "-inform", "DER", "-in", dir / "crl", "-CAfile",
                      dir / "ca", "-noout", "-text"});
  };
  const test::ProcessResult good = verify(0x17);
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_THAT(good.err, HasSubstr("verify OK"));
  EXPECT_THAT(good.out, HasSubstr("Version 2"));
  EXPECT_THAT(good.out, HasSubstr("ecdsa-with-SHA256"));
  EXPECT_THAT(good.out, HasSubstr("Serial Number: 4400000000000000000000000000000000000001"));
  EXPECT_THAT(good.out, HasSubstr("Key Compromise"));
  EXPECT_THAT(good.out, HasSubstr("77"));
  EXPECT_THAT(verify(0x18).err, HasSubstr("verify failure"));
}

}  // namespace
}  // namespace quoted::crypto
