#include "quoted/quote.h"

#include "libquoted/claims.h"
#include "libquoted/convert.h"

namespace quoted {
namespace {

using api::to_array;

EnclaveClaims claims_of(const sgx::ReportBody& body) {
  return {.mr_enclave = to_array(body.mr_enclave),
          .mr_signer = to_array(body.mr_signer),
          .isv_prod_id = body.isv_prod_id,
          .isv_svn = body.isv_svn,
          .cpu_svn = to_array(body.cpu_svn),
          .attribute_flags = body.attributes.flags,
          .xfrm = body.attributes.xfrm,
          .misc_select = body.misc_select};
}

TdClaims claims_of(const quote::TdReport& report) {
  return {.mr_td = to_array(report.mr_td),
          .mr_config_id = to_array(report.mr_config_id),
          .mr_owner = to_array(report.mr_owner),
          .mr_owner_config = to_array(report.mr_owner_config),
          .rt_mr = {to_array(report.rt_mr0), to_array(report.rt_mr1), to_array(report.rt_mr2),
                    to_array(report.rt_mr3)},
          .td_attributes = to_array(report.td_attributes),
          .xfam = to_array(report.xfam)};
}

}  // namespace

QuoteClaims api::claims_of(const quote::Quote& quote, std::size_t size) {
  QuoteClaims out{.version = quote.header.version,
                  .size = size,
                  .enclave = {},
                  .td = {},
                  .debug = quote.is_debug(),
                  .report_data = {},
                  .certification_type = quote.certification_type};
  if (const sgx::ReportBody* const enclave = quote.report_body()) {
    out.enclave = quoted::claims_of(*enclave);
    out.report_data = to_array(enclave->report_data);
  } else if (const quote::TdReport* const td = quote.td_report()) {
    out.td = quoted::claims_of(*td);
    out.report_data = to_array(td->report_data);
  }
  return out;
}

Result<QuoteClaims> read_quote(ByteView quote) {
  std::size_t behind = 0;
  const auto parsed = quote::Quote::parse(api::to_internal(quote), &behind);
  if (!parsed) return api::refuse(parsed);
  return api::claims_of(*parsed, quote.size() - behind);
}

}  // namespace quoted
