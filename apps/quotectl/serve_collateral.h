// The collateral of a verification service: one set of documents for each kind of platform that it
// expects quotes of, and the choice among them. A snapshot: a reload makes a new one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "quote/quote.h"
#include "verification/prepared_collateral.h"

namespace quoted::quotectl {

// What decides which collateral speaks for a quote.
struct PlatformKind {
  collateral::Tee tee = collateral::Tee::kSgx;
  sgx::Fmspc fmspc;
  sgx::PceId pce_id;
  std::string pck_ca;  // common name of the CA that issued the PCK certificate

  friend bool operator==(const PlatformKind&, const PlatformKind&) = default;
};

// "SGX, FMSPC 00606a000000, PCE id 0000, Intel SGX PCK Platform CA"
[[nodiscard]] std::string to_text(const PlatformKind& kind);

// What the quote claims; nothing is verified. QuoteMalformed, QuoteUnsupported,
// CertificationDataUnsupported or ChainInvalid when it does not say.
[[nodiscard]] base::Result<PlatformKind> platform_kind_of(base::ByteView quote);

struct CollateralEntry {
  std::string source;  // the directory or bundle
  verification::PreparedCollateral prepared;
  PlatformKind kind;
  base::UnixTime issued;   // the TCB info
  base::UnixTime expires;  // the first part that does
  std::string expires_first;

  [[nodiscard]] bool expired(base::UnixTime at) const { return expires <= at; }
};

class CollateralSet {
 public:
  // Every path is a directory or bundle. CollateralUnreadable, besides the errors of
  // read_collateral, when a part does not parse: a quote must not be the first to find that.
  [[nodiscard]] static base::Result<CollateralSet> load(std::span<const std::string> paths);

  [[nodiscard]] const std::vector<CollateralEntry>& entries() const { return entries_; }

  // The entry of the quote's platform, the newest if there are several; the only one, if there is
  // but one, so that its verdict is that of `quotectl verify --collateral`. CollateralMissing says
  // what the quote would need and what there is.
  [[nodiscard]] base::Result<const CollateralEntry*> choose(base::ByteView quote) const;

 private:
  std::vector<CollateralEntry> entries_;
};

}  // namespace quoted::quotectl
