// The two certificates behind a document of the collateral: its issuer and a root that is trusted.
#pragma once

#include <span>
#include <string_view>

#include "crypto/certificate.h"
#include "verification/trusted_root.h"

namespace quoted::certification {

enum class IssuerRole : std::uint8_t { kTcbSigner, kPlatformCa, kProcessorCa };

struct IssuerChain {
  crypto::Certificate issuer;
  crypto::Certificate root;

  // Dates and revocation are not judged here. RootNotTrusted, SimulatedRootNotTrusted or
  // IssuerChainInvalid; `what` names the document.
  [[nodiscard]] static base::Result<IssuerChain> parse(
      std::string_view pem, IssuerRole role, std::span<const verification::TrustedRoot> roots,
      std::string_view what);
};

}  // namespace quoted::certification
