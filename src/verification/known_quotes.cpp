#include "verification/known_quotes.h"

#include "base/byte_reader.h"

namespace quoted::verification {
namespace {

class KeyWriter {
 public:
  explicit KeyWriter(std::size_t size) { out_.reserve(size); }
  // Of a size that the fields before it determine.
  void fixed(base::ByteView bytes) { out_ += base::as_text(bytes); }
  void number(std::uint64_t value) { fixed(base::struct_bytes(base::Le64(value))); }
  void variable(base::ByteView bytes) {
    number(bytes.size());
    fixed(bytes);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// What rules ask of a TD report: which module it ran under, and whether it can be watched. See
// quote-verification 12 and the rules strict.debug and strict.td_attributes.
void add_body(KeyWriter& key, const quote::Quote& quote) {
  key.number(quote.body.index());
  key.number(quote.is_debug() ? 1 : 0);
  const quote::TdReport* const report = quote.td_report();
  if (report == nullptr) return;
  key.fixed(report->tee_tcb_svn.view());
  key.fixed(report->mr_signer_seam.view());
  key.fixed(report->seam_attributes.view());
  key.fixed(report->td_attributes.view());
  if (const auto* const extended = std::get_if<quote::TdReport15>(&quote.body)) {
    key.fixed(extended->tee_tcb_svn2.view());
  }
}

}  // namespace

QuoteKey QuoteKey::of(const quote::Quote& quote, const PreparedCollateral& collateral,
                      const VerifyOptions& options) {
  constexpr std::size_t kRoomForFixedParts = 1024;
  KeyWriter key(kRoomForFixedParts + quote.authentication_data.size() +
                quote.certification_data.size());
  key.number(static_cast<std::uint64_t>(options.mode));
  key.number(options.allow_debug ? 1 : 0);
  key.number(options.advisory_list ? 1 : 0);
  key.fixed(collateral.identity().view());
  key.fixed(base::struct_bytes(quote.header));
  add_body(key, quote);
  key.fixed(quote.signature.attestation_key.view());
  key.fixed(base::struct_bytes(quote.signature.qe_report));
  key.fixed(quote.signature.qe_report_signature.view());
  key.variable(quote.authentication_data);
  key.number(quote.certification_type);
  key.variable(quote.certification_data);
  key.number(quote.slack_bytes);
  key.number(quote.trailing_bytes);
  QuoteKey out;
  out.bytes_ = key.take();
  return out;
}

std::optional<Verdict> KnownQuotes::answer(const QuoteKey& key, const quote::Quote& quote,
                                           base::UnixTime at) const {
  const auto known = quotes_.find(key.bytes(), at);
  // Over what was parsed, not over the caller's bytes, which another process may share and change.
  if (!known || !known->attestation_key.verify(quote.signed_bytes(),
                                               quote.signature.quote_signature)) {
    return std::nullopt;
  }
  Verdict out = known->verdict;
  out.judged_at = at;
  return out;
}

void KnownQuotes::remember(QuoteKey key, std::string_view group, const Verdict& verdict,
                           const crypto::P256PublicKey& attestation_key, base::UnixTime at) {
  using std::chrono::seconds;
  const CollateralVerdict& found = *verdict.collateral;
  const quote::Quote& quote = *verdict.quote;
  if (quote.slack_bytes != 0 || quote.trailing_bytes != 0 || !found.latest_issue ||
      !found.earliest_expiration) {
    return;
  }
  // A second before the first expiration, because Intel's verifier counts that second itself as
  // expired and the strict one does not. Within, no comparison of a date comes out otherwise.
  const TimeRange holds{std::max(*found.latest_issue, base::UnixTime(seconds(1))),
                        *found.earliest_expiration - seconds(1)};
  if (!holds.contains(at)) return;
  auto known = std::make_shared<Known>(Known{verdict, attestation_key});
  known->verdict.quote.reset();
  quotes_.insert(std::move(key).bytes(), group, holds, std::move(known));
}

}  // namespace quoted::verification
