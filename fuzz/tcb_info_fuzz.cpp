// Hostile text as TCB info: nothing crashes, and an accepted document has what its users count on.
#include <algorithm>

#include "collateral/tcb_info.h"
#include "fuzz.h"

using namespace quoted;
using collateral::Tee;

namespace {

bool higher(const collateral::TcbLevel& a, const collateral::TcbLevel& b) {
  return std::tie(a.sgx_components, a.pce_svn, a.tdx_components) >
         std::tie(b.sgx_components, b.pce_svn, b.tdx_components);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto info = collateral::TcbInfo::parse(base::as_text(fuzz::input(data, size)));
  if (!info) {
    fuzz::require(info.error().status == collateral::QvlStatus::kTcbInfoUnsupportedFormat ||
                  info.error().status == collateral::QvlStatus::kTcbInfoInvalid);
    fuzz::require(!info.error().detail.empty());
    return 0;
  }
  fuzz::require(info->version == 2 || info->version == 3);
  fuzz::require(!info->levels.empty());
  for (std::size_t i = 1; i < info->levels.size(); ++i) {
    fuzz::require(higher(info->levels[i - 1], info->levels[i]));
  }
  fuzz::require(info->tdx_module.has_value() == (info->tee == Tee::kTdx));
  fuzz::require(info->tee == Tee::kTdx || info->tdx_module_identities.empty());
  for (const auto& identity : info->tdx_module_identities) {
    fuzz::require(!identity.levels.empty());
    fuzz::require(std::ranges::is_sorted(identity.levels, std::greater(),
                                         &collateral::TdxModuleLevel::isv_svn));
  }
  return 0;
}
