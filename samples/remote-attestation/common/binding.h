// What ties the parts of a session together. The same code runs inside the enclave and at the
// relying party: each computes for itself what the other claims.
#pragma once

#include "common/messages.h"
#include "crypto/digest.h"
#include "crypto/key128.h"
#include "sgx/report.h"

namespace quoted::sample {

// The report data that an enclave has to put into its REPORT: SHA-256 of label, nonce and its
// public key, then 32 zero bytes. Through it the quote speaks for the key (nobody in between can
// put another in its place) and for the moment (it cannot have been made before the nonce was).
[[nodiscard]] base::Result<sgx::ReportData> report_data_for(const Nonce& nonce,
                                                            const crypto::P256Point& public_key);

// Everything both sides have seen when the secret is encrypted.
struct Session {
  Nonce nonce;
  crypto::P256Point enclave_key;
  crypto::P256Point relying_party_key;
  base::ByteView quote;
};

struct SessionKey {
  crypto::Key128 key;         // for one message, since one of the two key pairs is used only once
  crypto::Sha256 transcript;  // to be authenticated with that message
};

// From ECDH of `own` and `peer`, one of which is the enclave's and the other the relying party's. A
// byte of the session changed on the way gives another key, and the secret does not open.
[[nodiscard]] base::Result<SessionKey> session_key(const crypto::P256PrivateKey& own,
                                                   const crypto::P256Point& peer,
                                                   const Session& session);

}  // namespace quoted::sample
