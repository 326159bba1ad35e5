#include "preflight/quote_checks.h"

#include <algorithm>

#include "aesm/codec.h"
#include "aesm/refusal.h"
#include "base/hex.h"
#include "base/text.h"
#include "preflight/enclave.h"

namespace quoted::preflight {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using verification::Decision;
using verification::Verdict;

// The answer, if it is a success.
template <class Response>
Result<aesm::OwnedResponse> ask(const aesm::Client& client, const aesm::Request& request) {
  QUOTED_TRY(aesm::OwnedResponse response, client.call(request));
  const auto& typed = std::get<Response>(response.get());
  if (!typed.error_code) return fail(ErrorCode::kUnexpectedResponse, "it has no errorCode");
  if (*typed.error_code != 0) {
    return fail(aesm::refusal(aesm::kind_of(request), *typed.error_code));
  }
  return response;
}

std::string name_of_key(const sgx::AttestationKeyId& key) {
  const std::uint32_t algorithm = key.base.algorithm_id;
  return algorithm == sgx::kAlgorithmEcdsaP256 ? "quote ECDSA P-256"
                                               : text("quote algorithm ", algorithm);
}

bool is_epid(const sgx::AttestationKeyId& key) {
  return key.base.algorithm_id < sgx::kAlgorithmEcdsaP256;
}

struct Judged {
  Verdict verdict;
  std::string without_collateral;  // why
};

Judged judge(const QuoteCheckOptions& options, base::ByteView quote) {
  const verification::Verifier verifier({options.root});
  Judged out{.verdict = verifier.verify(quote, options.now), .without_collateral = {}};
  if (!out.verdict.pck || out.verdict.decision == Decision::kRefused) return out;
  if (!options.find_collateral) {
    out.without_collateral = "no collateral is known here";
    return out;
  }
  const auto found = options.find_collateral(*out.verdict.pck);
  if (!found) {
    out.without_collateral = found.error().summary();
    return out;
  }
  out.verdict = verifier.verify(quote, *found, options.now, verification::VerifyOptions());
  return out;
}

std::string words_of(const Judged& judged) {
  const Verdict& verdict = judged.verdict;
  if (!verdict.collateral) {
    return text("verified; TCB status not known: ", judged.without_collateral);
  }
  std::string out = text("verified, TCB status ", verdict.collateral->tcb_status);
  for (const std::string& warning : verdict.warnings) out += text("; ", warning);
  return out;
}

Check verdict_check(std::string name, const Judged& judged) {
  const Verdict& verdict = judged.verdict;
  if (verdict.decision == Decision::kRefused) {
    return failed(std::move(name), ErrorCode::kPreflightFailed,
                  verdict.refusal ? verdict.refusal->summary() : "the quote is refused");
  }
  Check out = passed(std::move(name), words_of(judged));
  if (verdict.decision == Decision::kVerifiedWithWarnings && verdict.collateral) {
    out.outcome = Outcome::kWarned;
  }
  return out;
}

}  // namespace

Result<base::Bytes> ask_for_quote(const std::filesystem::path& socket,
                                  const conformance::ReportMaker& make_report,
                                  const sgx::AttestationKeyId& key) {
  const aesm::Client client(socket);
  const base::ByteView key_id = base::struct_bytes(key);
  QUOTED_TRY(const auto initialized,
             ask<aesm::InitQuoteExResponse>(
                 client, aesm::InitQuoteExRequest{.att_key_id = key_id,
                                                  .b_pub_key_id = true,
                                                  .buf_size = sgx::PubKeyId::kSize,
                                                  .timeout = std::nullopt}));
  QUOTED_TRY(const auto target, base::parse_struct<sgx::TargetInfo>(
                                    std::get<aesm::InitQuoteExResponse>(initialized.get())
                                        .target_info.value_or(base::ByteView()),
                                    "target_info"));
  QUOTED_TRY(const auto sized, ask<aesm::GetQuoteSizeExResponse>(
                                   client, aesm::GetQuoteSizeExRequest{.att_key_id = key_id,
                                                                       .timeout = std::nullopt}));
  const std::uint32_t size =
      std::get<aesm::GetQuoteSizeExResponse>(sized.get()).quote_size.value_or(0);
  QUOTED_TRY(const sgx::Report report, make_report(target));
  QUOTED_TRY(const auto quoted,
             ask<aesm::GetQuoteExResponse>(
                 client, aesm::GetQuoteExRequest{.report = base::struct_bytes(report),
                                                 .att_key_id = key_id,
                                                 .qe_report_info = std::nullopt,
                                                 .buf_size = size,
                                                 .timeout = std::nullopt}));
  return base::to_bytes(
      std::get<aesm::GetQuoteExResponse>(quoted.get()).quote.value_or(base::ByteView()));
}

