// A quote for every attestation key that a daemon offers, made and verified as a relying party
// would.
#pragma once

#include <filesystem>
#include <functional>

#include "aesm/client.h"
#include "conformance/player.h"
#include "preflight/levels.h"
#include "verification/verifier.h"

namespace quoted::preflight {

// What collateral says of the platform of a certificate; an error says why there is none.
using CollateralFinder = std::function<base::Result<verification::PreparedCollateral>(
    const collateral::PckCertificate& pck)>;

struct QuoteCheckOptions {
  std::filesystem::path socket;
  conformance::ReportMaker make_report;  // empty: no quote can be asked for
  verification::TrustedRoot root;
  CollateralFinder find_collateral;  // may be empty
  base::UnixTime now;
};

struct QuoteChecks {
  std::vector<Check> checks;
  std::optional<NodeLevel> level;  // of the first quote
};

// So many keys at most are asked for quotes, each for one.
inline constexpr std::size_t kMaxKeys = 16;

[[nodiscard]] QuoteChecks check_quotes(const QuoteCheckOptions& options);

// A quote that the daemon makes with the key, without padding.
[[nodiscard]] base::Result<base::Bytes> ask_for_quote(const std::filesystem::path& socket,
                                                      const conformance::ReportMaker& make_report,
                                                      const sgx::AttestationKeyId& key);

// Whether the daemon has keys of EPID, of algorithms 0 and 1: it answers requests for them then.
[[nodiscard]] bool offers_epid(const std::filesystem::path& socket);

// What is wrong with a quote to somebody who knows this root and no collateral.
[[nodiscard]] std::function<std::string(base::ByteView quote)> quote_witness(
    const verification::TrustedRoot& root, base::UnixTime now);

inline constexpr std::string_view kSameRoot = "same root of trust";

// What the service is that runs there, by a quote that it makes.
struct ServiceQuote {
  NodeLevel level;
  Check same_root;  // whether its quotes chain to `root`: relying parties know no other
};
// The error says why it made none.
[[nodiscard]] base::Result<ServiceQuote> quote_of_service(const std::filesystem::path& socket,
                                                          const verification::TrustedRoot& root,
                                                          base::UnixTime now);

}  // namespace quoted::preflight
