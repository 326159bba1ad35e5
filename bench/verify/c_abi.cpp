#include "verify/c_abi.h"

#include <cstdlib>
#include <stdexcept>

#include "common/scratch.h"

namespace quoted::bench {

CAbi::CAbi(const Platform& platform) : at_(platform.at().time_since_epoch().count()) {
  constexpr std::uint32_t kVersionWithDerCrls = 0x00010003;
  const collateral::Collateral& from = platform.collateral();
  sgx_ql_qve_collateral_t& to = collateral_;
  to.version = kVersionWithDerCrls;
  documents_.reserve(7);  // no document moves once the library knows where it is
  add(from.pck_crl_issuer_chain, to.pck_crl_issuer_chain, to.pck_crl_issuer_chain_size, true);
  add(from.root_ca_crl, to.root_ca_crl, to.root_ca_crl_size, false);
  add(from.pck_crl, to.pck_crl, to.pck_crl_size, false);
  add(from.tcb_info_issuer_chain, to.tcb_info_issuer_chain, to.tcb_info_issuer_chain_size, true);
  add(from.tcb_info, to.tcb_info, to.tcb_info_size, true);
  add(from.qe_identity_issuer_chain, to.qe_identity_issuer_chain, to.qe_identity_issuer_chain_size,
      true);
  add(from.qe_identity, to.qe_identity, to.qe_identity_size, true);

  const Scratch scratch;
  scratch.write("root.pem", base::as_bytes(platform.root_pem()));
  ::setenv("QUOTED_TRUSTED_ROOT", (scratch.path() / "root.pem").c_str(), 1);
  verify(platform.quote());
}

void CAbi::add(const base::Bytes& document, char*& place, std::uint32_t& size, bool text) {
  documents_.push_back(document);
  if (text) documents_.back().push_back(std::byte{0});
  place = reinterpret_cast<char*>(documents_.back().data());
  size = static_cast<std::uint32_t>(documents_.back().size());
}

void CAbi::verify(const base::Bytes& quote) {
  std::uint32_t expired = 1;
  sgx_ql_qv_result_t result = SGX_QL_QV_RESULT_UNSPECIFIED;
  const quote3_error_t error = sgx_qv_verify_quote(
      reinterpret_cast<const std::uint8_t*>(quote.data()), static_cast<std::uint32_t>(quote.size()),
      &collateral_, at_, &expired, &result, nullptr,
      static_cast<std::uint32_t>(supplemental_.size()), supplemental_.data());
  if (error != SGX_QL_SUCCESS || result != SGX_QL_QV_RESULT_OK || expired != 0) {
    throw std::runtime_error("the C interface does not verify the quote");
  }
}

}  // namespace quoted::bench
