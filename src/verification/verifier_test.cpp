#include "verification/verifier.h"

#include <gmock/gmock.h>

#include "quote/quote_builder.h"
#include "test_support/vectors.h"
#include "verification/testing/test_platform.h"

namespace quoted::verification {
namespace {

using base::ErrorCode;
using test::read_vector;
using ::testing::HasSubstr;
using testing::kNow;
using testing::outline;
using testing::refusal_code;
using testing::TestPlatform;

constexpr std::string_view kAllPassed =
    "structure passed; certification_data passed; chain passed; root passed; validity passed; "
    "qe_report_signature passed; qe_report_binding passed; quote_signature passed; debug passed";

base::UnixTime at(long seconds) { return base::UnixTime(std::chrono::seconds(seconds)); }

Verifier intel_verifier() { return Verifier({intel_root()}); }

struct RealCase {
  const char* file;
  long time;
  bool debug;
  const char* fmspc;
};

void PrintTo(const RealCase& real, std::ostream* out) { *out << real.file; }

class RealQuote : public ::testing::TestWithParam<RealCase> {
 protected:
  [[nodiscard]] base::Bytes bytes() const {
    return read_vector(std::string("real-quotes/") + GetParam().file);
  }
};

TEST_P(RealQuote, IsVerifiedUnderIntelsRoot) {
  const Verdict verdict = intel_verifier().verify(bytes(), at(GetParam().time));
  EXPECT_FALSE(verdict.refusal) << verdict.refusal->summary();
  EXPECT_EQ(verdict.decision,
            GetParam().debug ? Decision::kVerifiedWithWarnings : Decision::kVerified);
  EXPECT_EQ(outline(verdict),
            GetParam().debug
                ? std::string(kAllPassed).replace(kAllPassed.rfind("passed"), 6, "warned")
                : std::string(kAllPassed));
  EXPECT_EQ(verdict.root_name, "Intel SGX Root CA");
  EXPECT_FALSE(verdict.simulated);
  ASSERT_TRUE(verdict.quote && verdict.pck);
  EXPECT_EQ(verdict.pck->sgx().fmspc.hex(), GetParam().fmspc);
  EXPECT_EQ(verdict.quote->report_body()->attributes.has(sgx::flags::kDebug), GetParam().debug);
}

// PCK certificates live seven years: ten before and after every one of these is out of its time.
TEST_P(RealQuote, IsRefusedAtAnotherTime) {
  constexpr long kTenYears = 10L * 365 * 24 * 3600;
  for (const long time : {GetParam().time - kTenYears, GetParam().time + kTenYears}) {
    const Verdict verdict = intel_verifier().verify(bytes(), at(time));
    EXPECT_EQ(refusal_code(verdict), ErrorCode::kChainExpired);
    EXPECT_EQ(verdict.decision, Decision::kRefused);
  }
}

TEST_P(RealQuote, IsRefusedUnderAnotherRoot) {
  for (const auto& roots :
       {std::vector<TrustedRoot>{}, std::vector<TrustedRoot>{TestPlatform().trusted_root()}}) {
    const Verdict verdict = Verifier(roots).verify(bytes(), at(GetParam().time));
    EXPECT_EQ(refusal_code(verdict), ErrorCode::kRootNotTrusted);
    EXPECT_EQ(verdict.decision, Decision::kRefused);
    EXPECT_EQ(verdict.root_name, "");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, RealQuote,
    ::testing::Values(RealCase{"sgx-v3-platform.bin", 1759125140, false, "90c06f000000"},
                      RealCase{"sgx-v3-processor.bin", 1751624924, false, "00a067110000"},
                      RealCase{"sgx-v3-processor-old-root.bin", 1670280333, true, "00906ea10000"},
                      RealCase{"sgx-v3-processor-debug-2022.bin", 1652310227, true, "00906ed50000"},
                      RealCase{"sgx-v3-platform-debug.bin", 1756530546, true, "00606a000000"}));

// Both issues of Intel's root certificate hold the key that is built in.
TEST(IntelRoot, IsTheKeyOfIntelsCertificates) {
  for (const char* const file : {"intel-sgx-root-ca.der", "intel-sgx-root-ca-older.der"}) {
    const auto certificate =
        crypto::Certificate::parse_der(read_vector(std::string("real-certificates/") + file));
    EXPECT_EQ(intel_root().key.point(), certificate.value().public_key().point()) << file;
  }
  EXPECT_EQ(intel_root().qe_mr_signer.value().hex(),
            "8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff");
}

// What a flipped bit at this offset must be refused with; offsets of quote-generation 1.1.
ErrorCode expected_refusal(std::size_t offset) {
  if (offset < 8 || (offset >= 12 && offset < 28)) return ErrorCode::kQuoteUnsupported;
  if (offset < 432) return ErrorCode::kQuoteSignatureInvalid;
  if (offset < 436) return ErrorCode::kQuoteMalformed;
  if (offset < 500) return ErrorCode::kQuoteSignatureInvalid;
  if (offset < 564) return ErrorCode::kQeReportNotBound;
  if (offset < 1012) return ErrorCode::kQeReportSignatureInvalid;
  if (offset < 1014) return ErrorCode::kQuoteMalformed;
  if (offset < 1046) return ErrorCode::kQeReportNotBound;
  if (offset < 1048) return ErrorCode::kCertificationDataUnsupported;
  return ErrorCode::kQuoteMalformed;
}

TEST(Verifier, EveryFlippedBitBeforeTheChainIsRefused) {
  constexpr std::size_t kChainOffset = 1052;
  const base::Bytes original = read_vector("real-quotes/sgx-v3-processor.bin");
  const Verifier verifier = intel_verifier();
  base::Bytes changed = original;
  for (std::size_t offset = 0; offset < kChainOffset; ++offset) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      changed[offset] = original[offset] ^ static_cast<std::byte>(1U << bit);
      const Verdict verdict = verifier.verify(changed, at(1751624924));
      ASSERT_EQ(verdict.decision, Decision::kRefused) << "offset " << offset << " bit " << bit;
      ASSERT_EQ(refusal_code(verdict), expected_refusal(offset))
          << "offset " << offset << " bit " << bit << ": " << verdict.refusal->summary();
    }
    changed[offset] = original[offset];
  }
}

// In the chain's text a flip may hit a line end or unused bits of base64 and change nothing.
TEST(Verifier, AFlippedBitInTheChainIsRefusedOrChangesNoCertificate) {
  constexpr std::size_t kChainOffset = 1052;
  const base::Bytes original = read_vector("real-quotes/sgx-v3-processor.bin");
  const Verifier verifier = intel_verifier();
  const Verdict genuine = verifier.verify(original, at(1751624924));
  base::Bytes changed = original;
  for (std::size_t offset = kChainOffset; offset < original.size(); offset += 3) {
    changed[offset] = original[offset] ^ std::byte{2};
    const Verdict verdict = verifier.verify(changed, at(1751624924));
    if (verdict.decision == Decision::kRefused) {
      EXPECT_EQ(refusal_code(verdict), ErrorCode::kChainInvalid) << "offset " << offset;
    } else {
      EXPECT_TRUE(base::equal(verdict.pck->certificate().der(), genuine.pck->certificate().der()));
    }
    changed[offset] = original[offset];
  }
}

TEST(Verifier, EveryTruncationIsRefused) {
  const base::Bytes bytes = read_vector("real-quotes/sgx-v3-processor.bin");
  const Verifier verifier = intel_verifier();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Verdict verdict = verifier.verify(base::ByteView(bytes).first(size), at(1751624924));
    ASSERT_EQ(refusal_code(verdict), ErrorCode::kQuoteMalformed) << size;
  }
  base::Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_EQ(refusal_code(verifier.verify(longer, at(1751624924))), ErrorCode::kQuoteMalformed);
}

