// The provider library, which fetches what verifiers need from a certificate service
// (quote-generation 7, quote-verification 19). Loaded when it is first needed, and kept as long as
// the process lives: its caches and connections are in it.
#pragma once

#include <memory>
#include <string_view>

#include "sgx_dcap_quoteverify/platform.h"

namespace quoted::quoteverify {

// What a provider gave, until it is given back to that provider.
using ProvidedCollateral = std::shared_ptr<const void>;

// PlatformLibUnavailable where there is no provider or it lacks the functions; its own code where
// it fails; UnableToGetCollateral where it gives nothing. PckCertChainError for a platform of no
// known CA, of which no provider has any.
[[nodiscard]] Answer<ProvidedCollateral> fetch_collateral(const Platform& platform);

// The identity of Intel's Quote Verification Enclave, in the provider's memory.
struct QveIdentity {
  char* identity = nullptr;
  std::uint32_t identity_size = 0;
  char* issuer_chain = nullptr;
  std::uint32_t issuer_chain_size = 0;
  std::uint8_t* root_ca_crl = nullptr;
  std::uint16_t root_ca_crl_size = 0;
};
[[nodiscard]] Answer<QveIdentity> fetch_qve_identity();
[[nodiscard]] Answer<void> free_qve_identity(const QveIdentity& identity);

// InvalidParameter unless it is the name of a regular file and not too long.
[[nodiscard]] Answer<void> check_path(const char* path);

// Where the provider is, instead of where the loader looks. Too late once it is loaded.
void set_provider_path(std::string_view path);

}  // namespace quoted::quoteverify
