// One overload per request: its own checks after the required fields, and its work. The frame of
// a successful response, or why there is none. Called by request_handler.cpp alone.
#pragma once

#include "aesm/messages.h"
#include "base/result.h"
#include "service/request_handler.h"

namespace quoted::service {

using quoting::PlatformSnapshot;
using FrameResult = base::Result<base::Bytes>;

// key_id_requests.cpp (aesm-protocol 3.1 to 3.3)
FrameResult serve(const aesm::GetSupportedAttKeyIdNumRequest&, const PlatformSnapshot&,
                  const RequestLimits&);
FrameResult serve(const aesm::GetSupportedAttKeyIdsRequest&, const PlatformSnapshot&,
                  const RequestLimits&);
FrameResult serve(const aesm::SelectAttKeyIdRequest&, const PlatformSnapshot&,
                  const RequestLimits&);

// quote_requests.cpp (aesm-protocol 3.4 to 3.6)
FrameResult serve(const aesm::InitQuoteExRequest&, const PlatformSnapshot&, const RequestLimits&);
FrameResult serve(const aesm::GetQuoteSizeExRequest&, const PlatformSnapshot&,
                  const RequestLimits&);
base::Result<QuoteJob> serve(const aesm::GetQuoteExRequest&, const PlatformSnapshot&,
                             const RequestLimits&);

// legacy_requests.cpp (aesm-protocol 3.7)
FrameResult serve(const aesm::InitQuoteRequest&, const PlatformSnapshot&, const RequestLimits&);
FrameResult serve(const aesm::GetQuoteRequest&, const PlatformSnapshot&, const RequestLimits&);
FrameResult serve(const aesm::GetLaunchTokenRequest&, const PlatformSnapshot&,
                  const RequestLimits&);
FrameResult serve(const aesm::ReportAttestationErrorRequest&, const PlatformSnapshot&,
                  const RequestLimits&);
FrameResult serve(const aesm::CheckUpdateStatusRequest&, const PlatformSnapshot&,
                  const RequestLimits&);
FrameResult serve(const aesm::GetWhiteListSizeRequest&, const PlatformSnapshot&,
                  const RequestLimits&);
FrameResult serve(const aesm::GetWhiteListRequest&, const PlatformSnapshot&,
                  const RequestLimits&);
FrameResult serve(const aesm::GetExtendedEpidGroupIdRequest&, const PlatformSnapshot&,
                  const RequestLimits&);
FrameResult serve(const aesm::SwitchExtendedEpidGroupRequest&, const PlatformSnapshot&,
                  const RequestLimits&);
FrameResult serve(const aesm::RegisterRequest&, const PlatformSnapshot&, const RequestLimits&);

}  // namespace quoted::service