TEST(Verifier, OtherCertificationDataIsUnsupported) {
  for (const char* const file : {"sgx-v3-encrypted-ppid.bin", "intel-sample-sgx-v3.bin"}) {
    const Verdict verdict =
        intel_verifier().verify(read_vector(std::string("real-quotes/") + file), at(1756530546));
    EXPECT_EQ(refusal_code(verdict), ErrorCode::kCertificationDataUnsupported);
    EXPECT_TRUE(verdict.quote.has_value());
  }
}

TEST(Verifier, TdxQuotesAreVerified) {
  for (const char* const file : {"tdx-v4.bin", "tdx-v5.bin"}) {
    const Verdict verdict =
        intel_verifier().verify(read_vector(std::string("real-quotes/") + file), at(1772323200));
    EXPECT_FALSE(verdict.refusal) << verdict.refusal->summary();
    ASSERT_TRUE(verdict.quote);
    EXPECT_NE(verdict.quote->td_report(), nullptr);
  }
}

// The PCE certifies any enclave with PROVISION_KEY; only the signer tells Intel's QE for TDX.
TEST(Verifier, ATdxQuoteOfAnotherQeIsRefused) {
  TrustedRoot root = intel_root();
  root.td_qe_mr_signer = root.qe_mr_signer;
  const Verdict verdict =
      Verifier({root}).verify(read_vector("real-quotes/tdx-v4.bin"), at(1772323200));
  EXPECT_EQ(refusal_code(verdict), ErrorCode::kQeReportNotBound);
}

