#include "crypto/crl.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "crypto/certificate.h"
#include "crypto/crl_builder.h"
#include "crypto/der.h"
#include "crypto/testing/certificate_surgery.h"
#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using test::unhex;
using ::testing::HasSubstr;

constexpr base::UnixTime kThisUpdate{std::chrono::seconds(1'750'000'000)};

P256PrivateKey key(int which = 5) {
  return P256PrivateKey::from_seed(base::Bytes(kP256SeedSize, static_cast<std::byte>(which)))
      .value();
}

CrlSpec spec() {
  CrlSpec out;
  out.issuer_cn = "Intel SGX Root CA";
  out.this_update = kThisUpdate;
  out.next_update = kThisUpdate + std::chrono::hours(24);
  out.number = 0x0102;
  out.authority_key_id =
      KeyIdentifier::parse_hex("00112233445566778899aabbccddeeff00112233").value();
  return out;
}

base::Bytes issued(const CrlSpec& order) { return issue_crl(order, key()).value(); }

CrlSpec revoking(const std::vector<std::string>& serials) {
  CrlSpec out = spec();
  for (const std::string& digits : serials) {
    const std::string padded = std::string(40 - digits.size(), '0') + digits;
    out.revoked.push_back({SerialNumber::parse_hex(padded).value(), kThisUpdate, std::nullopt});
  }
  return out;
}

std::string refusal(base::ByteView der) {
  const auto crl = Crl::parse_der(der);
  if (crl) return "accepted";
  return crl.error().message();
}

// The fields of the signed part, each with its header, in the order of the profile: version,
// algorithm, issuer, thisUpdate, nextUpdate, [revoked,] extensions.
std::vector<base::Bytes> fields_of(base::ByteView der) {
  std::vector<base::Bytes> out;
  DerReader whole(testing::to_be_signed(der));
  for (DerReader rest(whole.next(der_tag::kSequence).value()); !rest.at_end();) {
    const DerElement field = rest.next().value();
    out.push_back(der_element(field.tag, field.content));
  }
  return out;
}

base::Bytes signed_anew(const std::vector<base::Bytes>& fields) {
  base::Bytes content;
  for (const base::Bytes& field : fields) base::append(content, field);
  return testing::sign_certificate(content, key());
}

// The extensions field with only those of `values`, OID and value as in the encoding.
base::Bytes extensions(const std::vector<std::string>& digits) {
  base::Bytes list;
  for (const std::string& one : digits) base::append(list, unhex(one));
  return der_element(0xA0, der_element(der_tag::kSequence, list));
}

const std::string kNumber = "300a0603551d140403020107";
const std::string kKeyId = "300f0603551d23040830068004aabbccdd";

TEST(Crl, ReadsARealOne) {
  const auto crl = Crl::parse_der(test::read_vector("real-crls/pck-crl-platform.der"));
  ASSERT_TRUE(crl) << crl.error().message();
  EXPECT_EQ(crl->issuer().common_name, "Intel SGX PCK Platform CA");
  EXPECT_EQ(crl->issuer().organization, "Intel Corporation");
  EXPECT_EQ(crl->issuer().locality, "Santa Clara");
  EXPECT_EQ(crl->issuer().state, "CA");
  EXPECT_EQ(crl->issuer().country, "US");
  EXPECT_EQ(base::to_hex(crl->authority_key_id()), "956f5dcdbd1be1e94049c9d4f433ce01570bde54");
  EXPECT_TRUE(crl->has_authority_key_id());
  EXPECT_EQ(base::to_hex(crl->number()), "01");
  EXPECT_EQ(crl->revoked_count(), 44U);
  EXPECT_EQ(crl->trailing_bytes(), 0U);
  EXPECT_LT(crl->this_update(), crl->next_update());

  const auto chain = parse_pem_chain(test::read_text_vector(
                                         "real-certificates/pck-chain-platform-B0C06F000000.pem"))
                         .value();
  EXPECT_FALSE(crl->revokes(chain[0].serial()));
  EXPECT_TRUE(crl->signature_matches(chain[1].public_key()));
  EXPECT_FALSE(crl->signature_matches(chain[2].public_key()));
}

TEST(Crl, ReadsWhatIsInIt) {
  const auto crl = Crl::parse_der(issued(spec()));
  ASSERT_TRUE(crl);
  EXPECT_EQ(crl->this_update(), kThisUpdate);
  EXPECT_EQ(crl->next_update(), kThisUpdate + std::chrono::hours(24));
  EXPECT_EQ(base::to_hex(crl->number()), "0102");
  EXPECT_EQ(crl->revoked_count(), 0U);
  EXPECT_FALSE(crl->revokes(unhex("01")));
}

TEST(Crl, RevokesBySerialWithoutLeadingZeros) {
  const auto crl = Crl::parse_der(
      issued(revoking({"f1", "01", "0100", "ff00000000000000000000000000000000000001"})));
  ASSERT_TRUE(crl);
  EXPECT_EQ(crl->revoked_count(), 4U);
  for (const char* const serial :
       {"f1", "01", "0100", "ff00000000000000000000000000000000000001"}) {
    EXPECT_TRUE(crl->revokes(unhex(serial))) << serial;
  }
  for (const char* const serial :
       {"", "00", "f2", "00f1", "f100", "10", "0001", "ff00000000000000000000000000000000000002"}) {
    EXPECT_FALSE(crl->revokes(unhex(serial))) << serial;
  }
}

// A certificate is found whose serial number has its high bit set, so that its encoding starts with
// a zero.
TEST(Crl, RevokesCertificatesOfSuchSerials) {
  for (const std::string serial : {"80", "f1f2", "7f", "01"}) {
    CertificateSpec certificate;
    certificate.subject_cn = certificate.issuer_cn = "X";
    certificate.crl_url = "http://x.test/c";
    certificate.serial =
        SerialNumber::parse_hex(std::string(40 - serial.size(), '0') + serial).value();
    const auto issued_one = issue_certificate(certificate, key().public_key(), key()).value();
    EXPECT_TRUE(Crl::parse_der(issued(revoking({"05", serial})))->revokes(issued_one.serial()));
    EXPECT_FALSE(Crl::parse_der(issued(revoking({"05"})))->revokes(issued_one.serial()));
  }
}

TEST(Crl, ManySerialsAreFoundInAnyOrder) {
  std::vector<std::string> serials;
  for (int i = 0; i < 300; ++i) {
    serials.push_back(base::to_hex(unhex("aa")) +
                      (i < 10    ? "000"
                       : i < 100 ? "00"
                                 : "0") +
                      std::to_string(i));
  }
  std::ranges::reverse(serials);
  const auto crl = Crl::parse_der(issued(revoking(serials)));
  ASSERT_TRUE(crl);
  for (const std::string& serial : serials) EXPECT_TRUE(crl->revokes(unhex(serial))) << serial;
  EXPECT_FALSE(crl->revokes(unhex("aa0300")));
}

TEST(Crl, SignatureCoversEveryByte) {
  const base::Bytes good = issued(revoking({"f1"}));
  EXPECT_TRUE(Crl::parse_der(good)->signature_matches(key().public_key()));
  EXPECT_FALSE(Crl::parse_der(good)->signature_matches(key(6).public_key()));
  std::size_t parsed = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    base::Bytes bad = good;
    bad[i] ^= std::byte{1};
    const auto crl = Crl::parse_der(bad);
    parsed += crl ? 1U : 0U;
    // The algorithm's name outside the signed part is not looked at (quote-verification 3).
    const bool in_algorithm = i >= good.size() - 84 && i < good.size() - 70;
    if (crl && !in_algorithm) {
      EXPECT_FALSE(crl->signature_matches(key().public_key())) << i;
    }
  }
  EXPECT_GT(parsed, 50U);
}

TEST(Crl, TrailingBytesAreCountedAndNotSigned) {
  base::Bytes longer = issued(spec());
  longer.resize(longer.size() + 5);
  const auto crl = Crl::parse_der(longer);
  ASSERT_TRUE(crl);
  EXPECT_EQ(crl->trailing_bytes(), 5U);
  EXPECT_TRUE(crl->signature_matches(key().public_key()));
}

TEST(Crl, WithoutNumberNextUpdateOrDatesItIsNone) {
  std::vector<base::Bytes> fields = fields_of(issued(spec()));
  ASSERT_EQ(fields.size(), 6U);
  EXPECT_EQ(refusal(signed_anew(fields)), "accepted");

  std::vector<base::Bytes> changed = fields;
  changed[5] = extensions({kKeyId});
  EXPECT_EQ(refusal(signed_anew(changed)), "the CRL has no CRL number");
  changed[5] = extensions({"300a0603551d140403040107"});  // an OCTET STRING where an INTEGER is due
  EXPECT_EQ(refusal(signed_anew(changed)), "the CRL has no CRL number");
  changed = fields;
  changed.pop_back();
  EXPECT_EQ(refusal(signed_anew(changed)), "the CRL has no CRL number");

  changed = fields;
  changed.erase(changed.begin() + 4);
  EXPECT_EQ(refusal(signed_anew(changed)), "the CRL has no valid nextUpdate");
  changed = fields;
  changed[4] = der_element(0x17, base::as_bytes("991332250000Z"));
  EXPECT_NE(refusal(signed_anew(changed)), "accepted");
  changed = fields;
  changed[3] = der_element(0x17, base::as_bytes("x"));
  EXPECT_NE(refusal(signed_anew(changed)), "accepted");
}

TEST(Crl, AuthorityKeyIdMayBeMissingOrOdd) {
  std::vector<base::Bytes> fields = fields_of(issued(spec()));
  fields[5] = extensions({kNumber});
  const auto without = Crl::parse_der(signed_anew(fields));
  ASSERT_TRUE(without) << without.error().message();
  EXPECT_FALSE(without->has_authority_key_id());
  EXPECT_TRUE(without->authority_key_id().empty());
  EXPECT_EQ(base::to_hex(without->number()), "07");

  fields[5] = extensions({kNumber, kKeyId});
  const auto with = Crl::parse_der(signed_anew(fields));
  ASSERT_TRUE(with);
  EXPECT_EQ(base::to_hex(with->authority_key_id()), "aabbccdd");

  // Present, though nobody can read it, or there is no key id in it.
  for (const char* const odd : {"300a0603551d230403020107", "30090603551d2304023000"}) {
    fields[5] = extensions({kNumber, odd});
    const auto crl = Crl::parse_der(signed_anew(fields));
    ASSERT_TRUE(crl) << odd;
    EXPECT_TRUE(crl->has_authority_key_id()) << odd;
    EXPECT_TRUE(crl->authority_key_id().empty()) << odd;
  }
}

TEST(Crl, GarbageIsRefused) {
  for (const char* const digits : {"", "00", "30", "3000", "30800000", "3084ffffffff", "0500"}) {
    const auto crl = Crl::parse_der(unhex(digits));
    ASSERT_FALSE(crl) << digits;
    EXPECT_EQ(crl.error().code(), base::ErrorCode::kBadCrl) << digits;
  }
  const base::Bytes good = issued(revoking({"f1"}));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(Crl::parse_der(base::ByteView(good).first(size))) << size;
  }
  EXPECT_THAT(refusal(base::Bytes(kMaxCrlSize + 1)), HasSubstr("is larger than"));
  EXPECT_FALSE(Crl::parse_der(test::read_vector("real-certificates/intel-sgx-root-ca.der")));
}

}  // namespace
}  // namespace quoted::crypto
