// Recorded quotes with a bit flipped, and thousands of random mutants of quotes and collateral:
// none verifies unless it means the same. QUOTED_MUTANTS sets how many; sanitizers need fewer.
#include <gmock/gmock.h>

#include "crypto/testing/certificate_surgery.h"
#include "quote/quote_builder.h"
#include "verification/intel/one_call.h"
#include "verification/testing/mutant.h"
#include "verification/testing/quote_layout.h"

namespace quoted::verification {
namespace {

using collateral::ParsedCollateral;
using testing::Meaning;
using testing::meaning;
using testing::Mutation;
using testing::Mutator;
using testing::Subject;
using testing::vector_case;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

// Of so many bits one is flipped; all of those that are signed in a quote. Seven bits of a
// certificate are seven different ones of eight bytes.
constexpr std::size_t kStride = kSanitized ? 13 : 1;
constexpr std::size_t kCertificateStride = kSanitized ? 61 : 7;

std::size_t mutant_count() {
  const char* const wanted = std::getenv("QUOTED_MUTANTS");
  if (wanted != nullptr) return std::stoul(wanted);
  return kSanitized ? 1000 : 10000;
}

void flip(base::Bytes& bytes, std::size_t bit) { bytes[bit / 8] ^= std::byte{1} << (bit % 8); }

// One recorded quote with all parts parsed once.
class Flipping {
 public:
  explicit Flipping(std::string_view name)
      : subject(vector_case(name)),
        collateral(ParsedCollateral::parse(subject.collateral)),
        call(subject.quote, collateral, subject.roots, subject.at) {}

  // True when Intel's rules refuse already, as they do in both modes: the strict ones come after.
  [[nodiscard]] bool intel_refuses(base::ByteView quote) const {
    const Verdict verdict =
        Verifier(subject.roots).verify(quote, collateral, subject.at, VerifyOptions{});
    return verdict.refusal && verdict.collateral->differences.empty() &&
           verdict.checks.back().outcome == CheckOutcome::kNotReached;
  }

  [[nodiscard]] bool refused(base::ByteView quote) const {
    return Verifier(subject.roots)
        .verify(quote, collateral, subject.at, VerifyOptions{})
        .refusal.has_value();
  }

  [[nodiscard]] bool refused_in_both_modes(base::ByteView quote) const {
    const VerifyOptions intel{.mode = Mode::kIntel};
    return intel_refuses(quote) &&
           Verifier(subject.roots).verify(quote, collateral, subject.at, intel).refusal;
  }

  // Of step quote alone, which looks at all of a quote but its chain. A step that ends the call
  // ends it in both modes.
  [[nodiscard]] bool step_refuses(base::ByteView quote) const {
    auto parsed = quote::Quote::parse_leniently(quote);
    if (!parsed) return true;
    const collateral::Judged<quote::Quote> judged = *std::move(parsed);
    intel::QuoteStep step{judged,
                          quote,
                          call.pck,
                          collateral.pck_crl,
                          collateral.tcb_info,
                          collateral.qe_identity,
                          std::nullopt};
    std::vector<Check> checks;
    return is_terminal(run(step, checks));
  }

