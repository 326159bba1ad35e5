#include "attester/enclave.h"

#include "crypto/ecdh.h"

namespace quoted::sample {

using base::Result;

Result<Enclave> Enclave::load(const simulation::Secs& identity, simulation::PlatformCpu cpu) {
  QUOTED_TRY(crypto::P256PrivateKey key, crypto::make_ephemeral_key());
  return Enclave(identity, std::move(cpu), std::move(key));
}

Result<sgx::Report> Enclave::report(const sgx::TargetInfo& target, const Nonce& nonce) const {
  QUOTED_TRY(const sgx::ReportData data, report_data_for(nonce, public_key()));
  return cpu_.ereport(identity_, target, data);
}

Result<base::SecretBytes> Enclave::decrypt(const EncryptedSecret& secret, const Nonce& nonce,
                                           base::ByteView quote) const {
  const Session session{nonce, public_key(), secret.public_key, quote};
  QUOTED_TRY(const SessionKey derived, session_key(key_, secret.public_key, session));
  return crypto::unseal(derived.key, secret.ciphertext, derived.transcript.view(), secret.tag);
}

}  // namespace quoted::sample
