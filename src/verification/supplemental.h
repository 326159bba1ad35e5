// The supplemental data of Intel's verifier: what a relying party's policy may want to know beside
// the result, in the layout that its programs expect (quote-verification 18).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "sgx/identifiers.h"
#include "verification/verdict.h"

namespace quoted::verification {

// False, true or not known of a platform.
inline constexpr std::uint32_t kFlagFalse = 0;
inline constexpr std::uint32_t kFlagTrue = 1;
inline constexpr std::uint32_t kFlagUndefined = 2;

// 536 bytes; version 3.3.
struct Supplemental {
  sgx::Le16 major_version;
  sgx::Le16 minor_version;
  std::array<std::byte, 4> padding_1{};
  sgx::Le64 earliest_issue_date;  // of all collateral; dates are seconds since 1970
  sgx::Le64 latest_issue_date;
  sgx::Le64 earliest_expiration_date;
  sgx::Le64 tcb_level_date_tag;
  sgx::Le32 pck_crl_num;
  sgx::Le32 root_ca_crl_num;
  sgx::Le32 tcb_eval_ref_num;
  base::FixedBytes<struct RootKeyIdTag, 48> root_key_id;  // SHA-384 of 04 || x || y
  sgx::Ppid pck_ppid;
  sgx::CpuSvn tcb_cpusvn;
  sgx::Le16 tcb_pce_isvsvn;
  sgx::PceId pce_id;
  sgx::Le32 tee_type;
  std::uint8_t sgx_type = 0;
  sgx::PlatformInstanceId platform_instance_id;
  std::array<std::byte, 3> padding_2{};
  sgx::Le32 dynamic_platform;
  sgx::Le32 cached_keys;
  sgx::Le32 smt_enabled;
  std::array<char, 320> sa_list{};
  std::array<std::byte, 4> padding_3{};
  sgx::Le64 qe_iden_earliest_issue_date;  // of the certificates that signed the QE identity
  sgx::Le64 qe_iden_latest_issue_date;
  sgx::Le64 qe_iden_earliest_expiration_date;
  sgx::Le64 qe_iden_tcb_level_date_tag;
  sgx::Le32 qe_iden_tcb_eval_ref_num;
  sgx::Le32 qe_iden_status;
};
static_assert(sizeof(Supplemental) == 536 && alignof(Supplemental) == 1);
static_assert(offsetof(Supplemental, earliest_issue_date) == 8);
static_assert(offsetof(Supplemental, latest_issue_date) == 16);
static_assert(offsetof(Supplemental, earliest_expiration_date) == 24);
static_assert(offsetof(Supplemental, tcb_level_date_tag) == 32);
static_assert(offsetof(Supplemental, pck_crl_num) == 40);
static_assert(offsetof(Supplemental, root_ca_crl_num) == 44);
static_assert(offsetof(Supplemental, tcb_eval_ref_num) == 48);
static_assert(offsetof(Supplemental, root_key_id) == 52);
static_assert(offsetof(Supplemental, pck_ppid) == 100);
static_assert(offsetof(Supplemental, tcb_cpusvn) == 116);
static_assert(offsetof(Supplemental, tcb_pce_isvsvn) == 132);
static_assert(offsetof(Supplemental, pce_id) == 134);
static_assert(offsetof(Supplemental, tee_type) == 136);
static_assert(offsetof(Supplemental, sgx_type) == 140);
static_assert(offsetof(Supplemental, platform_instance_id) == 141);
static_assert(offsetof(Supplemental, dynamic_platform) == 160);
static_assert(offsetof(Supplemental, cached_keys) == 164);
static_assert(offsetof(Supplemental, smt_enabled) == 168);
static_assert(offsetof(Supplemental, sa_list) == 172);
static_assert(offsetof(Supplemental, qe_iden_earliest_issue_date) == 496);
static_assert(offsetof(Supplemental, qe_iden_latest_issue_date) == 504);
static_assert(offsetof(Supplemental, qe_iden_earliest_expiration_date) == 512);
static_assert(offsetof(Supplemental, qe_iden_tcb_level_date_tag) == 520);
static_assert(offsetof(Supplemental, qe_iden_tcb_eval_ref_num) == 528);
static_assert(offsetof(Supplemental, qe_iden_status) == 532);

// Older readers know no advisories: these are there from the minor version 3 on.
enum class SupplementalVersion : std::uint16_t { k3_0 = 0, k3_3 = 3 };

// Of a verdict with collateral that is not a refusal; InvalidArgument for any other.
[[nodiscard]] base::Result<Supplemental> supplemental_of(const Verdict& verdict,
                                                         SupplementalVersion version);

}  // namespace quoted::verification
