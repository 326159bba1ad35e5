// The EPID and launch requests, which no platform here offers (aesm-protocol 3.7).
#include "base/text.h"
#include "service/serve.h"

namespace quoted::service {
namespace {

tl::unexpected<base::Error> no_epid() {
  return base::fail(base::ErrorCode::kServiceUnavailable,
                    "EPID attestation is not offered here, only ECDSA");
}

tl::unexpected<base::Error> no_launch_service() {
  return base::fail(base::ErrorCode::kServiceUnavailable,
                    "launch tokens and white lists are not offered here");
}

}  // namespace

FrameResult serve(const aesm::InitQuoteRequest&, const PlatformSnapshot&, const RequestLimits&) {
  return no_epid();
}

FrameResult serve(const aesm::GetQuoteRequest&, const PlatformSnapshot&, const RequestLimits&) {
  return no_epid();
}

FrameResult serve(const aesm::GetLaunchTokenRequest&, const PlatformSnapshot&,
                  const RequestLimits&) {
  return no_launch_service();
}

FrameResult serve(const aesm::ReportAttestationErrorRequest&, const PlatformSnapshot&,
                  const RequestLimits&) {
  return no_epid();
}

FrameResult serve(const aesm::CheckUpdateStatusRequest&, const PlatformSnapshot&,
                  const RequestLimits&) {
  return no_epid();
}

FrameResult serve(const aesm::GetWhiteListSizeRequest&, const PlatformSnapshot&,
                  const RequestLimits&) {
  return no_launch_service();
}

FrameResult serve(const aesm::GetWhiteListRequest&, const PlatformSnapshot&, const RequestLimits&) {
  return no_launch_service();
}

FrameResult serve(const aesm::GetExtendedEpidGroupIdRequest&, const PlatformSnapshot&,
                  const RequestLimits&) {
  return no_epid();
}

FrameResult serve(const aesm::SwitchExtendedEpidGroupRequest&, const PlatformSnapshot&,
                  const RequestLimits&) {
  return no_epid();
}

FrameResult serve(const aesm::RegisterRequest& request, const PlatformSnapshot&,
                  const RequestLimits&) {
  // The one check the reference makes before it looks for the component.
  constexpr std::uint32_t kWhiteListCertificate = 0;
  if (*request.data_type != kWhiteListCertificate) {
    return base::fail(base::ErrorCode::kBadParameter,
                      base::text("data_type is ", *request.data_type, ", only 0 exists"));
  }
  return no_launch_service();
}

}  // namespace quoted::service
