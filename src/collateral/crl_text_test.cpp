#include "collateral/crl_text.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "test_support/vectors.h"

namespace quoted::collateral {
namespace {

using namespace std::string_literals;
using base::as_bytes;

base::Bytes der() { return test::read_vector("real-crls/pck-crl-platform.der"); }
std::string pem() { return test::read_text_vector("real-collateral/pck-crl-platform.pem"); }

std::size_t revoked(base::ByteView content) {
  const auto crl = parse_crl(content);
  if (!crl) throw std::runtime_error(crl.error().summary());
  return crl->revoked_count();
}
std::size_t revoked(const std::string& content) { return revoked(as_bytes(content)); }

base::ErrorCode refusal(const std::string& content) {
  const auto crl = parse_crl(as_bytes(content));
  return crl ? base::ErrorCode::kInternal : crl.error().code();
}

TEST(CrlText, FormsAreToldApartByContent) {
  EXPECT_EQ(revoked(der()), 44U);
  EXPECT_EQ(revoked(base::to_hex(der())), 44U);
  std::string upper = base::to_hex(der());
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_EQ(revoked(upper), 44U);
  EXPECT_GT(revoked(pem()), 0U);
}

TEST(CrlText, TextsMayEndAsTheyDoInC) {
  for (const std::string& end : {"\0"s, "\n"s}) {
    EXPECT_EQ(revoked(base::to_hex(der()) + end), 44U);
  }
  for (const std::string& end : {"\0"s, "\n"s, "\r\n\0\0"s, " \t"s}) {
    EXPECT_GT(revoked(pem() + end), 0U);
  }
  // Intel's verifier lets one byte stand behind the digits.
  EXPECT_FALSE(parse_crl(base::as_bytes(base::to_hex(der()) + "\r\n")));
}

TEST(CrlText, BytesBehindDerAreCounted) {
  base::Bytes longer = der();
  longer.resize(longer.size() + 3);
  EXPECT_EQ(parse_crl(longer)->trailing_bytes(), 3U);
}

TEST(CrlText, WhatIsNoneOfThemIsRefused) {
  const std::string hex = base::to_hex(der());
  std::string other_label = pem();
  for (std::size_t at = 0; (at = other_label.find("X509 CRL")) != std::string::npos;) {
    other_label.replace(at, 8, "CERTIFICATE");
  }
  for (const std::string& content :
       {""s, "\0"s, " \n"s, "hello"s, "0"s, "00"s, hex.substr(1), hex.substr(0, hex.size() - 2),
        "0x" + hex, " " + hex, hex.substr(0, 100) + "\n" + hex.substr(100), pem().substr(0, 200),
        "-----BEGIN X509 CRL-----"s, "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"s,
        "\n" + pem(), other_label, std::string(5000, '\xFF'),
        std::string(base::as_text(der())).substr(0, 400)}) {
    EXPECT_EQ(refusal(content), base::ErrorCode::kBadCrl) << content.substr(0, 40);
  }
}

}  // namespace
}  // namespace quoted::collateral