  Subject subject;
  ParsedCollateral collateral;
  intel::OneCall call;
};

constexpr std::string_view kSgx3 = "pck_not_in_crl_other_revoked";
constexpr std::string_view kRecorded[]{kSgx3, "version_4_sgx", "tdx-v4-up-to-date",
                                       "tdx-v5-up-to-date"};

std::string test_name(const ::testing::TestParamInfo<std::string_view>& tested) {
  std::string out(tested.param);
  std::ranges::replace(out, '-', '_');
  return out;
}

class BitFlip : public ::testing::TestWithParam<std::string_view> {
 protected:
  Flipping flipping{GetParam()};
};

TEST_P(BitFlip, TheQuoteItselfIsVerified) {
  for (const Mode mode : {Mode::kStrict, Mode::kIntel}) {
    const Verdict verdict = flipping.subject.verdict(mode);
    EXPECT_FALSE(verdict.refusal) << verdict.refusal->summary();
  }
  EXPECT_FALSE(flipping.step_refuses(flipping.subject.quote));
}

// Header, body, both signatures, attestation key, QE report, authentication data and the lengths
// between them: all that stands before the certificate chain.
TEST_P(BitFlip, NoneBeforeTheChainIsVerified) {
  base::Bytes quote = flipping.subject.quote;
  const std::size_t size = base::as_text(quote).find("-----BEGIN CERTIFICATE-----");
  ASSERT_LT(size, quote.size());
  // A certification length that leaves slack is for the strict mode alone to refuse.
  const std::size_t lenient = size - sizeof(base::Le32);
  for (std::size_t bit = 0; bit < 8 * size; bit += kStride) {
    flip(quote, bit);
    // The whole call for some bits, and where the step has no objection.
    const bool refused =
        (bit % 61 != 0 && flipping.step_refuses(quote)) ||
        (bit / 8 < lenient ? flipping.refused_in_both_modes(quote) : flipping.refused(quote));
    ASSERT_TRUE(refused) << "bit " << bit % 8 << " of byte " << bit / 8;
    flip(quote, bit);
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, BitFlip, ::testing::ValuesIn(kRecorded), test_name);

// Signed part and signature of each certificate, in the quote's chain.
class CertificateBitFlip : public ::testing::TestWithParam<std::size_t> {};

TEST_P(CertificateBitFlip, NoneIsVerified) {
  const Flipping flipping(kSgx3);
  quote::Quote quote = quote::Quote::parse(flipping.subject.quote).value();
  const auto chain = crypto::parse_pem_chain(base::as_text(quote.certification_data)).value();
  const auto with = [&](base::ByteView der) {
    std::string pem;
    for (std::size_t i = 0; i < chain.size(); ++i) {
      pem +=
          i == GetParam() ? crypto::testing::pem_of(der) : crypto::testing::pem_of(chain[i].der());
    }
    quote.certification_data = base::to_bytes(base::as_bytes(pem));
    return quote::serialize(quote).value();
  };
  base::Bytes der = base::to_bytes(chain.at(GetParam()).der());
  ASSERT_FALSE(flipping.intel_refuses(with(der)));
  const base::ByteView tbs = crypto::testing::to_be_signed(der);
  const auto tbs_start = static_cast<std::size_t>(tbs.data() - der.data());
  const std::size_t signature = der.size() - chain.at(GetParam()).signature().size();
  for (std::size_t bit = 8 * tbs_start; bit < 8 * der.size(); bit += kCertificateStride) {
    // Between the two stands the algorithm's name, which Intel's verifier does not read.
    if (bit / 8 >= tbs_start + tbs.size() && bit / 8 < signature) continue;
    flip(der, bit);
    ASSERT_TRUE(flipping.intel_refuses(with(der))) << "bit " << bit % 8 << " of byte " << bit / 8;
    flip(der, bit);
  }
}

INSTANTIATE_TEST_SUITE_P(Chain, CertificateBitFlip, ::testing::Values(0, 1, 2));

class RandomMutant : public ::testing::TestWithParam<std::string_view> {};

TEST_P(RandomMutant, IsVerifiedOnlyWhenItMeansTheSame) {
  const Subject genuine(vector_case(GetParam()));
  const Meaning expected = meaning(genuine);
  ASSERT_EQ(expected.size(), 8U);
  ASSERT_FALSE(genuine.verdict(Mode::kStrict).refusal);
  const ParsedCollateral parsed = ParsedCollateral::parse(genuine.collateral);
  Mutator mutator(20260601, {Subject(vector_case("platform_ca_seven_extensions")),
                             Subject(vector_case("sgx-v3-processor-sw-hardening-2025-03")),
                             Subject(vector_case("tdx-v5-up-to-date")), genuine});
  std::size_t verified = 0;
  for (std::size_t i = 0; i < mutant_count() / std::size(kRecorded); ++i) {
    Subject mutant = genuine;
    const Mutation mutation = mutator.mutate(mutant);
    const ParsedCollateral changed = parse_changed(mutant, mutation, parsed);
    const Verdict verdict =
        Verifier(mutant.roots).verify(mutant.quote, changed, mutant.at, VerifyOptions{});
    if (verdict.refusal) continue;
    ASSERT_FALSE(mutant.verdict(Mode::kStrict).refusal);
    ++verified;
    ASSERT_EQ(meaning(mutant), expected) << "mutant " << i << ": " << mutation.what;
  }
  RecordProperty("verified", static_cast<int>(verified));
}

INSTANTIATE_TEST_SUITE_P(Recorded, RandomMutant, ::testing::ValuesIn(kRecorded), test_name);

}  // namespace
}  // namespace quoted::verification
