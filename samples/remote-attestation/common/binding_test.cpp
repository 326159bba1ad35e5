#include "common/binding.h"

#include <gmock/gmock.h>

#include "crypto/compare.h"
#include "crypto/ecdh.h"

namespace quoted::sample {
namespace {

using base::Bytes;

class Binding : public testing::Test {
 protected:
  [[nodiscard]] Session session() const {
    return {nonce_, enclave_.public_key().point(), relying_party_.public_key().point(), quote_};
  }
  [[nodiscard]] SessionKey at_enclave(const Session& session) const {
    return session_key(enclave_, relying_party_.public_key().point(), session).value();
  }
  [[nodiscard]] SessionKey at_relying_party(const Session& session) const {
    return session_key(relying_party_, enclave_.public_key().point(), session).value();
  }
  static bool same(const SessionKey& a, const SessionKey& b) {
    return crypto::constant_time_equal(a.key.view(), b.key.view());
  }

  Nonce nonce_ = Nonce::parse(Bytes(Nonce::kSize, std::byte{0xA1})).value();
  crypto::P256PrivateKey enclave_ = crypto::make_ephemeral_key().value();
  crypto::P256PrivateKey relying_party_ = crypto::make_ephemeral_key().value();
  Bytes quote_ = Bytes(10, std::byte{0x0A});
};

TEST_F(Binding, ReportDataIsAHashAndZeros) {
  const auto data = report_data_for(nonce_, enclave_.public_key().point()).value();
  EXPECT_FALSE(base::all_zero(data.view().first<32>()));
  EXPECT_TRUE(base::all_zero(data.view().last<32>()));
}

TEST_F(Binding, EveryBitOfNonceAndKeyCounts) {
  const auto data = report_data_for(nonce_, enclave_.public_key().point()).value();
  for (std::size_t bit = 0; bit < Nonce::kSize * 8; ++bit) {
    Nonce changed = nonce_;
    changed.mutable_view()[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_NE(report_data_for(changed, enclave_.public_key().point()).value(), data);
  }
  for (std::size_t bit = 0; bit < crypto::P256Point::kSize * 8; ++bit) {
    crypto::P256Point changed = enclave_.public_key().point();
    changed.mutable_view()[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_NE(report_data_for(nonce_, changed).value(), data);
  }
}

TEST_F(Binding, BothSidesGetTheSameKey) {
  EXPECT_TRUE(same(at_enclave(session()), at_relying_party(session())));
  EXPECT_EQ(at_enclave(session()).transcript, at_relying_party(session()).transcript);
}

TEST_F(Binding, AnotherSessionHasAnotherKey) {
  const SessionKey key = at_enclave(session());
  Session changed = session();
  changed.nonce.mutable_view()[0] ^= std::byte{1};
  EXPECT_FALSE(same(at_relying_party(changed), key));
  changed = session();
  changed.enclave_key = changed.relying_party_key;
  EXPECT_FALSE(same(at_relying_party(changed), key));
  changed = session();
  changed.relying_party_key = changed.enclave_key;
  EXPECT_FALSE(same(at_relying_party(changed), key));
  changed = session();
  changed.quote = changed.quote.first(9);
  EXPECT_FALSE(same(at_relying_party(changed), key));
}

TEST_F(Binding, AThirdPartyGetsAnotherKey) {
  const auto third = crypto::make_ephemeral_key().value();
  const auto key = session_key(third, enclave_.public_key().point(), session()).value();
  EXPECT_FALSE(same(key, at_enclave(session())));
}

TEST_F(Binding, APointOffTheCurveIsRefused) {
  const auto key = session_key(relying_party_, crypto::P256Point(), session());
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code(), base::ErrorCode::kBadKey);
}

}  // namespace
}  // namespace quoted::sample
