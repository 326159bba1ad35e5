#include "conformance/response_shape.h"

#include <algorithm>
#include <array>

namespace quoted::conformance {
namespace {

constexpr FieldShape kErrorCode = {kErrorCodeField, "errorCode", FieldKind::kUint32};

constexpr auto kCodeAlone = std::to_array<FieldShape>({kErrorCode});
constexpr auto kInitQuote = std::to_array<FieldShape>(
    {kErrorCode, {2, "targetInfo", FieldKind::kBytes}, {3, "gid", FieldKind::kBytes}});
constexpr auto kGetQuote = std::to_array<FieldShape>(
    {kErrorCode, {2, "quote", FieldKind::kBytes}, {3, "qe_report", FieldKind::kBytes}});
constexpr auto kToken = std::to_array<FieldShape>({kErrorCode, {2, "token", FieldKind::kBytes}});
constexpr auto kUpdateInfo =
    std::to_array<FieldShape>({kErrorCode, {2, "platform_update_info", FieldKind::kBytes}});
constexpr auto kWhiteListSize =
    std::to_array<FieldShape>({kErrorCode, {2, "white_list_size", FieldKind::kUint32}});
constexpr auto kWhiteList =
    std::to_array<FieldShape>({kErrorCode, {2, "white_list", FieldKind::kBytes}});
constexpr auto kGroup =
    std::to_array<FieldShape>({kErrorCode, {2, "x_group_id", FieldKind::kUint32}});
constexpr auto kInitQuoteEx = std::to_array<FieldShape>({kErrorCode,
                                                         {2, "target_info", FieldKind::kBytes},
                                                         {3, "pub_key_id_size", FieldKind::kUint64},
                                                         {4, "pub_key_id", FieldKind::kBytes}});
constexpr auto kQuoteSize =
    std::to_array<FieldShape>({kErrorCode, {2, "quote_size", FieldKind::kUint32}});
constexpr auto kGetQuoteEx = std::to_array<FieldShape>(
    {kErrorCode, {2, "quote", FieldKind::kBytes}, {3, "qe_report_info", FieldKind::kBytes}});
constexpr auto kCheckUpdate =
    std::to_array<FieldShape>({kErrorCode,
                               {2, "platform_update_info", FieldKind::kBytes},
                               {3, "status", FieldKind::kUint32}});
constexpr auto kSelected =
    std::to_array<FieldShape>({kErrorCode, {2, "selected_att_key_id", FieldKind::kBytes}});
constexpr auto kKeyNum =
    std::to_array<FieldShape>({kErrorCode, {2, "att_key_id_num", FieldKind::kUint32}});
constexpr auto kKeyIds =
    std::to_array<FieldShape>({kErrorCode, {2, "att_key_ids", FieldKind::kBytes}});

constexpr auto kShapes =
    std::to_array<ResponseShape>({{1, "initQuoteRes", kInitQuote},
                                  {2, "getQuoteRes", kGetQuote},
                                  {3, "getLicTokenRes", kToken},
                                  {4, "reportErrRes", kUpdateInfo},
                                  {10, "getWhiteListSizeRes", kWhiteListSize},
                                  {11, "getWhiteListRes", kWhiteList},
                                  {12, "sgxGetExtendedEpidGroupIdRes", kGroup},
                                  {13, "sgxSwitchExtendedEpidGroupRes", kCodeAlone},
                                  {14, "sgxRegisterRes", kCodeAlone},
                                  {15, "initQuoteExRes", kInitQuoteEx},
                                  {16, "getQuoteSizeExRes", kQuoteSize},
                                  {17, "getQuoteExRes", kGetQuoteEx},
                                  {18, "checkUpdateStatusRes", kCheckUpdate},
                                  {19, "selectAttKeyIDRes", kSelected},
                                  // No client understands it; named so that it can be told.
                                  {20, "unsupportedRequestResponse", kCodeAlone},
                                  {21, "getSupportedAttKeyIDNumRes", kKeyNum},
                                  {22, "getSupportedAttKeyIDsRes", kKeyIds}});

template <class Range, class Key, class Projection>
auto find_in(const Range& range, const Key& key, Projection projection) {
  const auto found = std::ranges::find(range, key, projection);
  return found == range.end() ? nullptr : &*found;
}

}  // namespace

const FieldShape* ResponseShape::field(std::uint32_t field_number) const {
  return find_in(fields, field_number, &FieldShape::number);
}

const FieldShape* ResponseShape::field(std::string_view field_name) const {
  return find_in(fields, field_name, &FieldShape::name);
}

const ResponseShape* response_shape(std::string_view name) {
  return find_in(kShapes, name, &ResponseShape::name);
}

const ResponseShape* response_shape(std::uint32_t number) {
  return find_in(kShapes, number, &ResponseShape::number);
}

}  // namespace quoted::conformance
