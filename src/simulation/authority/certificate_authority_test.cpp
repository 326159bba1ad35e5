#include "simulation/authority/certificate_authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "base/file.h"
#include "quote/certification_data.h"
#include "simulation/testing/authority_fixture.h"
#include "simulation/testing/certificate_extensions.h"

namespace quoted::simulation {
namespace {

using test::kBothCas;
using test::kNow;
using test::midnight;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using AuthorityTest = test::AuthorityTest;

const base::UnixTime kEndOf2049 = midnight(2050, 1, 1) - std::chrono::seconds(1);
constexpr std::string_view kCompany = "O = Intel Corporation, L = Santa Clara, ST = CA, C = US";

// ---- Profile (quote-generation 5.1, 5.2)

TEST_F(AuthorityTest, NamesAreByteExact) {
  const CertificateAuthority ca = authority();
  const auto name = [](std::string_view cn) { return base::text("CN = ", cn, ", ", kCompany); };
  const std::string root = name("Intel SGX Root CA");
  EXPECT_EQ(ca.root().subject(), root);
  EXPECT_EQ(ca.root().issuer(), root);
  EXPECT_EQ(ca.tcb_signing().subject(), name("Intel SGX TCB Signing"));
  EXPECT_EQ(ca.tcb_signing().issuer(), root);
  for (const auto& [which, cn] : {std::pair(PckCa::kPlatform, "Intel SGX PCK Platform CA"),
                                  std::pair(PckCa::kProcessor, "Intel SGX PCK Processor CA")}) {
    EXPECT_EQ(ca.ca(which).subject(), name(cn));
    EXPECT_EQ(ca.ca(which).issuer(), root);
    EXPECT_TRUE(ca.ca(which).issued_by_name(ca.root()));
    EXPECT_EQ(pck(ca, which).subject(), name("Intel SGX PCK Certificate"));
    EXPECT_TRUE(pck(ca, which).issued_by_name(ca.ca(which)));
  }
}

TEST_F(AuthorityTest, EachIsSignedByTheOneAbove) {
  const CertificateAuthority ca = authority();
  EXPECT_TRUE(ca.root().signed_by(ca.root().public_key()));
  EXPECT_TRUE(ca.tcb_signing().signed_by(ca.root().public_key()));
  for (const PckCa which : kBothCas) {
    EXPECT_TRUE(ca.ca(which).signed_by(ca.root().public_key()));
    EXPECT_TRUE(pck(ca, which).signed_by(ca.ca(which).public_key()));
    EXPECT_FALSE(pck(ca, which).signed_by(ca.root().public_key()));
  }
}

TEST_F(AuthorityTest, ExtensionsAreThoseOfTheProfileInTheirOrder) {
  struct Expected {
    std::string_view oid;
    bool critical;
  };
  constexpr std::array<Expected, 6> kProfile = {{{"551d23", false},  // authority key id
                                                 {"551d1f", false},  // CRL distribution points
                                                 {"551d0e", false},  // subject key id
                                                 {"551d0f", true},   // key usage
                                                 {"551d13", true},   // basic constraints
                                                 {"2a864886f84d010d01", false}}};  // SGX
  const auto check = [&](const crypto::Certificate& certificate, std::size_t count,
                         std::string_view key_usage, std::string_view basic_constraints) {
    const auto facts = test::extensions_of(certificate.der());
    ASSERT_EQ(facts.size(), count) << certificate.subject();
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(facts[i].oid, kProfile[i].oid);
      EXPECT_EQ(facts[i].critical, kProfile[i].critical) << facts[i].oid;
    }
    EXPECT_EQ(facts[0].value.size(), 2U * 24U) << "20 bytes of key id alone";
    EXPECT_EQ(facts[3].value, key_usage);
    EXPECT_EQ(facts[4].value, basic_constraints);
  };
  const CertificateAuthority ca = authority();
  check(ca.root(), 5, "03020106", "30060101ff020101");
  check(ca.tcb_signing(), 5, "030206c0", "3000");
  for (const PckCa which : kBothCas) {
    check(ca.ca(which), 5, "03020106", "30060101ff020100");
    check(pck(ca, which), 6, "030206c0", "3000");
  }
}

TEST_F(AuthorityTest, SerialsAndKeyIdsFollowTheProfile) {
  const CertificateAuthority ca = authority();
  for (const crypto::Certificate* issuer :
       {&ca.root(), &ca.ca(PckCa::kPlatform), &ca.ca(PckCa::kProcessor), &ca.tcb_signing()}) {
    EXPECT_EQ(issuer->serial().size(), 20U);
    EXPECT_EQ(base::to_hex(issuer->serial()), base::to_hex(issuer->subject_key_id()));
    EXPECT_EQ(base::to_hex(issuer->authority_key_id()), base::to_hex(ca.root().subject_key_id()));
  }
  EXPECT_NE(base::to_hex(ca.ca(PckCa::kPlatform).serial()),
            base::to_hex(ca.ca(PckCa::kProcessor).serial()));
  for (const PckCa which : kBothCas) {
    const crypto::Certificate leaf = pck(ca, which);
    EXPECT_EQ(leaf.serial().size(), 20U);
    EXPECT_EQ(leaf.subject_key_id().size(), 20U);
    EXPECT_EQ(base::to_hex(leaf.authority_key_id()), base::to_hex(ca.ca(which).subject_key_id()));
  }
}

TEST_F(AuthorityTest, DatesFollowTheProfile) {
  const CertificateAuthority ca = authority();
  EXPECT_EQ(ca.root().not_before(), midnight(2025, 1, 1));
  EXPECT_EQ(ca.root().not_after(), kEndOf2049);
  EXPECT_EQ(ca.tcb_signing().not_before(), midnight(2025, 1, 1));
  EXPECT_EQ(ca.tcb_signing().not_after(), midnight(2032, 1, 1));
  for (const PckCa which : kBothCas) {
    EXPECT_EQ(ca.ca(which).not_before(), midnight(2025, 1, 1));
    EXPECT_EQ(ca.ca(which).not_after(), midnight(2040, 1, 1));
    EXPECT_EQ(pck(ca, which).not_before(), midnight(2025, 1, 1));
    EXPECT_EQ(pck(ca, which).not_after(), midnight(2032, 1, 1));
  }
}

TEST_F(AuthorityTest, EveryCrlUrlWarnsAndCannotBeReached) {
  const CertificateAuthority ca = authority();
  const auto url_of = [](const crypto::Certificate& certificate) {
    EXPECT_THAT(certificate.crl_urls(), SizeIs(1));
    EXPECT_THAT(certificate.crl_urls(), Each(HasSubstr("/SIMULATED-NO-SECURITY/")));
    EXPECT_THAT(certificate.crl_urls(), Each(HasSubstr("https://simulated.invalid/")));
    EXPECT_TRUE(collateral::is_marked_simulated(certificate));
    return certificate.crl_urls().empty() ? std::string() : certificate.crl_urls().front();
  };
  EXPECT_THAT(url_of(ca.root()), HasSubstr("IntelSGXRootCA.der"));
  for (const auto& [which, name] : {std::pair(PckCa::kPlatform, "ca=platform&encoding=der"),
                                    std::pair(PckCa::kProcessor, "ca=processor&encoding=der")}) {
    EXPECT_THAT(url_of(ca.ca(which)), HasSubstr("IntelSGXRootCA.der"));
    EXPECT_THAT(url_of(pck(ca, which)), AllOf(HasSubstr("/pckcrl?"), HasSubstr(name)));
  }
}

// ---- The SGX extension (5.3)

TEST_F(AuthorityTest, ExtensionTellsThePlatformsValues) {
  const CertificateAuthority ca = authority();
  for (const PckCa which : kBothCas) {
    const ManufacturedPlatform of = platform(which);
    const auto certificate = collateral::PckCertificate::create(pck(ca, which));
    ASSERT_TRUE(certificate) << certificate.error().summary();
    const collateral::SgxExtension& sgx = certificate->sgx();
    EXPECT_EQ(sgx.ppid, of.ppid);
    EXPECT_EQ(sgx.cpu_svn, of.cpu.cpu_svn());
    EXPECT_EQ(sgx.pce_svn, of.model.pce_isv_svn);
    EXPECT_TRUE(sgx.pce_id.is_zero());
    EXPECT_EQ(sgx.fmspc.hex(), "ff53494d0000");
    EXPECT_EQ(sgx.sgx_type, of.model.sgx_type);
    for (std::size_t i = 0; i < sgx.components.size(); ++i) {
      EXPECT_EQ(sgx.components[i], std::to_integer<std::uint8_t>(of.cpu.cpu_svn().view()[i]));
    }
    // .6 and .7 are the platform CA's alone.
    EXPECT_EQ(sgx.platform_instance_id.has_value(), which == PckCa::kPlatform);
    EXPECT_EQ(sgx.configuration.has_value(), which == PckCa::kPlatform);
    EXPECT_EQ(sgx, describe_platform(seed_, of, raw_tcb(of)).value());
  }
}

// The numbers of the OIDs below the SGX arc, in the order of the encoding.
TEST_F(AuthorityTest, ExtensionFieldsComeInTheOrderOfTheProfile) {
  const CertificateAuthority ca = authority();
  for (const PckCa which : kBothCas) {
    const crypto::Certificate leaf = pck(ca, which);
    crypto::DerReader outer(leaf.extension(collateral::kSgxExtensionOid).value());
    crypto::DerReader fields(outer.next(crypto::der_tag::kSequence).value());
    std::vector<int> order;
    while (!fields.at_end()) {
      crypto::DerReader field(fields.next(crypto::der_tag::kSequence).value());
      const base::ByteView oid = field.next(crypto::der_tag::kOid).value();
      order.push_back(std::to_integer<int>(oid.back()));
    }
    if (which == PckCa::kPlatform) {
      EXPECT_THAT(order, ElementsAre(1, 2, 3, 4, 5, 6, 7));
    } else {
      EXPECT_THAT(order, ElementsAre(1, 2, 3, 4, 5));
    }
  }
}

// ---- The chain, as quotes carry it and as OpenSSL judges it

TEST_F(AuthorityTest, ChainIsLeafCaRootInTheFormOfQuotes) {
  const CertificateAuthority ca = authority();
  for (const PckCa which : kBothCas) {
    const crypto::Certificate leaf = pck(ca, which);
    const std::string pem = ca.chain_pem(leaf, which);
    EXPECT_EQ(pem, leaf.pem() + ca.ca(which).pem() + ca.root().pem());
    EXPECT_TRUE(pem.starts_with("-----BEGIN CERTIFICATE-----\n"));
    EXPECT_TRUE(pem.ends_with("-----END CERTIFICATE-----\n"));
    EXPECT_EQ(pem.find("\n\n"), std::string::npos);
    EXPECT_EQ(pem.find('\r'), std::string::npos);
    EXPECT_LT(pem.size(), quote::kMaxCertificationDataSize);
    const auto parsed = crypto::parse_pem_chain(pem).value();
    ASSERT_EQ(parsed.size(), 3U);
    EXPECT_EQ(parsed[1].pem(), ca.ca(which).pem());
  }
}

// Exit status and output of a command.
std::pair<int, std::string> run(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "popen failed"};
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), got);
  }
  return {::pclose(pipe), output};
}