QuoteChecks check_quotes(const QuoteCheckOptions& options) {
  QuoteChecks out;
  auto keys = aesm::Client(options.socket).supported_key_ids();
  if (!keys || keys->empty()) {
    out.checks.push_back(failed("quote", ErrorCode::kPreflightFailed,
                                keys ? "it offers no attestation key" : keys.error().summary()));
    return out;
  }
  if (keys->size() > kMaxKeys) {
    out.checks.push_back(
        failed("quote", ErrorCode::kPreflightFailed,
               text("it offers ", keys->size(), " attestation keys, at most ", kMaxKeys)));
    keys->resize(kMaxKeys);
  }
  for (const sgx::AttestationKeyId& key : *keys) {
    const std::string name = name_of_key(key);
    if (is_epid(key)) {
      out.checks.push_back(not_run(name, "it is a key of EPID, whose quotes are others"));
      continue;
    }
    if (!options.make_report) {
      out.checks.push_back(not_run(name, "there is no enclave for a REPORT"));
      continue;
    }
    const auto quote = ask_for_quote(options.socket, options.make_report, key);
    if (!quote) {
      out.checks.push_back(failed(name, ErrorCode::kPreflightFailed, quote.error().summary()));
      continue;
    }
    const Judged judged = judge(options, *quote);
    out.checks.push_back(verdict_check(name, judged));
    if (!out.level && judged.verdict.quote) {
      if (const auto level = level_of(*judged.verdict.quote)) out.level = *level;
    }
  }
  return out;
}

bool offers_epid(const std::filesystem::path& socket) {
  const auto keys = aesm::Client(socket).supported_key_ids();
  return keys && std::ranges::any_of(*keys, is_epid);
}

std::function<std::string(base::ByteView quote)> quote_witness(
    const verification::TrustedRoot& root, base::UnixTime now) {
  return [verifier = std::make_shared<const verification::Verifier>(
              std::vector<verification::TrustedRoot>{root}),
          now](base::ByteView quote) -> std::string {
    const Verdict verdict = verifier->verify(quote, now);
    if (verdict.decision != Decision::kRefused) return "";
    return verdict.refusal ? verdict.refusal->summary() : "it is refused";
  };
}

Result<ServiceQuote> quote_of_service(const std::filesystem::path& socket,
                                      const verification::TrustedRoot& root, base::UnixTime now) {
  QUOTED_TRY(const Enclave enclave, enclave_beside(socket));
  QUOTED_TRY(const base::Bytes bytes,
             ask_for_quote(socket, enclave.make_report, sgx::ecdsa_p256_key_id()));
  QUOTED_TRY(const quote::Quote quote, quote::Quote::parse(bytes));
  QUOTED_TRY(const NodeLevel level, level_of(quote));
  const std::string name(kSameRoot);
  const Verdict verdict = verification::Verifier({root}).verify(bytes, now);
  if (verdict.decision != Decision::kRefused) {
    return ServiceQuote{.level = level, .same_root = passed(name, root.name)};
  }
  return ServiceQuote{
      .level = level,
      .same_root = failed(name, ErrorCode::kPreflightFailed,
                          text("the service that runs has another one: ",
                               verdict.refusal ? verdict.refusal->summary() : "refused"))};
}

}  // namespace quoted::preflight