TEST(Verifier, ATestPlatformIsVerifiedUnderItsRoot) {
  const Verdict verdict = TestPlatform().verdict();
  EXPECT_FALSE(verdict.refusal) << verdict.refusal->summary();
  EXPECT_EQ(outline(verdict), kAllPassed);
  EXPECT_EQ(verdict.decision, Decision::kVerified);
  EXPECT_EQ(verdict.root_name, "test root");
  EXPECT_EQ(verdict.limits, kNotConsulted);
}

// Names prove nothing: this PKI has Intel's byte for byte.
TEST(Verifier, ASelfMadeRootWithIntelsNamesIsRefused) {
  const Verdict verdict = intel_verifier().verify(TestPlatform().quote_bytes(), kNow);
  EXPECT_EQ(refusal_code(verdict), ErrorCode::kRootNotTrusted);
  EXPECT_EQ(outline(verdict),
            "structure passed; certification_data passed; chain passed; root failed; "
            "validity not reached; qe_report_signature not reached; "
            "qe_report_binding not reached; quote_signature not reached; debug not reached");
}

// The real root at the end of a chain that it did not issue, with all key ids made to fit.
TEST(Verifier, IntelsRootBehindASelfMadeChainIsRefused) {
  const auto root =
      crypto::Certificate::parse_der(read_vector("real-certificates/intel-sgx-root-ca.der"))
          .value();
  TestPlatform platform;
  platform.intermediate.authority_key_id =
      crypto::KeyIdentifier::parse(root.subject_key_id()).value();
  const Verdict verdict = intel_verifier().verify(
      platform.quote_bytes(platform.leaf_certificate().pem() +
                           platform.intermediate_certificate().pem() + root.pem()),
      kNow);
  EXPECT_EQ(refusal_code(verdict), ErrorCode::kChainInvalid);
  EXPECT_THAT(verdict.refusal->message(), HasSubstr("is not signed by the key of"));
}

TEST(Verifier, ASimulatedChainSaysSo) {
  TestPlatform platform;
  platform.leaf.crl_url = platform.intermediate.crl_url = platform.root.crl_url =
      "http://localhost/SIMULATED-NO-SECURITY/crl";
  const Verdict trusted = platform.verdict();
  EXPECT_EQ(trusted.decision, Decision::kVerified);
  EXPECT_TRUE(trusted.simulated);

  const Verdict untrusted = intel_verifier().verify(platform.quote_bytes(), kNow);
  EXPECT_EQ(refusal_code(untrusted), ErrorCode::kSimulatedRootNotTrusted);
  EXPECT_TRUE(untrusted.simulated);
}

TEST(Verifier, OneMarkedCertificateMarksTheChain) {
  TestPlatform platform;
  platform.leaf.crl_url = "http://localhost/SIMULATED-NO-SECURITY/crl";
  EXPECT_TRUE(platform.verdict().simulated);
}

TEST(Verifier, EveryTrustedRootCounts) {
  const TestPlatform platform;
  const Verdict verdict =
      Verifier({intel_root(), platform.trusted_root()}).verify(platform.quote_bytes(), kNow);
  EXPECT_EQ(verdict.decision, Decision::kVerified);
  EXPECT_EQ(verdict.root_name, "test root");
}