TEST_F(AuthorityTest, OpensslVerifiesBothChains) {
  const CertificateAuthority ca = authority();
  const auto write = [this](const std::string& name, const crypto::Certificate& certificate) {
    const std::filesystem::path path = dir_ / name;
    EXPECT_TRUE(base::write_file(path, base::as_bytes(certificate.pem()), 0644));
    return path.string();
  };
  const std::string root = write("root", ca.root());
  const std::string at = " -attime " + std::to_string(kNow.time_since_epoch().count());
  const auto verify = [&](const std::string& trusted, const crypto::Certificate& issuer,
                          const crypto::Certificate& leaf) {
    return run("openssl verify -x509_strict" + at + " -CAfile " + trusted + " -untrusted " +
               write("ca", issuer) + " " + write("pck", leaf));
  };
  for (const PckCa which : kBothCas) {
    const auto [status, output] = verify(root, ca.ca(which), pck(ca, which));
    EXPECT_EQ(status, 0) << output;
    EXPECT_THAT(output, HasSubstr("pck: OK"));
  }
  // The same command must be able to refuse.
  EXPECT_NE(verify(root, ca.ca(PckCa::kProcessor), pck(ca, PckCa::kPlatform)).first, 0);
  const std::string other = write("other", authority(kNow, other_seed()).root());
  EXPECT_NE(verify(other, ca.ca(PckCa::kPlatform), pck(ca, PckCa::kPlatform)).first, 0);
}

}  // namespace
}  // namespace quoted::simulation
