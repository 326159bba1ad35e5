#include "sgx_dcap_ql/mode.h"

#include <cstdlib>

namespace quoted::dcap_ql {
namespace {

constinit Mode chosen = Mode::kInProcess;

// Plain getenv, in privileged programs too: which mode serves is the ABI, and callers test the
// variable themselves (aesm-protocol 7.3).
[[gnu::constructor]] void choose() {
  if (::getenv("SGX_AESM_ADDR") != nullptr) chosen = Mode::kOutOfProcess;
}

}  // namespace

Mode mode() { return chosen; }

}  // namespace quoted::dcap_ql