// Both ends of a validity belong to it.
TEST(Verifier, EveryCertificateMustBeValid) {
  const auto spoil = [](crypto::CertificateSpec TestPlatform::* certificate, bool too_early) {
    TestPlatform platform;
    if (too_early) {
      (platform.*certificate).not_before = kNow + std::chrono::seconds(1);
    } else {
      (platform.*certificate).not_after = kNow - std::chrono::seconds(1);
    }
    return platform.verdict();
  };
  for (const auto certificate :
       {&TestPlatform::root, &TestPlatform::intermediate, &TestPlatform::leaf}) {
    EXPECT_EQ(refusal_code(spoil(certificate, true)), ErrorCode::kChainExpired);
    EXPECT_EQ(refusal_code(spoil(certificate, false)), ErrorCode::kChainExpired);
    TestPlatform platform;
    (platform.*certificate).not_before = kNow;
    (platform.*certificate).not_after = kNow;
    EXPECT_EQ(platform.verdict().decision, Decision::kVerified);
  }
  EXPECT_EQ(spoil(&TestPlatform::leaf, false).refusal->message(),
            "'CN = Intel SGX PCK Certificate, O = Intel Corporation, L = Santa Clara, ST = CA, "
            "C = US' is valid from 2025-01-01T00:00:00Z to 2025-06-15T15:06:39Z, "
            "the time is 2025-06-15T15:06:40Z");
}

// An enclave that anyone can read, or that is not the Quoting Enclave, vouches for nothing,
// although the PCE signs its report.
TEST(Verifier, TheQeReportMustComeFromAQuotingEnclave) {
  TestPlatform platform;
  platform.qe_report.attributes.flags = platform.qe_report.attributes.flags | sgx::flags::kDebug;
  EXPECT_EQ(refusal_code(platform.verdict()), ErrorCode::kQeReportNotBound);

  const TestPlatform good;
  TrustedRoot root = good.trusted_root();
  root.qe_mr_signer = good.qe_report.mr_signer;
  EXPECT_EQ(Verifier({root}).verify(good.quote_bytes(), kNow).decision, Decision::kVerified);
  root.qe_mr_signer = sgx::MrSigner();
  const Verdict verdict = Verifier({root}).verify(good.quote_bytes(), kNow);
  EXPECT_EQ(refusal_code(verdict), ErrorCode::kQeReportNotBound);
  EXPECT_THAT(verdict.refusal->message(), HasSubstr("comes from an enclave of signer 5e00"));
}

TEST(Verifier, TheWholeAuthenticationDataIsBound) {
  for (const std::size_t size : {0U, 1U, 1000U, 65535U}) {
    TestPlatform platform;
    platform.authentication_data = base::Bytes(size, std::byte{7});
    EXPECT_EQ(platform.verdict().decision, Decision::kVerified) << size;
  }
}

// The upper half of the QE report's data is zero (quote-generation 1.2).
TEST(Verifier, TheRestOfTheQeReportDataIsZero) {
  TestPlatform platform;
  platform.qe_report.report_data.mutable_view()[63] = std::byte{1};
  EXPECT_EQ(refusal_code(platform.verdict()), ErrorCode::kQeReportNotBound);
}

// A quote signed by its key, but with a key that no QE report speaks for.
TEST(Verifier, AReplacedAttestationKeyIsRefused) {
  const TestPlatform platform;
  TestPlatform attacker;
  attacker.attestation_key = platform.root_key;
  quote::Quote quote = platform.quote(platform.chain());
  const quote::Quote forged = attacker.quote(platform.chain());
  quote.signature.attestation_key = forged.signature.attestation_key;
  quote.signature.quote_signature = forged.signature.quote_signature;
  const Verdict verdict =
      Verifier({platform.trusted_root()}).verify(quote::serialize(quote).value(), kNow);
  EXPECT_EQ(refusal_code(verdict), ErrorCode::kQeReportNotBound);
}

// The PCK certificate of another platform does not fit.
TEST(Verifier, AnotherPlatformsChainIsRefused) {
  const TestPlatform platform;
  TestPlatform other;
  other.pck_key = platform.root_key;
  const Verdict verdict =
      Verifier({platform.trusted_root()}).verify(platform.quote_bytes(other.chain()), kNow);
  EXPECT_EQ(refusal_code(verdict), ErrorCode::kQeReportSignatureInvalid);
}

TEST(Verifier, ADebugEnclaveIsAWarning) {
  TestPlatform platform;
  platform.body.attributes.flags = platform.body.attributes.flags | sgx::flags::kDebug;
  const Verdict verdict = platform.verdict();
  EXPECT_EQ(verdict.decision, Decision::kVerifiedWithWarnings);
  EXPECT_EQ(verdict.checks.back().outcome, CheckOutcome::kWarned);
}

}  // namespace
}  // namespace quoted::verification
