// The service's answers in the structures of the C interface (quote-generation 7.3), each in one
// piece of memory that free() gives back.
#pragma once

#include "collateral/tcb_info.h"
#include "dcap_quoteprov/call.h"

namespace quoted::quoteprov {

[[nodiscard]] Answer<sgx_ql_config_t*> get_quote_config(const void* pck_cert_id);

// Parameters as the interface has them, unchecked.
[[nodiscard]] Answer<sgx_ql_qve_collateral_t*> get_collateral(collateral::Tee tee,
                                                              const std::uint8_t* fmspc,
                                                              std::uint16_t fmspc_size,
                                                              const char* ca);

struct Text {
  char* bytes = nullptr;
  std::uint32_t size = 0;  // with the NUL at its end
};
struct QveIdentity {
  Text identity;
  Text issuer_chain;
};
[[nodiscard]] Answer<QveIdentity> get_qve_identity();

[[nodiscard]] Answer<Text> get_root_ca_crl();

}  // namespace quoted::quoteprov
