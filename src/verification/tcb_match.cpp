#include "verification/tcb_match.h"

#include <algorithm>
#include <string>

#include "base/hex.h"

namespace quoted::verification {
namespace {

using collateral::QeIdentity;
using collateral::QeTcbLevel;
using collateral::QvlStatus;
using collateral::SgxExtension;
using collateral::TcbComponents;
using collateral::TcbInfo;
using collateral::TcbLevel;
using collateral::TcbStatus;
using collateral::TdxModuleIdentity;
using collateral::TdxModuleLevel;

// Components 0 and 1 of a TDX TCB are the module's own SVN and version; a module with an identity
// of its own is judged by that instead.
constexpr std::size_t kFirstComponentBesideModule = 2;

bool at_least(const TcbComponents& observed, const TcbComponents& level, std::size_t from = 0) {
  for (std::size_t i = from; i < level.size(); ++i) {
    if (observed[i] < level[i]) return false;
  }
  return true;
}

TcbComponents components_of(const quote::TeeTcbSvn& svn) {
  TcbComponents out{};
  std::ranges::transform(svn.view(), out.begin(),
                         [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return out;
}

QvlStatus status_of(TcbStatus status) {
  switch (status) {
    case TcbStatus::kUpToDate:
      return QvlStatus::kOk;
    case TcbStatus::kSwHardeningNeeded:
      return QvlStatus::kTcbSwHardeningNeeded;
    case TcbStatus::kConfigurationNeeded:
      return QvlStatus::kTcbConfigurationNeeded;
    case TcbStatus::kConfigurationAndSwHardeningNeeded:
      return QvlStatus::kTcbConfigurationAndSwHardeningNeeded;
    case TcbStatus::kOutOfDate:
      return QvlStatus::kTcbOutOfDate;
    case TcbStatus::kOutOfDateConfigurationNeeded:
      return QvlStatus::kTcbOutOfDateConfigurationNeeded;
    case TcbStatus::kRevoked:
      break;
  }
  return QvlStatus::kTcbRevoked;
}

bool needs_configuration(QvlStatus status) {
  return status == QvlStatus::kTcbConfigurationNeeded ||
         status == QvlStatus::kTcbConfigurationAndSwHardeningNeeded ||
         status == QvlStatus::kTcbOutOfDateConfigurationNeeded;
}

// Section 13: a QE that is behind takes its platform along.
QvlStatus made_out_of_date(QvlStatus platform) {
  if (platform == QvlStatus::kTcbRevoked) return platform;
  return needs_configuration(platform) ? QvlStatus::kTcbOutOfDateConfigurationNeeded
                                       : QvlStatus::kTcbOutOfDate;
}

QvlStatus converge(QvlStatus platform, const QeTcbLevel* qe_level) {
  if (platform == QvlStatus::kTcbNotSupported || platform == QvlStatus::kTcbUnrecognizedStatus ||
      platform == QvlStatus::kTdxModuleMismatch) {
    return platform;
  }
  if (platform == QvlStatus::kTcbTdRelaunchAdvised ||
      platform == QvlStatus::kTcbTdRelaunchAdvisedConfigurationNeeded) {
    return platform;
  }
  if (qe_level == nullptr) return QvlStatus::kTcbNotSupported;
  if (qe_level->status == TcbStatus::kUpToDate) return platform;
  if (qe_level->status == TcbStatus::kRevoked) return QvlStatus::kTcbRevoked;
  return made_out_of_date(platform);
}

const QeTcbLevel* find_qe_level(const QeIdentity& identity, std::uint16_t isv_svn) {
  const auto found = std::ranges::find_if(
      identity.levels, [&](const QeTcbLevel& level) { return level.isv_svn <= isv_svn; });
  return found == identity.levels.end() ? nullptr : &*found;
}

bool meets_sgx(const SgxExtension& platform, const TcbLevel& level) {
  return at_least(platform.components, level.sgx_components) && platform.pce_svn >= level.pce_svn;
}

const TcbLevel* find_sgx_level(const SgxExtension& platform, const TcbInfo& tcb_info) {
  const auto found = std::ranges::find_if(
      tcb_info.levels, [&](const TcbLevel& level) { return meets_sgx(platform, level); });
  return found == tcb_info.levels.end() ? nullptr : &*found;
}

// A TD's platform: the processor's level, the level of the whole, and the module's own.
class TdMatch {
 public:
  TdMatch(const quote::Quote& quote, const SgxExtension& platform, const TcbInfo& tcb_info)
      : tcb_info_(tcb_info), observed_(components_of(quote.td_report()->tee_tcb_svn)) {
    if (const auto* const extended = std::get_if<quote::TdReport15>(&quote.body)) {
      after_relaunch_ = components_of(extended->tee_tcb_svn2);
    }
    sgx_level_ = find_sgx_level(platform, tcb_info);
    const std::size_t from = has_versioned_module() ? kFirstComponentBesideModule : 0;
    const auto found = std::ranges::find_if(tcb_info.levels, [&](const TcbLevel& level) {
      return meets_sgx(platform, level) && at_least(observed_, level.tdx_components, from);
    });
    if (found != tcb_info.levels.end()) level_ = &*found;
    if (has_versioned_module()) find_module_level();
  }

  [[nodiscard]] const TcbLevel* level() const { return level_; }
  [[nodiscard]] const TdxModuleLevel* module_level() const { return module_level_; }

  // Before the QE's level is looked at, but for the advice to relaunch, which depends on it.
  [[nodiscard]] QvlStatus status(const QeTcbLevel* qe_level) const {
    if (sgx_level_ == nullptr || level_ == nullptr) return QvlStatus::kTcbNotSupported;
    if (has_versioned_module() && module_level_ == nullptr) return QvlStatus::kTcbNotSupported;
    const QvlStatus whole = with_module(status_of(level_->status));
    const bool qe_up_to_date = qe_level != nullptr && qe_level->status == TcbStatus::kUpToDate;
    return qe_up_to_date ? with_relaunch(whole) : whole;
  }

 private:
  [[nodiscard]] bool has_versioned_module() const { return observed_[1] > 0; }

  void find_module_level() {
    const TdxModuleIdentity* const identity = find_module(tcb_info_, observed_[1]);
    if (identity == nullptr) return;
    const auto found = std::ranges::find_if(identity->levels, [&](const TdxModuleLevel& level) {
      return level.isv_svn <= observed_[0];
    });
    if (found != identity->levels.end()) module_level_ = &*found;
  }

  [[nodiscard]] QvlStatus with_module(QvlStatus level) const {
    if (module_level_ == nullptr || module_level_->status == "UpToDate") return level;
    if (module_level_->status == "Revoked") return QvlStatus::kTcbRevoked;
    if (module_level_->status != "OutOfDate") return QvlStatus::kTcbUnrecognizedStatus;
    return made_out_of_date(level);
  }

  // A TD that only runs on an old module would be up to date on the one loaded since.
  [[nodiscard]] QvlStatus with_relaunch(QvlStatus whole) const {
    const QvlStatus sgx = status_of(sgx_level_->status);
    const bool sgx_current = sgx == QvlStatus::kOk || sgx == QvlStatus::kTcbSwHardeningNeeded ||
                             sgx == QvlStatus::kTcbConfigurationNeeded ||
                             sgx == QvlStatus::kTcbConfigurationAndSwHardeningNeeded;
    const bool behind =
        whole == QvlStatus::kTcbOutOfDate || whole == QvlStatus::kTcbOutOfDateConfigurationNeeded;
    const bool module_behind = module_level_ != nullptr && module_level_->status == "OutOfDate";
    if (!after_relaunch_ || !sgx_current || !behind || !module_behind) return whole;
    const auto current = relaunch_is_current();
    // Intel's convergence makes this of a module that nobody knows.
    if (!current) return QvlStatus::kTcbUnrecognizedStatus;
    if (!*current) return whole;
    return needs_configuration(sgx) || needs_configuration(whole)
               ? QvlStatus::kTcbTdRelaunchAdvisedConfigurationNeeded
               : QvlStatus::kTcbTdRelaunchAdvised;
  }

  // Absent when the module after a relaunch is none that the TCB info knows.
  [[nodiscard]] std::optional<bool> relaunch_is_current() const {
    const TcbComponents& newest = tcb_info_.levels.front().tdx_components;
    const TcbComponents& after = *after_relaunch_;
    if (after[1] == 0) return after[0] >= newest[0] && after[2] >= newest[2];
    const TdxModuleIdentity* const identity = find_module(tcb_info_, after[1]);
    if (identity == nullptr) return std::nullopt;
    return after[0] >= identity->levels.front().isv_svn && after[2] >= newest[2];
  }

  const TcbInfo& tcb_info_;
  TcbComponents observed_;
  std::optional<TcbComponents> after_relaunch_;
  const TcbLevel* sgx_level_ = nullptr;
  const TcbLevel* level_ = nullptr;
  const TdxModuleLevel* module_level_ = nullptr;
};

}  // namespace

const TdxModuleIdentity* find_module(const TcbInfo& tcb_info, std::uint8_t version) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::string id = std::string("TDX_") + kDigits[version >> 4U] + kDigits[version & 0xFU];
  const auto found = std::ranges::find(tcb_info.tdx_module_identities, id, &TdxModuleIdentity::id);
  return found == tcb_info.tdx_module_identities.end() ? nullptr : &*found;
}

TcbMatch match_tcb(const quote::Quote& quote, const SgxExtension& platform, const TcbInfo& tcb_info,
                   const QeIdentity& qe_identity) {
  TcbMatch out;
  out.qe_level = find_qe_level(qe_identity, quote.signature.qe_report.isv_svn);
  QvlStatus status = QvlStatus::kTcbNotSupported;
  if (quote.td_report() != nullptr) {
    const TdMatch td(quote, platform, tcb_info);
    out.level = td.level();
    out.module_level = td.module_level();
    status = td.status(out.qe_level);
    // A revoked TD ends the step before the QE's level counts.
    if (status == QvlStatus::kTcbRevoked) {
      out.status = status;
      return out;
    }
  } else {
    out.level = find_sgx_level(platform, tcb_info);
    if (out.level != nullptr) status = status_of(out.level->status);
  }
  out.status = converge(status, out.qe_level);
  return out;
}

}  // namespace quoted::verification
