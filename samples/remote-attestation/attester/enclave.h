// The part of the attester that would be an enclave: what is private here never leaves it. On the
// simulated platform it is an ordinary object with a simulated processor around it; on hardware
// this class becomes the enclave and its public functions its ECALLs.
#pragma once

#include "common/binding.h"
#include "crypto/p256.h"
#include "simulation/cpu/platform_cpu.h"

namespace quoted::sample {

class Enclave {
 public:
  // `identity` stands for what hardware measures when it loads an enclave. Makes the key pair of
  // this session.
  [[nodiscard]] static base::Result<Enclave> load(const simulation::Secs& identity,
                                                  simulation::PlatformCpu cpu);

  [[nodiscard]] const crypto::P256Point& public_key() const { return key_.public_key().point(); }

  // The REPORT that binds the public key to `nonce`, made for the Quoting Enclave `target`. What
  // goes into the report data is decided in here: an enclave that signs what its host hands in
  // vouches for keys of the host.
  [[nodiscard]] base::Result<sgx::Report> report(const sgx::TargetInfo& target,
                                                 const Nonce& nonce) const;

  // BadSignature when the secret was not encrypted to this key in this session.
  [[nodiscard]] base::Result<base::SecretBytes> decrypt(const EncryptedSecret& secret,
                                                        const Nonce& nonce,
                                                        base::ByteView quote) const;

 private:
  Enclave(const simulation::Secs& identity, simulation::PlatformCpu cpu, crypto::P256PrivateKey key)
      : identity_(identity), cpu_(std::move(cpu)), key_(std::move(key)) {}

  simulation::Secs identity_;
  simulation::PlatformCpu cpu_;
  crypto::P256PrivateKey key_;
};

}  // namespace quoted::sample
