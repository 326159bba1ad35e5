// The same verification through libsgx_dcap_quoteverify.so.1, as programs in C call it.
#pragma once

#include <quoted/sgx_dcap_quoteverify.h>

#include <array>

#include "verify/workload.h"

namespace quoted::bench {

// One for each process: the library asks for its trusted root once.
class CAbi {
 public:
  explicit CAbi(const Platform& platform);

  // Throws unless the quote is what it claims to be.
  void verify(const base::Bytes& quote);

 private:
  void add(const base::Bytes& document, char*& place, std::uint32_t& size, bool text);

  std::vector<base::Bytes> documents_;
  sgx_ql_qve_collateral_t collateral_{};
  std::time_t at_;
  std::array<std::uint8_t, sizeof(sgx_ql_qv_supplemental_t)> supplemental_{};
};

}  // namespace quoted::bench
