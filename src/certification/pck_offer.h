// All PCK certificates of a platform, of which the node itself chooses one: the reply to pckcerts
// (pcs-api 3.2), or files.
#pragma once

#include <string>
#include <vector>

#include "certification/documents.h"
#include "collateral/pck_certificate.h"
#include "http/client.h"

namespace quoted::certification {

struct PckOffer {
  std::vector<collateral::PckCertificate> certificates;  // at least one
  std::string issuer_chain_pem;
};

// ReplyNotUnderstood; NoPckForTcb when the service has no certificate for any TCB.
[[nodiscard]] base::Result<PckOffer> read_pck_offer(const http::ClientReply& reply);

// The errors of collateral::select_pck_certificate.
[[nodiscard]] base::Result<PckCertification> choose_pck(const PckOffer& offer,
                                                        const PckRequest& request,
                                                        const collateral::TcbInfo& tcb_info);

}  // namespace quoted::certification
