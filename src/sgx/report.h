// REPORT, its body, and TARGETINFO, laid out exactly as the processor does (sgx-cpu-model 1.7,
// 1.8; quote-generation 2.1, 2.2). Plain values: every byte pattern of the right size is one.
#pragma once

#include <array>
#include <cstddef>

#include "base/byte_reader.h"
#include "sgx/identifiers.h"

namespace quoted::sgx {

template <std::size_t Size>
using Reserved = std::array<std::byte, Size>;

// 384 bytes: what the MAC covers, and what a quote embeds.
struct ReportBody {
  CpuSvn cpu_svn;
  Le32 misc_select;
  std::byte cet_attributes{};
  Reserved<11> reserved1{};
  IsvExtProdId isv_ext_prod_id;
  Attributes attributes;
  MrEnclave mr_enclave;
  Reserved<32> reserved2{};
  MrSigner mr_signer;
  Reserved<32> reserved3{};
  ConfigId config_id;
  Le16 isv_prod_id;
  Le16 isv_svn;
  Le16 config_svn;
  Reserved<42> reserved4{};
  IsvFamilyId isv_family_id;
  ReportData report_data;

  // True when every reserved byte is zero.
  [[nodiscard]] bool reserved_is_zero() const;

  friend bool operator==(const ReportBody&, const ReportBody&) = default;
};
static_assert(sizeof(ReportBody) == 384 && alignof(ReportBody) == 1);
static_assert(offsetof(ReportBody, misc_select) == 16);
static_assert(offsetof(ReportBody, cet_attributes) == 20);
static_assert(offsetof(ReportBody, isv_ext_prod_id) == 32);
static_assert(offsetof(ReportBody, attributes) == 48);
static_assert(offsetof(ReportBody, mr_enclave) == 64);
static_assert(offsetof(ReportBody, mr_signer) == 128);
static_assert(offsetof(ReportBody, config_id) == 192);
static_assert(offsetof(ReportBody, isv_prod_id) == 256);
static_assert(offsetof(ReportBody, isv_svn) == 258);
static_assert(offsetof(ReportBody, config_svn) == 260);
static_assert(offsetof(ReportBody, isv_family_id) == 304);
static_assert(offsetof(ReportBody, report_data) == 320);

// 432 bytes. KEYID and MAC are outside the MAC.
struct Report {
  ReportBody body;
  KeyId key_id;
  Mac mac;

  friend bool operator==(const Report&, const Report&) = default;
};
static_assert(sizeof(Report) == 432 && alignof(Report) == 1);
static_assert(offsetof(Report, key_id) == 384);
static_assert(offsetof(Report, mac) == 416);

// 512 bytes: which enclave a REPORT is made for.
struct TargetInfo {
  MrEnclave mr_enclave;
  Attributes attributes;
  std::byte cet_attributes{};
  Reserved<1> reserved1{};
  Le16 config_svn;
  Le32 misc_select;
  Reserved<8> reserved2{};
  ConfigId config_id;
  Reserved<384> reserved3{};

  // The target info that reaches the enclave with this body.
  [[nodiscard]] static TargetInfo for_enclave(const ReportBody& body);

  friend bool operator==(const TargetInfo&, const TargetInfo&) = default;
};
static_assert(sizeof(TargetInfo) == 512 && alignof(TargetInfo) == 1);
static_assert(offsetof(TargetInfo, attributes) == 32);
static_assert(offsetof(TargetInfo, cet_attributes) == 48);
static_assert(offsetof(TargetInfo, config_svn) == 50);
static_assert(offsetof(TargetInfo, misc_select) == 52);
static_assert(offsetof(TargetInfo, config_id) == 64);
static_assert(offsetof(TargetInfo, reserved3) == 128);

using QuoteNonce = base::FixedBytes<struct QuoteNonceTag, 16>;

// 960 bytes: what a client sends to have the quote vouched for locally
// (sgx_ql_qe_report_info_t, aesm-protocol 6.8). `qe_report` is the output.
struct QeReportInfo {
  QuoteNonce nonce;
  TargetInfo app_enclave_target_info;
  Report qe_report;
};
static_assert(sizeof(QeReportInfo) == 960 && alignof(QeReportInfo) == 1);
static_assert(offsetof(QeReportInfo, app_enclave_target_info) == 16);
static_assert(offsetof(QeReportInfo, qe_report) == 528);

}  // namespace quoted::sgx
