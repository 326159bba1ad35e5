// What a verifier says of a quote.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "collateral/pck_certificate.h"
#include "collateral/qvl_status.h"
#include "collateral/tcb_status.h"
#include "quote/quote.h"
#include "verification/result_codes.h"

namespace quoted::verification {

enum class CheckOutcome : std::uint8_t { kPassed, kWarned, kFailed, kNotReached };

struct Check {
  std::string_view name;  // stable; docs/verification.md lists them
  CheckOutcome outcome;
  collateral::QvlStatus status = collateral::QvlStatus::kOk;  // of a check with collateral
  std::string detail;                                         // what was observed and expected
};

// Immutable and shared by copies: verdicts have a hundred checks each, and verdicts on the quotes
// of one platform the same.
class CheckList {
 public:
  CheckList() : checks_(none()) {}
  explicit CheckList(std::vector<Check> checks)
      : checks_(std::make_shared<const std::vector<Check>>(std::move(checks))) {}

  [[nodiscard]] auto begin() const { return checks_->begin(); }
  [[nodiscard]] auto end() const { return checks_->end(); }
  [[nodiscard]] std::size_t size() const { return checks_->size(); }
  [[nodiscard]] const Check& operator[](std::size_t index) const { return (*checks_)[index]; }
  [[nodiscard]] const Check& back() const { return checks_->back(); }

 private:
  [[nodiscard]] static const std::shared_ptr<const std::vector<Check>>& none() {
    static const auto out = std::make_shared<const std::vector<Check>>();
    return out;
  }
  std::shared_ptr<const std::vector<Check>> checks_;  // never null
};

enum class Decision : std::uint8_t { kVerified, kVerifiedWithWarnings, kRefused };

// What no verdict without collateral covers, for people.
inline constexpr std::string_view kNotConsulted =
    "TCB level, revocation and QE identity were not checked: no collateral was consulted";

// Whose rules decide.
enum class Mode : std::uint8_t {
  kStrict,  // refuses, besides, what Intel's verifier wrongly lets pass
  kIntel,   // exactly what Intel's verifier says
};

// A rule by which the strict verifier refuses what Intel's accepts, met by this quote.
struct Difference {
  std::string_view rule;  // stable; docs/verification.md lists them
  base::Error error;
  QvReturn strict_return;
};

// Statuses of Intel's four library calls; absent when the verifier did not come that far.
struct StepStatuses {
  std::optional<collateral::QvlStatus> pck;
  std::optional<collateral::QvlStatus> tcb_info;
  std::optional<collateral::QvlStatus> qe_identity;
  std::optional<collateral::QvlStatus> quote;
};

// What Intel's supplemental data say beside the verdict (quote-verification 18).
struct SupplementalFacts {
  crypto::P256Point root_key;
  std::uint32_t pck_crl_number = 0;
  std::uint32_t root_ca_crl_number = 0;
  std::uint32_t qe_evaluation_number = 0;
  base::UnixTime qe_tcb_date;
  // Of the certificates that signed the QE identity.
  base::UnixTime qe_chain_earliest_issue;
  base::UnixTime qe_chain_latest_issue;
  base::UnixTime qe_chain_earliest_expiration;
};

// What collateral says of the quote's platform.
struct CollateralVerdict {
  Mode mode = Mode::kStrict;
  QvReturn qv_return = QvReturn::kUnexpected;
  QvResult qv_result = QvResult::kUnspecified;
  std::uint32_t expiration_status = 1;  // 1 until proved otherwise, as in Intel's verifier
  StepStatuses steps;
  // What platform and QE are worth together: "UpToDate", "OutOfDate"; empty when unknown.
  std::string_view tcb_status;
  std::optional<base::UnixTime> tcb_date;
  std::optional<collateral::TcbStatus> qe_tcb_status;
  std::optional<std::uint32_t> evaluation_number;  // the lower of TCB info's and QE identity's
  std::optional<std::uint32_t> newest_evaluation_number;  // the higher of the two
  std::vector<std::string> advisories;
  // Of TCB info, QE identity and PCK CRL, which are issued anew within weeks; the root CA CRL and
  // the certificates, which earliest_issue counts too, are as old as they are.
  std::optional<base::UnixTime> documents_issued;
  std::optional<base::UnixTime> earliest_issue;
  std::optional<base::UnixTime> latest_issue;
  std::optional<base::UnixTime> earliest_expiration;
  std::string earliest_expiring;  // which part that is
  std::vector<Difference> differences;
  std::optional<SupplementalFacts> supplemental;  // set unless Intel's call fails
};

struct Verdict {
  Decision decision = Decision::kRefused;
  std::optional<base::UnixTime> judged_at;  // the time for which the verdict holds
  CheckList checks;                         // all of them, in the order they are made
  std::optional<base::Error> refusal;       // set when refused: the first failed check's
  std::vector<std::string> warnings;        // set when verified with warnings
  bool simulated = false;                   // certificates carry the simulation's marker
  std::optional<quote::Quote> quote;        // present once the structure holds
  std::optional<collateral::PckCertificate> pck;
  std::string root_name;                        // of the trusted root reached, else empty
  std::optional<CollateralVerdict> collateral;  // present when there was collateral
  std::string_view limits = kNotConsulted;      // empty when there was collateral
};

}  // namespace quoted::verification
