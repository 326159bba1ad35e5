#include "common/binding.h"

#include <algorithm>

#include "crypto/ecdh.h"
#include "crypto/hkdf.h"

namespace quoted::sample {
namespace {

using base::Result;

// Labels keep a hash made for one purpose from being taken for one made for another. All other
// parts have fixed sizes, so that equal bytes mean equal parts.
constexpr std::string_view kBindingLabel = "quoted sample, version 1: enclave key";
constexpr std::string_view kTranscriptLabel = "quoted sample, version 1: session";
constexpr std::string_view kKeyLabel = "quoted sample, version 1: secret";

}  // namespace

Result<sgx::ReportData> report_data_for(const Nonce& nonce, const crypto::P256Point& public_key) {
  QUOTED_TRY(const auto digest,
             crypto::sha256({base::as_bytes(kBindingLabel), nonce.view(), public_key.view()}));
  sgx::ReportData out;
  std::ranges::copy(digest.view(), out.mutable_view().begin());
  return out;
}

Result<SessionKey> session_key(const crypto::P256PrivateKey& own, const crypto::P256Point& peer,
                               const Session& session) {
  QUOTED_TRY(const auto peer_key, crypto::P256PublicKey::create(peer));
  QUOTED_TRY(const base::SecretBytes shared, crypto::ecdh(own, peer_key));
  SessionKey out;
  QUOTED_TRY(const auto quote, crypto::sha256(session.quote));
  QUOTED_TRY(out.transcript, crypto::sha256({base::as_bytes(kTranscriptLabel), session.nonce.view(),
                                             session.enclave_key.view(),
                                             session.relying_party_key.view(), quote.view()}));
  QUOTED_TRY(const base::SecretBytes key,
             crypto::hkdf_sha256(shared.view(), base::as_text(out.transcript.view()), kKeyLabel,
                                 crypto::Key128::kSize));
  out.key = crypto::Key128(key.view().first<crypto::Key128::kSize>());
  return out;
}

}  // namespace quoted::sample
