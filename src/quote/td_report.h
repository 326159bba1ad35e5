// TD reports 1.0 and 1.5 as they stand in quotes of TDX (quote-verification 2). Plain values: every
// byte pattern of the right size is one.
#pragma once

#include <cstddef>

#include "base/fixed_bytes.h"
#include "sgx/identifiers.h"

namespace quoted::quote {

using TeeTcbSvn = base::FixedBytes<struct TeeTcbSvnTag, 16>;
using TdMeasurement = base::FixedBytes<struct TdMeasurementTag, 48>;
using TdFlags = base::FixedBytes<struct TdFlagsTag, 8>;

// 584 bytes.
struct TdReport {
  TeeTcbSvn tee_tcb_svn;
  TdMeasurement mr_seam;
  TdMeasurement mr_signer_seam;
  TdFlags seam_attributes;
  TdFlags td_attributes;
  TdFlags xfam;
  TdMeasurement mr_td;
  TdMeasurement mr_config_id;
  TdMeasurement mr_owner;
  TdMeasurement mr_owner_config;
  TdMeasurement rt_mr0;
  TdMeasurement rt_mr1;
  TdMeasurement rt_mr2;
  TdMeasurement rt_mr3;
  sgx::ReportData report_data;
};
static_assert(sizeof(TdReport) == 584 && alignof(TdReport) == 1);
static_assert(offsetof(TdReport, mr_seam) == 16);
static_assert(offsetof(TdReport, mr_signer_seam) == 64);
static_assert(offsetof(TdReport, seam_attributes) == 112);
static_assert(offsetof(TdReport, td_attributes) == 120);
static_assert(offsetof(TdReport, xfam) == 128);
static_assert(offsetof(TdReport, mr_td) == 136);
static_assert(offsetof(TdReport, mr_config_id) == 184);
static_assert(offsetof(TdReport, mr_owner) == 232);
static_assert(offsetof(TdReport, mr_owner_config) == 280);
static_assert(offsetof(TdReport, rt_mr0) == 328);
static_assert(offsetof(TdReport, report_data) == 520);

// Bit 0 of TDATTRIBUTES: the TD can be debugged, so that its host reads its memory.
[[nodiscard]] inline bool is_debug(const TdReport& report) {
  return (report.td_attributes.view()[0] & std::byte{1}) != std::byte{0};
}

// 648 bytes: with what the TD would have after a relaunch.
struct TdReport15 {
  TdReport base;
  TeeTcbSvn tee_tcb_svn2;
  TdMeasurement mr_service_td;
};
static_assert(sizeof(TdReport15) == 648 && alignof(TdReport15) == 1);
static_assert(offsetof(TdReport15, tee_tcb_svn2) == 584);
static_assert(offsetof(TdReport15, mr_service_td) == 600);

}  // namespace quoted::quote
