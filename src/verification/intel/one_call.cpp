#include "verification/intel/one_call.h"

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "base/text.h"
#include "quote/certification_data.h"
#include "verification/intel/chain_rules.h"
#include "verification/intel/supplemental_facts.h"
#include "verification/intel/validity.h"

namespace quoted::verification::intel {
namespace {

using base::ErrorCode;
using base::text;

constexpr std::size_t kChainLength = 3;
constexpr std::size_t kTeeTypeOffset = 4;

// A rule before the steps, and what the call returns when it is not met.
struct InputRule {
  Rule<OneCall> rule;
  QvReturn on_flaw;
  ErrorCode error;
};

Finding time_given(OneCall& call) {
  if (call.at.time_since_epoch().count() <= 0) {
    return flaw(QvlStatus::kMissingParameters, "the time of verification is not after 1970");
  }
  return std::string();
}

Finding quote_large_enough(OneCall& call) {
  if (call.bytes.size() < quote::kMinQuoteSize) {
    return flaw(QvlStatus::kUnsupportedQuoteFormat,
                text("the quote has ", call.bytes.size(), " bytes, the smallest has ",
                     quote::kMinQuoteSize));
  }
  return std::string();
}

Finding tee_known(OneCall& call) {
  base::ByteReader reader(call.bytes.subspan(kTeeTypeOffset));
  const std::uint32_t tee = reader.take_le<std::uint32_t>("TEE type").value();
  if (tee != quote::kTeeTypeSgx && tee != quote::kTeeTypeTdx) {
    return flaw(QvlStatus::kUnsupportedQuoteFormat,
                text("the TEE type at offset ", kTeeTypeOffset, " is ", base::hex_number(tee, 2),
                     ", expected 0x00 (SGX) or 0x81 (TDX)"));
  }
  return std::string(tee == quote::kTeeTypeSgx ? "SGX" : "TDX");
}

// Intel's verifier ends with success and no result when a CRL is empty; that is not imitated.
Finding collateral_complete(OneCall& call) {
  if (!call.collateral.unusable.empty()) {
    return flaw(QvlStatus::kMissingParameters,
                text("'", call.collateral.unusable.front(), "' is missing, empty or cut by a NUL"));
  }
  return std::string();
}

Finding quote_parses(OneCall& call) {
  if (!call.quote) return tl::unexpected(call.quote.error());
  return text("version ", std::uint16_t{call.quote->header.version});
}

Finding chain_carried(OneCall& call) {
  constexpr auto kExpected = static_cast<std::uint16_t>(quote::CertificationType::kPckChain);
  const std::uint16_t type = call.quote->certification_type;
  if (type != kExpected) {
    return flaw(
        QvlStatus::kUnsupportedQuoteFormat,
        text("certification data of type ", type, " (", quote::certification_type_name(type),
             "), expected type ", kExpected, " (", quote::certification_type_name(kExpected), ")"));
  }
  return std::string(quote::certification_type_name(kExpected));
}

Finding certification_data_filled(OneCall& call) {
  if (call.quote->certification_data.empty()) {
    return flaw(QvlStatus::kUnsupportedQuoteFormat, "the certification data are empty");
  }
  return std::string();
}

Finding tcb_info_parses(OneCall& call) {
  if (!call.collateral.tcb_info) return tl::unexpected(call.collateral.tcb_info.error());
  return std::string();
}

Finding chain_parses(OneCall& call) {
  if (!call.chain) return tl::unexpected(call.chain.error());
  if (call.chain->size() != kChainLength) {
    return flaw(QvlStatus::kUnsupportedCertFormat,
                text("the quote's chain has ", call.chain->size(), " certificates, expected ",
                     kChainLength));
  }
  return std::string();
}

Finding root_found(OneCall& call) {
  call.root = call.chain->root();
  if (call.root == nullptr) {
    return flaw(QvlStatus::kRootCaMissing, "the quote's chain has no self-issued certificate");
  }
  return label(*call.root);
}

Finding root_trusted(OneCall& call) {
  call.trusted_root = find_root(call.roots, *call.root);
  if (call.trusted_root == nullptr) {
    return flaw(
        QvlStatus::kPckCertChainUntrusted,
        text("the chain ends in ", label(*call.root),
             call.root->has_p256_key() ? text(" with key ", call.root->public_key().point().hex())
                                       : std::string(" without a P-256 key"),
             ", which is none of the ", call.roots.size(), " trusted root keys"));
  }
  return text("trusted root '", call.trusted_root->name, "'");
}

template <class T>
Finding parsed(const Judged<T>& part) {
  if (!part) return tl::unexpected(part.error());
  return std::string();
}

Finding qe_chain_parses(OneCall& call) { return parsed(call.collateral.qe_identity_issuer_chain); }
Finding tcb_chain_parses(OneCall& call) { return parsed(call.collateral.tcb_info_issuer_chain); }
Finding qe_identity_parses(OneCall& call) { return parsed(call.collateral.qe_identity); }
Finding root_crl_parses(OneCall& call) { return parsed(call.collateral.root_ca_crl); }
Finding pck_crl_parses(OneCall& call) { return parsed(call.collateral.pck_crl); }
Finding crl_chain_parses(OneCall& call) { return parsed(call.collateral.pck_crl_issuer_chain); }

constexpr std::array kInputRules{
    InputRule{{"input.time", time_given}, QvReturn::kInvalidParameter, ErrorCode::kInvalidArgument},
    InputRule{{"input.quote_size", quote_large_enough},
              QvReturn::kInvalidParameter,
              ErrorCode::kQuoteMalformed},
    InputRule{
        {"input.tee_type", tee_known}, QvReturn::kInvalidParameter, ErrorCode::kQuoteUnsupported},
    InputRule{{"input.collateral", collateral_complete},
              QvReturn::kInvalidParameter,
              ErrorCode::kCollateralMissing},
    InputRule{{"input.quote", quote_parses},
              QvReturn::kQuoteFormatUnsupported,
              ErrorCode::kQuoteMalformed},
    InputRule{{"input.certification_type", chain_carried},
              QvReturn::kCertificationDataUnsupported,
              ErrorCode::kCertificationDataUnsupported},
    InputRule{{"input.certification_data", certification_data_filled},
              QvReturn::kUnexpected,
              ErrorCode::kQuoteMalformed},
    InputRule{{"input.tcb_info", tcb_info_parses},
              QvReturn::kTcbInfoUnsupportedFormat,
              ErrorCode::kTcbInfoInvalid},
    InputRule{
        {"input.chain", chain_parses}, QvReturn::kPckCertChainError, ErrorCode::kChainInvalid},
    InputRule{{"input.root", root_found}, QvReturn::kPckCertChainError, ErrorCode::kChainInvalid},
    InputRule{{"input.trusted_root", root_trusted},
              QvReturn::kPckCertChainError,
              ErrorCode::kRootNotTrusted},
    InputRule{{"input.qe_identity_issuer_chain", qe_chain_parses},
              QvReturn::kPckCertChainError,
              ErrorCode::kIssuerChainInvalid},
    InputRule{{"input.tcb_info_issuer_chain", tcb_chain_parses},
              QvReturn::kPckCertChainError,
              ErrorCode::kIssuerChainInvalid},
    InputRule{{"input.qe_identity", qe_identity_parses},
              QvReturn::kQeIdentityUnsupportedFormat,
              ErrorCode::kQeIdentityInvalid},
    InputRule{{"input.root_ca_crl", root_crl_parses},
              QvReturn::kCrlUnsupportedFormat,
              ErrorCode::kBadCrl},
    InputRule{
        {"input.pck_crl", pck_crl_parses}, QvReturn::kCrlUnsupportedFormat, ErrorCode::kBadCrl},
    InputRule{{"input.pck_crl_issuer_chain", crl_chain_parses},
              QvReturn::kPckCertChainError,
              ErrorCode::kIssuerChainInvalid},
};

// Types 1 to 5 may stand where the chain does; all others make the quote malformed
// (quote-verification 2.6).
Judged<quote::Quote> read_quote(base::ByteView bytes, ErrorCode& error) {
  auto parsed_quote = quote::Quote::parse_leniently(bytes);
  if (!parsed_quote) {
    error = parsed_quote.error().code();
    return flaw(QvlStatus::kUnsupportedQuoteFormat, parsed_quote.error().message());
  }
  const std::uint16_t type = parsed_quote->certification_type;
  if (type < static_cast<std::uint16_t>(quote::CertificationType::kClearPpid) ||
      type > static_cast<std::uint16_t>(quote::CertificationType::kPckChain)) {
    return flaw(QvlStatus::kUnsupportedQuoteFormat,
                text("certification data of type ", type, ", expected 1 to 5"));
  }
  return *std::move(parsed_quote);
}

// The certification data, or nothing of a quote that is none.
std::shared_ptr<const QuoteChain> carried_chain(const Judged<quote::Quote>& quote,
                                                const collateral::ParsedCollateral& collateral,
                                                const KnownChains* known, bool& is_known) {
  const std::string_view pem =
      quote ? base::as_text(quote->certification_data) : std::string_view();
  if (known != nullptr) {
    auto found = known->find(pem);
    is_known = found != nullptr;
    if (is_known) return found;
  }
  return std::make_shared<const QuoteChain>(std::string(pem), collateral.certificates);
}

bool is_simulated(const collateral::CertificateChain& chain) {
  return std::ranges::any_of(chain.certificates(), collateral::is_marked_simulated);
}

// Which row of the error table explains a flaw of the quote's chain or root.
ErrorCode explain(const OneCall& call, const InputRule& rule) {
  if (rule.rule.judge == quote_parses && !call.quote) return call.quote_error;
  const bool simulated = call.chain && is_simulated(*call.chain);
  return rule.error == ErrorCode::kRootNotTrusted && simulated ? ErrorCode::kSimulatedRootNotTrusted
                                                               : rule.error;
}

// False when the call is over.
bool apply_input_rules(OneCall& call) {
  for (const InputRule& input : kInputRules) {
    if (call.refusal) {
      call.checks.push_back({input.rule.name, CheckOutcome::kNotReached, QvlStatus::kOk, {}});
      continue;
    }
    const QvlStatus status = apply<OneCall>(std::span(&input.rule, 1), call, call.checks);
    if (status == QvlStatus::kOk) continue;
    call.verdict.qv_return = input.on_flaw;
    call.refusal = base::Error(explain(call, input), call.checks.back().detail);
  }
  return !call.refusal;
}

// Statuses of certificates say the same of every chain; the step tells which one it was.
ErrorCode explain(const OneCall& call, QvlStatus status) {
  const ErrorCode code = error_code_of(status);
  const bool in_document_step = call.verdict.steps.tcb_info && !call.verdict.steps.quote;
  return code == ErrorCode::kChainInvalid && in_document_step ? ErrorCode::kIssuerChainInvalid
                                                              : code;
}

void fail_by(OneCall& call, QvlStatus status) {
  const auto found = std::ranges::find_if(call.checks, [&](const Check& check) {
    return check.outcome == CheckOutcome::kFailed && check.status == status;
  });
  call.verdict.qv_return = return_of(status);
  call.refusal = base::Error(explain(call, status),
                             found == call.checks.end() ? std::string() : found->detail);
}

// A step's status decides unless the call is over already.
void take_step(OneCall& call, std::optional<QvlStatus>& slot, QvlStatus status) {
  slot = status;
  if (is_expiration(status)) call.verdict.expiration_status = 1;
  if (is_terminal(status)) fail_by(call, status);
}

void run_steps(OneCall& call) {
  const auto& parts = call.collateral;
  StepStatuses& steps = call.verdict.steps;
  take_step(
      call, steps.pck,
      run(PckStep{call.chain, parts.root_ca_crl, parts.pck_crl, call.root, call.at}, call.checks));
  if (call.refusal) return;
  take_step(call, steps.tcb_info,
            run(TcbInfoStep{parts.tcb_info, parts.tcb_info_issuer_chain, parts.root_ca_crl,
                            call.root, call.at},
                call.checks));
  if (call.refusal) return;
  take_step(call, steps.qe_identity,
            run(QeIdentityStep{parts.qe_identity, parts.qe_identity_issuer_chain, parts.root_ca_crl,
                               call.root, call.at},
                call.checks));
  if (call.refusal) return;
  QuoteStep step{call.quote,    call.bytes,     call.pck,
                 parts.pck_crl, parts.tcb_info, parts.qe_identity};
  const QvlStatus status = run(step, call.checks);
  call.match = step.match;
  call.attestation_key = std::move(step.attestation_key);
  take_step(call, steps.quote, status);
  if (call.refusal) return;
  call.verdict.qv_return = QvReturn::kSuccess;
  call.verdict.qv_result = result_of(status);
}

// Every rule has its check, also where the call ended before.
void add_missing_checks(OneCall& call) {
  std::vector<std::string_view> names = pck_rule_names();
  for (const auto& more : {document_rule_names(), quote_rule_names()}) {
    names.insert(names.end(), more.begin(), more.end());
  }
  const std::size_t done = call.checks.size() - std::min(call.checks.size(), kInputRules.size());
  for (std::size_t i = done; i < names.size(); ++i) {
    call.checks.push_back({names[i], CheckOutcome::kNotReached, QvlStatus::kOk, {}});
  }
}

// What of the supplemental data a verdict shows (quote-verification 18).
void describe_tcb(OneCall& call) {
  if (!call.match) return;
  const auto& parts = call.collateral;
  CollateralVerdict& out = call.verdict;
  out.tcb_status = tcb_status_of(call.match->status);
  const auto [lower, higher] =
      std::minmax(parts.tcb_info->evaluation_number, parts.qe_identity->evaluation_number);
  out.evaluation_number = lower;
  out.newest_evaluation_number = higher;
  if (call.match->level != nullptr) {
    out.tcb_date = call.match->level->tcb_date;
    out.advisories = call.match->level->advisories;
  }
  if (call.match->qe_level != nullptr) out.qe_tcb_status = call.match->qe_level->status;
}

// Room for 20 advisories of 20 characters, and for 320 characters in all with the final NUL.
bool fits_supplemental(const std::vector<std::string>& advisories) {
  constexpr std::size_t kMaxCount = 20;
  constexpr std::size_t kMaxLength = 20;
  constexpr std::size_t kRoom = 320;
  std::size_t size = 0;
  for (const std::string& advisory : advisories) {
    if (advisory.size() > kMaxLength) return false;
    size += advisory.size() + 1;
  }
  return advisories.size() <= kMaxCount && size <= kRoom;
}

}  // namespace

OneCall::OneCall(base::ByteView quote_bytes, const collateral::ParsedCollateral& parts,
                 std::span<const TrustedRoot> trusted_roots, base::UnixTime time,
                 const KnownChains* known)
    : bytes(quote_bytes),
      collateral(parts),
      roots(trusted_roots),
      at(time),
      quote(read_quote(quote_bytes, quote_error)),
      carried(carried_chain(quote, parts, known, carried_known)),
      chain(carried->chain()),
      pck(carried->pck()) {}

void run(OneCall& call, bool supplemental) {
  if (apply_input_rules(call)) {
    take_validity(call.verdict, call);
    run_steps(call);
    describe_tcb(call);
    take_supplemental_facts(call.verdict, call);
  }
  add_missing_checks(call);
  if (!call.refusal && supplemental && !fits_supplemental(call.verdict.advisories)) {
    call.verdict.qv_return = QvReturn::kUnexpected;
    call.verdict.qv_result = QvResult::kUnspecified;
    call.refusal = base::Error(
        ErrorCode::kTcbInfoInvalid,
        text(call.verdict.advisories.size(), " advisories do not fit into the supplemental data"));
    call.checks.push_back({"supplemental.advisories", CheckOutcome::kFailed, QvlStatus::kOk,
                           call.refusal->message()});
  }
}

std::vector<std::string_view> input_rule_names() {
  std::vector<std::string_view> out;
  for (const InputRule& input : kInputRules) out.push_back(input.rule.name);
  return out;
}

}  // namespace quoted::verification::intel
