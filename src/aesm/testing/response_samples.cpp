#include "aesm/codec.h"
#include "aesm/testing/samples.h"
#include "base/text.h"

namespace quoted::aesm::test {
namespace {

ByteView bytes(std::string_view literal) { return base::as_bytes(literal); }

std::vector<ResponseSample> make() {
  using Theirs = ::aesm::message::Response;
  std::vector<ResponseSample> samples;
  const auto add = [&](MessageKind kind, std::string_view form, const Response& ours, auto fill) {
    samples.push_back({base::text(name_of(kind), "_", form), kind, ours, {}});
    fill(samples.back().theirs);
  };
  add(MessageKind::kInitQuote, "full",
      InitQuoteResponse{.error_code = 0, .target_info = bytes("target info"), .gid = bytes("gid")},
      [](Theirs& all) {
        auto& m = *all.mutable_initquoteres();
        m.set_errorcode(0);
        m.set_targetinfo("target info");
        m.set_gid("gid");
      });
  add(MessageKind::kInitQuote, "minimal",
      InitQuoteResponse{.error_code = 1, .target_info = {}, .gid = {}}, [](Theirs& all) {
        auto& m = *all.mutable_initquoteres();
        m.set_errorcode(1);
      });
  add(MessageKind::kGetQuote, "full",
      GetQuoteResponse{
          .error_code = 0, .quote = bytes("the quote"), .qe_report = bytes("QE report")},
      [](Theirs& all) {
        auto& m = *all.mutable_getquoteres();
        m.set_errorcode(0);
        m.set_quote("the quote");
        m.set_qe_report("QE report");
      });
  add(MessageKind::kGetQuote, "minimal",
      GetQuoteResponse{.error_code = 1, .quote = {}, .qe_report = {}}, [](Theirs& all) {
        auto& m = *all.mutable_getquoteres();
        m.set_errorcode(1);
      });
  add(MessageKind::kGetLaunchToken, "full",
      GetLaunchTokenResponse{.error_code = 0, .token = bytes("the token")}, [](Theirs& all) {
        auto& m = *all.mutable_getlictokenres();
        m.set_errorcode(0);
        m.set_token("the token");
      });
  add(MessageKind::kGetLaunchToken, "minimal", GetLaunchTokenResponse{.error_code = 1, .token = {}},
      [](Theirs& all) {
        auto& m = *all.mutable_getlictokenres();
        m.set_errorcode(1);
      });
  add(MessageKind::kReportAttestationError, "full",
      ReportAttestationErrorResponse{.error_code = 0, .platform_update_info = bytes("update info")},
      [](Theirs& all) {
        auto& m = *all.mutable_reporterrres();
        m.set_errorcode(0);
        m.set_platform_update_info("update info");
      });
  add(MessageKind::kReportAttestationError, "minimal",
      ReportAttestationErrorResponse{.error_code = 1, .platform_update_info = {}}, [](Theirs& all) {
        auto& m = *all.mutable_reporterrres();
        m.set_errorcode(1);
      });
  add(MessageKind::kGetWhiteListSize, "full",
      GetWhiteListSizeResponse{.error_code = 0, .white_list_size = 0}, [](Theirs& all) {
        auto& m = *all.mutable_getwhitelistsizeres();
        m.set_errorcode(0);
        m.set_white_list_size(0);
      });
  add(MessageKind::kGetWhiteListSize, "minimal",
      GetWhiteListSizeResponse{.error_code = 1, .white_list_size = {}}, [](Theirs& all) {
        auto& m = *all.mutable_getwhitelistsizeres();
        m.set_errorcode(1);
      });
  add(MessageKind::kGetWhiteList, "full",
      GetWhiteListResponse{.error_code = 0, .white_list = bytes("white list")}, [](Theirs& all) {
        auto& m = *all.mutable_getwhitelistres();
        m.set_errorcode(0);
        m.set_white_list("white list");
      });
  add(MessageKind::kGetWhiteList, "minimal",
      GetWhiteListResponse{.error_code = 1, .white_list = {}}, [](Theirs& all) {
        auto& m = *all.mutable_getwhitelistres();
        m.set_errorcode(1);
      });
  add(MessageKind::kGetExtendedEpidGroupId, "full",
      GetExtendedEpidGroupIdResponse{.error_code = 0, .x_group_id = 5}, [](Theirs& all) {
        auto& m = *all.mutable_sgxgetextendedepidgroupidres();
        m.set_errorcode(0);
        m.set_x_group_id(5);
      });
  add(MessageKind::kGetExtendedEpidGroupId, "minimal",
      GetExtendedEpidGroupIdResponse{.error_code = 1, .x_group_id = {}}, [](Theirs& all) {
        auto& m = *all.mutable_sgxgetextendedepidgroupidres();
        m.set_errorcode(1);
      });
  add(MessageKind::kSwitchExtendedEpidGroup, "full",
      SwitchExtendedEpidGroupResponse{.error_code = 0}, [](Theirs& all) {
        auto& m = *all.mutable_sgxswitchextendedepidgroupres();
        m.set_errorcode(0);
      });
  add(MessageKind::kSwitchExtendedEpidGroup, "minimal",
      SwitchExtendedEpidGroupResponse{.error_code = 1}, [](Theirs& all) {
        auto& m = *all.mutable_sgxswitchextendedepidgroupres();
        m.set_errorcode(1);
      });
  add(MessageKind::kRegister, "full", RegisterResponse{.error_code = 0}, [](Theirs& all) {
    auto& m = *all.mutable_sgxregisterres();
    m.set_errorcode(0);
  });
  add(MessageKind::kRegister, "minimal", RegisterResponse{.error_code = 1}, [](Theirs& all) {
    auto& m = *all.mutable_sgxregisterres();
    m.set_errorcode(1);
  });
  add(MessageKind::kInitQuoteEx, "full",
      InitQuoteExResponse{.error_code = 0,
                          .target_info = bytes("target info"),
                          .pub_key_id_size = 18446744073709551615U,
                          .pub_key_id = bytes("public key id")},
      [](Theirs& all) {
        auto& m = *all.mutable_initquoteexres();
        m.set_errorcode(0);
        m.set_target_info("target info");
        m.set_pub_key_id_size(18446744073709551615U);
        m.set_pub_key_id("public key id");
      });
  add(MessageKind::kInitQuoteEx, "minimal",
      InitQuoteExResponse{
          .error_code = 1, .target_info = {}, .pub_key_id_size = {}, .pub_key_id = {}},
      [](Theirs& all) {
        auto& m = *all.mutable_initquoteexres();
        m.set_errorcode(1);
      });
  add(MessageKind::kGetQuoteSizeEx, "full",
      GetQuoteSizeExResponse{.error_code = 0, .quote_size = 4600}, [](Theirs& all) {
        auto& m = *all.mutable_getquotesizeexres();
        m.set_errorcode(0);
        m.set_quote_size(4600);
      });
  add(MessageKind::kGetQuoteSizeEx, "minimal",
      GetQuoteSizeExResponse{.error_code = 1, .quote_size = {}}, [](Theirs& all) {
        auto& m = *all.mutable_getquotesizeexres();
        m.set_errorcode(1);
      });
  add(MessageKind::kGetQuoteEx, "full",
      GetQuoteExResponse{.error_code = 0,
                         .quote = bytes("the quote"),
                         .qe_report_info = bytes("nonce, target, report")},
      [](Theirs& all) {
        auto& m = *all.mutable_getquoteexres();
        m.set_errorcode(0);
        m.set_quote("the quote");
        m.set_qe_report_info("nonce, target, report");
      });
  add(MessageKind::kGetQuoteEx, "minimal",
      GetQuoteExResponse{.error_code = 1, .quote = {}, .qe_report_info = {}}, [](Theirs& all) {
        auto& m = *all.mutable_getquoteexres();
        m.set_errorcode(1);
      });
  add(MessageKind::kCheckUpdateStatus, "full",
      CheckUpdateStatusResponse{
          .error_code = 0, .platform_update_info = bytes("update info"), .status = 4294967295},
      [](Theirs& all) {
        auto& m = *all.mutable_checkupdatestatusres();
        m.set_errorcode(0);
        m.set_platform_update_info("update info");
        m.set_status(4294967295);
      });
  add(MessageKind::kCheckUpdateStatus, "minimal",
      CheckUpdateStatusResponse{.error_code = 1, .platform_update_info = {}, .status = {}},
      [](Theirs& all) {
        auto& m = *all.mutable_checkupdatestatusres();
        m.set_errorcode(1);
      });
  add(MessageKind::kSelectAttKeyId, "full",
      SelectAttKeyIdResponse{.error_code = 0, .selected_att_key_id = bytes("key id")},
      [](Theirs& all) {
        auto& m = *all.mutable_selectattkeyidres();
        m.set_errorcode(0);
        m.set_selected_att_key_id("key id");
      });
  add(MessageKind::kSelectAttKeyId, "minimal",
      SelectAttKeyIdResponse{.error_code = 1, .selected_att_key_id = {}}, [](Theirs& all) {
        auto& m = *all.mutable_selectattkeyidres();
        m.set_errorcode(1);
      });
  add(MessageKind::kGetSupportedAttKeyIdNum, "full",
      GetSupportedAttKeyIdNumResponse{.error_code = 0, .att_key_id_num = 1}, [](Theirs& all) {
        auto& m = *all.mutable_getsupportedattkeyidnumres();
        m.set_errorcode(0);
        m.set_att_key_id_num(1);
      });
  add(MessageKind::kGetSupportedAttKeyIdNum, "minimal",
      GetSupportedAttKeyIdNumResponse{.error_code = 1, .att_key_id_num = {}}, [](Theirs& all) {
        auto& m = *all.mutable_getsupportedattkeyidnumres();
        m.set_errorcode(1);
      });
  add(MessageKind::kGetSupportedAttKeyIds, "full",
      GetSupportedAttKeyIdsResponse{.error_code = 0, .att_key_ids = bytes("key ids")},
      [](Theirs& all) {
        auto& m = *all.mutable_getsupportedattkeyidsres();
        m.set_errorcode(0);
        m.set_att_key_ids("key ids");
      });
  add(MessageKind::kGetSupportedAttKeyIds, "minimal",
      GetSupportedAttKeyIdsResponse{.error_code = 1, .att_key_ids = {}}, [](Theirs& all) {
        auto& m = *all.mutable_getsupportedattkeyidsres();
        m.set_errorcode(1);
      });
  return samples;
}

}  // namespace

const std::vector<ResponseSample>& response_samples() {
  static const std::vector<ResponseSample> samples = make();
  return samples;
}

}  // namespace quoted::aesm::test
