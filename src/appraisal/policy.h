// An appraisal policy: what an operator accepts of platforms and of the enclaves and TDs on them.
// A value of it is free of contradictions; docs/policy.md is the language.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "appraisal/constraints.h"
#include "base/clock.h"
#include "config/mistakes.h"
#include "quote/td_report.h"
#include "sgx/report.h"

namespace quoted::appraisal {

inline constexpr std::string_view kUpToDate = "UpToDate";
inline constexpr std::string_view kOutOfDate = "OutOfDate";
inline constexpr std::string_view kOutOfDateConfigurationNeeded = "OutOfDateConfigurationNeeded";

// The values of `tcb_status` in a verdict that is not refused (quote-verification 13 and 16).
inline constexpr std::array<std::string_view, 8> kPlatformStatuses{
    kUpToDate,
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    kOutOfDate,
    kOutOfDateConfigurationNeeded,
    "TDRelaunchAdvised",
    "TDRelaunchAdvisedConfigurationNeeded"};

using Statuses = OneOf<std::string_view>;  // elements of kPlatformStatuses

// For how long platforms pass although they are out of date. What is set must hold, all of it.
struct Grace {
  Statuses tcb_status;
  std::optional<std::chrono::seconds> max_tcb_age;
  std::optional<std::uint32_t> until_tcb_evaluation_data_number;
};

// TDATTRIBUTES and XFAM as numbers: bit 0 is in the first byte.
[[nodiscard]] std::uint64_t to_bits(const quote::TdFlags& flags);

struct PlatformPolicy {
  Statuses tcb_status;
  std::optional<Grace> grace;
  Statuses qe_tcb_status;
  std::optional<std::uint32_t> min_tcb_evaluation_data_number;
  std::optional<base::UnixTime> min_tcb_date;
  std::optional<std::vector<std::string>> allowed_advisories;  // no others
  std::vector<std::string> rejected_advisories;
  OneOf<sgx::Fmspc> fmspc;
  bool allow_simulated = false;
};

struct EnclaveAlternative {
  config::Place place;
  std::string name;  // may be empty
  OneOf<sgx::MrEnclave> mr_enclave;
  OneOf<sgx::MrSigner> mr_signer;
  OneOf<std::uint16_t> isv_prod_id;
  AtLeast min_isv_svn;
  OneOf<sgx::IsvFamilyId> isv_family_id;
  OneOf<sgx::IsvExtProdId> isv_ext_prod_id;
  OneOf<sgx::ConfigId> config_id;
  AtLeast min_config_svn;
  Bits flags;
  Bits xfrm;
  Prefix report_data;
  bool allow_debug = false;
};

struct TdAlternative {
  config::Place place;
  std::string name;  // may be empty
  OneOf<quote::TdMeasurement> mr_td;
  std::array<OneOf<quote::TdMeasurement>, 4> rt_mr;
  OneOf<quote::TdMeasurement> mr_seam;
  OneOf<quote::TdMeasurement> mr_signer_seam;
  OneOf<quote::TdMeasurement> mr_config_id;
  OneOf<quote::TdMeasurement> mr_owner;
  OneOf<quote::TdMeasurement> mr_owner_config;
  OneOf<quote::TdMeasurement> mr_service_td;
  Bits td_attributes;
  Bits xfam;
  std::optional<quote::TeeTcbSvn> min_tee_tcb_svn;  // byte by byte
  Prefix report_data;
  bool allow_debug = false;
};

struct Policy {
  std::string name;  // may be empty
  PlatformPolicy platform;
  std::optional<std::chrono::seconds> max_collateral_age;
  std::vector<EnclaveAlternative> enclaves;
  std::vector<TdAlternative> tds;
  bool any_enclave = false;  // then there are no alternatives
  bool allow_debug = false;  // only with any_enclave

  // Something in it accepts what can be debugged: the verifier must let that pass.
  [[nodiscard]] bool allows_debug() const;
};

// Every quote that `b` accepts is accepted by `a`.
[[nodiscard]] bool covers(const EnclaveAlternative& a, const EnclaveAlternative& b);
[[nodiscard]] bool covers(const TdAlternative& a, const TdAlternative& b);

}  // namespace quoted::appraisal
