#include "aesm/codec.h"
#include "aesm/testing/samples.h"
#include "base/text.h"

namespace quoted::aesm::test {
namespace {

ByteView bytes(std::string_view literal) { return base::as_bytes(literal); }

std::vector<RequestSample> make() {
  using Theirs = ::aesm::message::Request;
  std::vector<RequestSample> samples;
  const auto add = [&](MessageKind kind, std::string_view form, const Request& ours, auto fill) {
    samples.push_back({base::text(name_of(kind), "_", form), kind, ours, {}});
    fill(samples.back().theirs);
  };
  add(MessageKind::kInitQuote, "full", InitQuoteRequest{.timeout = 15000}, [](Theirs& all) {
    auto& m = *all.mutable_initquotereq();
    m.set_timeout(15000);
  });
  add(MessageKind::kInitQuote, "minimal", InitQuoteRequest{.timeout = {}},
      [](Theirs& all) { all.mutable_initquotereq(); });
  add(MessageKind::kGetQuote, "full",
      GetQuoteRequest{.report = bytes("the report"),
                      .quote_type = 1,
                      .spid = bytes("the spid"),
                      .nonce = bytes("the nonce"),
                      .sig_rl = bytes("the revocation list"),
                      .buf_size = 4294967295,
                      .qe_report = true,
                      .timeout = 30000000},
      [](Theirs& all) {
        auto& m = *all.mutable_getquotereq();
        m.set_report("the report");
        m.set_quote_type(1);
        m.set_spid("the spid");
        m.set_nonce("the nonce");
        m.set_sig_rl("the revocation list");
        m.set_buf_size(4294967295);
        m.set_qe_report(true);
        m.set_timeout(30000000);
      });
  add(MessageKind::kGetQuote, "minimal",
      GetQuoteRequest{.report = bytes(""),
                      .quote_type = 0,
                      .spid = bytes(""),
                      .nonce = {},
                      .sig_rl = {},
                      .buf_size = 0,
                      .qe_report = {},
                      .timeout = {}},
      [](Theirs& all) {
        auto& m = *all.mutable_getquotereq();
        m.set_report("");
        m.set_quote_type(0);
        m.set_spid("");
        m.set_buf_size(0);
      });
  add(MessageKind::kGetLaunchToken, "full",
      GetLaunchTokenRequest{.mr_enclave = bytes("measurement"),
                            .mr_signer = bytes("modulus"),
                            .se_attributes = bytes("attributes"),
                            .timeout = 15000},
      [](Theirs& all) {
        auto& m = *all.mutable_getlictokenreq();
        m.set_mr_enclave("measurement");
        m.set_mr_signer("modulus");
        m.set_se_attributes("attributes");
        m.set_timeout(15000);
      });
  add(MessageKind::kGetLaunchToken, "minimal",
      GetLaunchTokenRequest{.mr_enclave = bytes(""),
                            .mr_signer = bytes(""),
                            .se_attributes = bytes(""),
                            .timeout = {}},
      [](Theirs& all) {
        auto& m = *all.mutable_getlictokenreq();
        m.set_mr_enclave("");
        m.set_mr_signer("");
        m.set_se_attributes("");
      });
  add(MessageKind::kReportAttestationError, "full",
      ReportAttestationErrorRequest{.platform_info = bytes("platform"),
                                    .attestation_error_code = 7,
                                    .update_info_size = 128,
                                    .timeout = 15000},
      [](Theirs& all) {
        auto& m = *all.mutable_reporterrreq();
        m.set_platform_info("platform");
        m.set_attestation_error_code(7);
        m.set_update_info_size(128);
        m.set_timeout(15000);
      });
  add(MessageKind::kReportAttestationError, "minimal",
      ReportAttestationErrorRequest{.platform_info = bytes(""),
                                    .attestation_error_code = 0,
                                    .update_info_size = 0,
                                    .timeout = {}},
      [](Theirs& all) {
        auto& m = *all.mutable_reporterrreq();
        m.set_platform_info("");
        m.set_attestation_error_code(0);
        m.set_update_info_size(0);
      });
  add(MessageKind::kGetWhiteListSize, "full", GetWhiteListSizeRequest{.timeout = 15000},
      [](Theirs& all) {
        auto& m = *all.mutable_getwhitelistsizereq();
        m.set_timeout(15000);
      });
  add(MessageKind::kGetWhiteListSize, "minimal", GetWhiteListSizeRequest{.timeout = {}},
      [](Theirs& all) { all.mutable_getwhitelistsizereq(); });
  add(MessageKind::kGetWhiteList, "full",
      GetWhiteListRequest{.white_list_size = 300, .timeout = 15000}, [](Theirs& all) {
        auto& m = *all.mutable_getwhitelistreq();
        m.set_white_list_size(300);
        m.set_timeout(15000);
      });
  add(MessageKind::kGetWhiteList, "minimal",
      GetWhiteListRequest{.white_list_size = {}, .timeout = {}},
      [](Theirs& all) { all.mutable_getwhitelistreq(); });
  add(MessageKind::kGetExtendedEpidGroupId, "full", GetExtendedEpidGroupIdRequest{.timeout = 15000},
      [](Theirs& all) {
        auto& m = *all.mutable_sgxgetextendedepidgroupidreq();
        m.set_timeout(15000);
      });
  add(MessageKind::kGetExtendedEpidGroupId, "minimal", GetExtendedEpidGroupIdRequest{.timeout = {}},
      [](Theirs& all) { all.mutable_sgxgetextendedepidgroupidreq(); });
  add(MessageKind::kSwitchExtendedEpidGroup, "full",
      SwitchExtendedEpidGroupRequest{.x_group_id = 9, .timeout = 15000}, [](Theirs& all) {
        auto& m = *all.mutable_sgxswitchextendedepidgroupreq();
        m.set_x_group_id(9);
        m.set_timeout(15000);
      });
  add(MessageKind::kSwitchExtendedEpidGroup, "minimal",
      SwitchExtendedEpidGroupRequest{.x_group_id = {}, .timeout = {}},
      [](Theirs& all) { all.mutable_sgxswitchextendedepidgroupreq(); });
  add(MessageKind::kRegister, "full",
      RegisterRequest{.buf = bytes("white list certificate"), .data_type = 2, .timeout = 15000},
      [](Theirs& all) {
        auto& m = *all.mutable_sgxregisterreq();
        m.set_buf("white list certificate");
        m.set_data_type(2);
        m.set_timeout(15000);
      });
  add(MessageKind::kRegister, "minimal",
      RegisterRequest{.buf = bytes(""), .data_type = 0, .timeout = {}}, [](Theirs& all) {
        auto& m = *all.mutable_sgxregisterreq();
        m.set_buf("");
        m.set_data_type(0);
      });
  add(MessageKind::kInitQuoteEx, "full",
      InitQuoteExRequest{.att_key_id = bytes("key id"),
                         .b_pub_key_id = true,
                         .buf_size = 18446744073709551615U,
                         .timeout = 15000},
      [](Theirs& all) {
        auto& m = *all.mutable_initquoteexreq();
        m.set_att_key_id("key id");
        m.set_b_pub_key_id(true);
        m.set_buf_size(18446744073709551615U);
        m.set_timeout(15000);
      });
  add(MessageKind::kInitQuoteEx, "minimal",
      InitQuoteExRequest{.att_key_id = {}, .b_pub_key_id = false, .buf_size = {}, .timeout = {}},
      [](Theirs& all) {
        auto& m = *all.mutable_initquoteexreq();
        m.set_b_pub_key_id(false);
      });
  add(MessageKind::kGetQuoteSizeEx, "full",
      GetQuoteSizeExRequest{.att_key_id = bytes("key id"), .timeout = 15000}, [](Theirs& all) {
        auto& m = *all.mutable_getquotesizeexreq();
        m.set_att_key_id("key id");
        m.set_timeout(15000);
      });
  add(MessageKind::kGetQuoteSizeEx, "minimal",
      GetQuoteSizeExRequest{.att_key_id = {}, .timeout = {}},
      [](Theirs& all) { all.mutable_getquotesizeexreq(); });
  add(MessageKind::kGetQuoteEx, "full",
      GetQuoteExRequest{.report = bytes("the report"),
                        .att_key_id = bytes("key id"),
                        .qe_report_info = bytes("nonce and target"),
                        .buf_size = 8192,
                        .timeout = 15000},
      [](Theirs& all) {
        auto& m = *all.mutable_getquoteexreq();
        m.set_report("the report");
        m.set_att_key_id("key id");
        m.set_qe_report_info("nonce and target");
        m.set_buf_size(8192);
        m.set_timeout(15000);
      });
  add(MessageKind::kGetQuoteEx, "minimal",
      GetQuoteExRequest{.report = bytes(""),
                        .att_key_id = {},
                        .qe_report_info = {},
                        .buf_size = 0,
                        .timeout = {}},
      [](Theirs& all) {
        auto& m = *all.mutable_getquoteexreq();
        m.set_report("");
        m.set_buf_size(0);
      });
  add(MessageKind::kCheckUpdateStatus, "full",
      CheckUpdateStatusRequest{.platform_info = bytes("platform"),
                               .update_info_size = 128,
                               .config = 3,
                               .timeout = 15000},
      [](Theirs& all) {
        auto& m = *all.mutable_checkupdatestatusreq();
        m.set_platform_info("platform");
        m.set_update_info_size(128);
        m.set_config(3);
        m.set_timeout(15000);
      });
  add(MessageKind::kCheckUpdateStatus, "minimal",
      CheckUpdateStatusRequest{
          .platform_info = {}, .update_info_size = 0, .config = 0, .timeout = {}},
      [](Theirs& all) {
        auto& m = *all.mutable_checkupdatestatusreq();
        m.set_update_info_size(0);
        m.set_config(0);
      });
  add(MessageKind::kSelectAttKeyId, "full",
      SelectAttKeyIdRequest{.att_key_id_list = bytes("list of ids"), .timeout = 15000},
      [](Theirs& all) {
        auto& m = *all.mutable_selectattkeyidreq();
        m.set_att_key_id_list("list of ids");
        m.set_timeout(15000);
      });
  add(MessageKind::kSelectAttKeyId, "minimal",
      SelectAttKeyIdRequest{.att_key_id_list = {}, .timeout = {}},
      [](Theirs& all) { all.mutable_selectattkeyidreq(); });
  add(MessageKind::kGetSupportedAttKeyIdNum, "full",
      GetSupportedAttKeyIdNumRequest{.timeout = 15000}, [](Theirs& all) {
        auto& m = *all.mutable_getsupportedattkeyidnumreq();
        m.set_timeout(15000);
      });
  add(MessageKind::kGetSupportedAttKeyIdNum, "minimal",
      GetSupportedAttKeyIdNumRequest{.timeout = {}},
      [](Theirs& all) { all.mutable_getsupportedattkeyidnumreq(); });
  add(MessageKind::kGetSupportedAttKeyIds, "full",
      GetSupportedAttKeyIdsRequest{.buf_size = 256, .timeout = 15000}, [](Theirs& all) {
        auto& m = *all.mutable_getsupportedattkeyidsreq();
        m.set_buf_size(256);
        m.set_timeout(15000);
      });
  add(MessageKind::kGetSupportedAttKeyIds, "minimal",
      GetSupportedAttKeyIdsRequest{.buf_size = 0, .timeout = {}}, [](Theirs& all) {
        auto& m = *all.mutable_getsupportedattkeyidsreq();
        m.set_buf_size(0);
      });
  return samples;
}

}  // namespace

const std::vector<RequestSample>& request_samples() {
  static const std::vector<RequestSample> samples = make();
  return samples;
}

}  // namespace quoted::aesm::test
