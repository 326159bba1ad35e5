// What a verifier remembers must never show in what it says.
#include "verification/known_quotes.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "crypto/digest.h"
#include "quote/quote_builder.h"
#include "verification/testing/forgeries.h"
#include "verification/testing/vector_cases.h"
#include "verification/testing/verdict_dump.h"

namespace quoted::verification {
namespace {

using std::chrono::seconds;
using testing::dump;
using testing::Forge;
using testing::Forged;

constexpr VerifyOptions kStrict{};
constexpr VerifyOptions kIntel{.mode = Mode::kIntel};
constexpr VerifyOptions kWithDebug{.allow_debug = true};

PreparedCollateral prepare(const collateral::Collateral& documents) {
  return PreparedCollateral::prepare(documents).value();
}

// What a verifier says that remembers nothing.
std::string fresh(const Forged& world, base::ByteView quote, base::UnixTime at,
                  const VerifyOptions& options) {
  return dump(
      Verifier(world.roots)
          .verify(quote, collateral::ParsedCollateral::parse(world.collateral), at, options));
}

// Signs again, as the QE and the PCE would, what a test has changed.
base::Bytes sign_again(const Forge& plan, quote::Quote quote) {
  auto& block = quote.signature;
  const auto hash =
      crypto::sha256({block.attestation_key.view(), quote.authentication_data}).value();
  std::ranges::copy(hash.view(), block.qe_report.report_data.mutable_view().begin());
  block.qe_report_signature =
      plan.qe_report_signer.sign(base::struct_bytes(block.qe_report)).value();
  block.quote_signature = plan.attestation_key.sign(quote.signed_bytes()).value();
  return quote::serialize(quote).value();
}

// Of a quote that was made and not mangled.
quote::Quote parsed(const Forged& world) {
  return quote::Quote::parse_leniently(world.quote).value();
}

class KnownVectors : public ::testing::TestWithParam<testing::VectorCase> {};

TEST_P(KnownVectors, AreJudgedAlikeEveryTime) {
  const testing::VectorCase& vector = GetParam();
  const base::Bytes quote = vector.file("quote.bin");
  const auto prepared = prepare(vector.collateral());
  const Verifier verifier({vector.trusted_root()});
  for (const VerifyOptions& options : {kStrict, kIntel, kWithDebug}) {
    const std::string expected =
        dump(Verifier({vector.trusted_root()})
                 .verify(quote, collateral::ParsedCollateral::parse(vector.collateral()), vector.at,
                         options));
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(dump(verifier.verify(quote, prepared, vector.at, options)), expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, KnownVectors, ::testing::ValuesIn(testing::vector_cases()),
                         [](const auto& tested) {
                           std::string name = tested.param.name;
                           std::ranges::replace_if(
                               name, [](char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

TEST(KnownQuotes, ForgeriesAreJudgedAlikeEveryTime) {
  for (const testing::Forgery& row : testing::all_forgeries()) {
    const Forged world = row.forged();
    const auto prepared = prepare(world.collateral);
    const Verifier verifier(world.roots);
    for (const VerifyOptions& options : {kStrict, kIntel}) {
      const std::string expected = fresh(world, world.quote, world.at, options);
      for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(dump(verifier.verify(world.quote, prepared, world.at, options)), expected)
            << row.what;
      }
    }
  }
}

// The second of two equal quotes is answered from memory, whatever kind it is; otherwise the tests
// here would show nothing.
TEST(KnownQuotes, AreFoundAgain) {
  for (const auto& made : {Forge::sgx(3), Forge::sgx(4), Forge::sgx(5), Forge::tdx10(4),
                           Forge::tdx10(5), Forge::tdx15()}) {
    const Forged world = made.make();
    const Verifier verifier(world.roots);
    const auto prepared = prepare(world.collateral);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(verifier.verify(world.quote, prepared, world.at, kStrict).decision,
                Decision::kVerified);
    }
    EXPECT_EQ(verifier.statistics().quotes.hits, 2U);
    EXPECT_EQ(verifier.statistics().quotes.facts, 1U);
    EXPECT_EQ(verifier.statistics().chains.facts, 1U);
  }
}

// Every byte of header and body, changed and signed: a rule that looks at one which is not in the
// key would be noticed here.
class EverySignedByte : public ::testing::TestWithParam<int> {
 protected:
  static Forge plan() {
    switch (GetParam()) {
      case 0:
        return Forge::sgx(3);
      case 1:
        return Forge::sgx(4);
      case 2:
        return Forge::sgx(5);
      case 3:
        return Forge::tdx10(4);
      case 4:
        return Forge::tdx15();
      default: {
        // Watched, so that Intel's rules let it pass and the strict ones print what they saw.
        Forge out = Forge::tdx10(4);
        out.td_report().td_attributes.mutable_view()[0] = std::byte{0x02};
        return out;
      }
    }
  }
};

TEST_P(EverySignedByte, MatchesTheVerdictOfAVerifierWithoutMemory) {
  const Forge forge = plan();
  const Forged world = forge.make();
  const auto prepared = prepare(world.collateral);
  const auto parts = collateral::ParsedCollateral::parse(world.collateral);
  const Verifier verifier(world.roots);
  const Verifier without(world.roots);
  const std::size_t size = parsed(world).signed_size();
  for (std::size_t i = 0; i < size; ++i) {
    // Bits that make an unlike meaning: the lowest of a number, the highest of a mask.
    for (const auto flip : {std::byte{0x01}, std::byte{0x82}}) {
      base::Bytes changed = world.quote;
      changed[i] ^= flip;
      if (auto quote = quote::Quote::parse_leniently(changed)) {
        changed = sign_again(forge, *std::move(quote));
      }
      for (const VerifyOptions& options : {kStrict, kIntel}) {
        (void)verifier.verify(world.quote, prepared, world.at, options);
        ASSERT_EQ(dump(verifier.verify(changed, prepared, world.at, options)),
                  dump(without.verify(changed, parts, world.at, options)))
            << "byte " << i;
      }
    }
  }
  EXPECT_GT(verifier.statistics().quotes.hits, size);
}

INSTANTIATE_TEST_SUITE_P(Layouts, EverySignedByte, ::testing::Range(0, 6));

// The same for the QE's report, signed again by the PCK key.
TEST(KnownQuotes, EveryByteOfTheQeReportCounts) {
  const Forge forge = Forge::sgx();
  const Forged world = forge.make();
  const auto prepared = prepare(world.collateral);
  const auto parts = collateral::ParsedCollateral::parse(world.collateral);
  const Verifier verifier(world.roots);
  constexpr std::size_t kReportDataOffset = 320;
  for (std::size_t i = 0; i < kReportDataOffset; ++i) {
    quote::Quote quote = parsed(world);
    base::Bytes report = base::to_bytes(base::struct_bytes(quote.signature.qe_report));
    report[i] ^= std::byte{0x03};
    std::memcpy(&quote.signature.qe_report, report.data(), report.size());
    const base::Bytes changed = sign_again(forge, quote);
    (void)verifier.verify(world.quote, prepared, world.at, kStrict);
    ASSERT_EQ(dump(verifier.verify(changed, prepared, world.at, kStrict)),
              dump(Verifier(world.roots).verify(changed, parts, world.at, kStrict)))
        << "byte " << i;
  }
}

// Unsigned, and mangled in any place behind the body.
TEST(KnownQuotes, NoUnsignedByteGoesUnnoticed) {
  const Forged world = Forge::sgx().make();
  const auto prepared = prepare(world.collateral);
  const auto parts = collateral::ParsedCollateral::parse(world.collateral);
  const Verifier verifier(world.roots);
  for (std::size_t i = quote::kSignedSize; i < world.quote.size(); i += i < 1060 ? 1 : 13) {
    base::Bytes changed = world.quote;
    changed[i] ^= std::byte{0x10};
    (void)verifier.verify(world.quote, prepared, world.at, kIntel);
    ASSERT_EQ(dump(verifier.verify(changed, prepared, world.at, kIntel)),
              dump(Verifier(world.roots).verify(changed, parts, world.at, kIntel)))
        << "byte " << i;
  }
}

// Every moment at which something begins or ends, the seconds around it, and one verifier that
// sees them in this order and in the other.
TEST(KnownQuotes, NoFactOutlivesItsTimeInEitherDirection) {
  const Forged world = Forge::sgx().make();
  const auto parts = collateral::ParsedCollateral::parse(world.collateral);
  std::set<base::UnixTime> moments{world.at, base::UnixTime(seconds(1)), base::UnixTime()};
  const auto around = [&moments](base::UnixTime moment) {
    for (const int delta : {-1, 0, 1}) moments.insert(moment + seconds(delta));
  };
  const auto chain =
      collateral::CertificateChain::parse(base::as_text(parsed(world).certification_data)).value();
  for (const auto* const certificates :
       {&chain, &*parts.pck_crl_issuer_chain, &*parts.tcb_info_issuer_chain,
        &*parts.qe_identity_issuer_chain}) {
    for (const crypto::Certificate& certificate : certificates->certificates()) {
      around(certificate.not_before());
      around(certificate.not_after());
    }
  }
  for (const crypto::Crl* const crl : {&*parts.root_ca_crl, &*parts.pck_crl}) {
    around(crl->this_update());
    around(crl->next_update());
  }
  around(parts.tcb_info->issue_date);
  around(parts.tcb_info->next_update);
  around(parts.qe_identity->issue_date);
  around(parts.qe_identity->next_update);

  const auto prepared = prepare(world.collateral);
  const Verifier verifier(world.roots);
  std::vector<base::UnixTime> order(moments.begin(), moments.end());
  order.insert(order.end(), moments.rbegin(), moments.rend());
  for (const base::UnixTime at : order) {
    for (const VerifyOptions& options : {kStrict, kIntel}) {
      (void)verifier.verify(world.quote, prepared, world.at, options);
      ASSERT_EQ(dump(verifier.verify(world.quote, prepared, at, options)),
                fresh(world, world.quote, at, options))
          << at.time_since_epoch().count();
    }
  }
}

TEST(KnownQuotes, NeverCrossModesOrOptions) {
  Forge forge = Forge::sgx();
  std::get<sgx::ReportBody>(forge.quote.body).attributes.flags =
      sgx::flags::kInit | sgx::flags::kMode64Bit | sgx::flags::kDebug;
  const Forged world = forge.make();
  const auto prepared = prepare(world.collateral);
  const Verifier verifier(world.roots);
  for (int i = 0; i < 3; ++i) {
    for (const VerifyOptions& options : {kWithDebug, kStrict, kIntel}) {
      EXPECT_EQ(dump(verifier.verify(world.quote, prepared, world.at, options)),
                fresh(world, world.quote, world.at, options));
    }
  }
  EXPECT_EQ(verifier.verify(world.quote, prepared, world.at, kWithDebug).decision,
            Decision::kVerifiedWithWarnings);
  EXPECT_EQ(verifier.verify(world.quote, prepared, world.at, kStrict).decision, Decision::kRefused);
}

TEST(KnownQuotes, NeverCrossCollateral) {
  Forge forge = Forge::sgx();
  const Forged world = forge.make();
  forge.pck_crl.revoke(forge.pck);
  Forged revoked = world;
  revoked.collateral.pck_crl = forge.pck_crl.der();
  const auto before = prepare(world.collateral);
  const auto after = prepare(revoked.collateral);
  EXPECT_NE(before.identity(), after.identity());
  const Verifier verifier(world.roots);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(verifier.verify(world.quote, before, world.at, kStrict).decision,
              Decision::kVerified);
    const Verdict verdict = verifier.verify(world.quote, after, world.at, kStrict);
    ASSERT_TRUE(verdict.refusal);
    EXPECT_EQ(dump(verdict), fresh(revoked, world.quote, world.at, kStrict));
  }
}

// Roots and memory go together, also where one verifier takes the place of another.
TEST(KnownQuotes, NeverCrossRoots) {
  const Forged world = Forge::sgx().make();
  const auto prepared = prepare(world.collateral);
  Verifier verifier(world.roots);
  const Verifier intel({intel_root()});
  const auto decision = [&] {
    return verifier.verify(world.quote, prepared, world.at, kStrict).decision;
  };
  EXPECT_EQ(decision(), Decision::kVerified);
  EXPECT_EQ(decision(), Decision::kVerified);
  const Verifier copy = verifier;
  verifier = intel;
  EXPECT_EQ(decision(), Decision::kRefused);
  verifier = copy;
  EXPECT_EQ(decision(), Decision::kVerified);
  EXPECT_EQ(verifier.statistics().quotes.hits, 2U);
}

// Nobody signs the text around the certificates, so that one quote can be written in any number of
// ways. None but the usual one is remembered, and each is judged on its own.
TEST(KnownQuotes, OtherSpellingsOfAQuoteTakeNoRoom) {
  const Forged world = Forge::sgx().make();
  const auto prepared = prepare(world.collateral);
  const Verifier verifier(world.roots);
  (void)verifier.verify(world.quote, prepared, world.at, kIntel);
  for (int i = 1; i < 50; ++i) {
    quote::Quote quote = parsed(world);
    quote.certification_data.insert(quote.certification_data.end(), static_cast<std::size_t>(i),
                                    std::byte{'\n'});
    const base::Bytes spelled = quote::serialize(quote).value();
    ASSERT_EQ(dump(verifier.verify(spelled, prepared, world.at, kIntel)),
              fresh(world, spelled, world.at, kIntel));
    base::Bytes longer = world.quote;
    longer.insert(longer.end(), static_cast<std::size_t>(i), std::byte{0});
    ASSERT_EQ(dump(verifier.verify(longer, prepared, world.at, kIntel)),
              fresh(world, longer, world.at, kIntel));
  }
  EXPECT_EQ(verifier.statistics().quotes.facts, 1U);
  EXPECT_EQ(verifier.statistics().chains.facts, 1U);
}

TEST(KnownQuotes, WhatIsRefusedOrOutOfDateTakesNoRoom) {
  Forged world = Forge::sgx().make();
  const auto prepared = prepare(world.collateral);
  const Verifier verifier(world.roots);
  base::Bytes bad = world.quote;
  bad[quote::kFixedSize] ^= std::byte{1};
  (void)verifier.verify(bad, prepared, world.at, kIntel);
  (void)verifier.verify(world.quote, prepared, world.at + std::chrono::years(30), kIntel);
  EXPECT_EQ(verifier.statistics().quotes.facts, 0U);
}

// Each component of the key on its own, and bytes that pass from one part to the next.
TEST(QuoteKey, HasEverythingThatAVerdictDependsOn) {
  Forge forge = Forge::tdx15();
  const Forged world = forge.make();
  const auto prepared = prepare(world.collateral);
  collateral::Collateral other_documents = world.collateral;
  other_documents.tcb_info.push_back(std::byte{' '});
  const auto other = prepare(other_documents);
  const quote::Quote genuine = parsed(world);
  std::set<std::string> keys{QuoteKey::of(genuine, prepared, kStrict).bytes()};
  const auto expect_new = [&keys](const QuoteKey& key, std::string_view what) {
    EXPECT_TRUE(keys.insert(key.bytes()).second) << what;
  };
  expect_new(QuoteKey::of(genuine, prepared, kIntel), "mode");
  expect_new(QuoteKey::of(genuine, prepared, kWithDebug), "allow_debug");
  expect_new(QuoteKey::of(genuine, prepared, {.mode = Mode::kIntel, .advisory_list = false}),
             "advisory_list");
  expect_new(QuoteKey::of(genuine, other, kStrict), "collateral");
  const auto changed = [&](std::string_view what,
                           const std::function<void(quote::Quote&)>& change) {
    quote::Quote quote = genuine;
    change(quote);
    expect_new(QuoteKey::of(quote, prepared, kStrict), what);
  };
  const auto flip = [](auto& field, std::size_t at = 0) {
    field.mutable_view()[at] ^= std::byte{1};
  };
  const auto report = [](quote::Quote& q) -> quote::TdReport15& {
    return std::get<quote::TdReport15>(q.body);
  };
  changed("version", [](auto& q) { q.header.version = 4; });
  changed("QE_ID", [&](auto& q) { flip(q.header.user_data); });
  changed("vendor", [&](auto& q) { flip(q.header.qe_vendor_id); });
  changed("TEE_TCB_SVN", [&](auto& q) { flip(report(q).base.tee_tcb_svn, 15); });
  changed("MRSIGNERSEAM", [&](auto& q) { flip(report(q).base.mr_signer_seam, 47); });
  changed("SEAMATTRIBUTES", [&](auto& q) { flip(report(q).base.seam_attributes, 7); });
  changed("TDATTRIBUTES", [&](auto& q) { flip(report(q).base.td_attributes); });
  changed("the end of TDATTRIBUTES", [&](auto& q) { flip(report(q).base.td_attributes, 7); });
  changed("TEE_TCB_SVN_2", [&](auto& q) { flip(report(q).tee_tcb_svn2); });
  changed("body", [&](auto& q) { q.body = report(q).base; });
  changed("attestation key", [&](auto& q) { flip(q.signature.attestation_key); });
  changed("QE report", [](auto& q) { q.signature.qe_report.isv_svn = 99; });
  changed("QE report signature", [&](auto& q) { flip(q.signature.qe_report_signature, 63); });
  changed("authentication data", [](auto& q) { q.authentication_data.back() ^= std::byte{1}; });
  changed("more authentication data",
          [](auto& q) { q.authentication_data.push_back(std::byte{0}); });
  changed("certification type", [](auto& q) { q.certification_type = 4; });
  changed("certification data", [](auto& q) { q.certification_data.back() ^= std::byte{1}; });
  changed("slack", [](auto& q) { q.slack_bytes = 1; });
  changed("trailing bytes", [](auto& q) { q.trailing_bytes = 1; });
  changed("a byte from one part to the next", [](auto& q) {
    q.authentication_data.push_back(q.certification_data.front());
    q.certification_data.erase(q.certification_data.begin());
  });
}

// Eight threads, quotes that come and go, one small memory.
TEST(KnownQuotes, ServeManyThreads) {
  const Forge forge = Forge::sgx();
  const Forged world = forge.make();
  const auto prepared = prepare(world.collateral);
  const Verifier verifier(world.roots, {.facts = 4, .shards = 2});
  std::vector<base::Bytes> quotes;
  for (int i = 0; i < 6; ++i) {
    quote::Quote quote = parsed(world);
    quote.authentication_data[0] = static_cast<std::byte>(i);
    quotes.push_back(sign_again(forge, quote));
  }
  base::Bytes bad = quotes.front();
  bad[quote::kSignedSize - 1] ^= std::byte{1};
  std::vector<std::jthread> threads;
  for (std::size_t thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::size_t i = 0; i < 40; ++i) {
        const base::Bytes& quote = quotes[(i * 5 + thread) % quotes.size()];
        EXPECT_EQ(verifier.verify(quote, prepared, world.at, kStrict).decision,
                  Decision::kVerified);
        EXPECT_EQ(verifier.verify(bad, prepared, world.at, kStrict).decision, Decision::kRefused);
        EXPECT_EQ(
            verifier.verify(quote, prepared, world.at + std::chrono::years(30), kStrict).decision,
            Decision::kRefused);
      }
    });
  }
  threads.clear();
  EXPECT_LE(verifier.statistics().quotes.facts, 4U);
}

}  // namespace
}  // namespace quoted::verification
