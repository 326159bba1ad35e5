#include "conformance/judge.h"

#include <algorithm>
#include <limits>

#include "base/hex.h"
#include "base/text.h"
#include "conformance/quote_rules.h"
#include "conformance/wire_fields.h"

namespace quoted::conformance {
namespace {

using base::ByteView;
using base::text;
using Findings = std::vector<std::string>;

// What is written at once on a UNIX socket comes at once up to here, whatever the kernel's mood.
constexpr std::size_t kOnePiece = 32'000;

std::string shown(ByteView bytes) {
  constexpr std::size_t kMaxShown = 24;
  const ByteView head = bytes.first(std::min(bytes.size(), kMaxShown));
  return text(base::to_hex(head), head.size() < bytes.size() ? "..." : "", " (", bytes.size(),
              " bytes)");
}

std::string response_name(std::uint32_t number) {
  const ResponseShape* const shape = response_shape(number);
  return shape == nullptr ? text("field ", number) : std::string(shape->name);
}

class AnswerJudge {
 public:
  AnswerJudge(const Expectation& expectation, Known& known, const Witnesses& witnesses,
              Verdict& verdict)
      : expectation_(expectation),
        known_(known),
        witnesses_(witnesses),
        findings_(verdict.findings),
        advice_(verdict.advice) {}

  void run(ByteView body) {
    const auto outer = read_fields(body);
    if (!outer) return find("answer", outer.error().message());
    if (outer->size() != 1 || outer->front().type != WireField::Type::kBytes) {
      return find("answer", text("it holds ", outer->size(), " fields, expected one response"));
    }
    if (outer->front().number != expectation_.shape->number) {
      return find("response type", text(response_name(outer->front().number), ", expected ",
                                        expectation_.shape->name));
    }
    const auto inner = read_fields(outer->front().bytes);
    if (!inner) return find("answer", inner.error().message());
    fields_ = *inner;
    check_shape();
    for (const Rule& rule : expectation_.rules) check(rule);
    if (findings_.empty()) save_all();
  }

 private:
  void find(std::string_view about, std::string what) {
    if (findings_.size() < kMaxFindings) findings_.push_back(text(about, ": ", what));
  }

  // Presence, type and number of every field, as a strict reader of the schema sees them.
  void check_shape() {
    for (const WireField& field : fields_) {
      const FieldShape* const shape = expectation_.shape->field(field.number);
      if (shape == nullptr) {
        if (advice_.size() < kMaxFindings) {
          advice_.push_back(text("field ", field.number, ": no client knows it"));
        }
        continue;
      }
      const bool of_bytes = shape->kind == FieldKind::kBytes;
      if (field.type != (of_bytes ? WireField::Type::kBytes : WireField::Type::kVarint)) {
        find(shape->name, text("wire type ", static_cast<unsigned>(field.type)));
      }
      if (shape->kind == FieldKind::kUint32 &&
          field.value > std::numeric_limits<std::uint32_t>::max()) {
        find(shape->name, text(field.value, " does not fit into 32 bits"));
      }
      if (std::ranges::count(fields_, field.number, &WireField::number) > 1) {
        find(shape->name, "it is there more than once");
      }
      if (!is_expected(*shape)) find(shape->name, text("it is there, expected none: ", say(field)));
    }
    if (value_of(kErrorCodeField) == nullptr) {
      find("errorCode", "it is absent, and required also when it is 0");
    }
  }

  [[nodiscard]] bool is_expected(const FieldShape& shape) const {
    return std::ranges::any_of(expectation_.rules,
                               [&](const Rule& rule) { return rule.field == &shape; });
  }

  [[nodiscard]] const WireField* value_of(std::uint32_t number) const {
    const auto found = std::ranges::find(fields_, number, &WireField::number);
    return found == fields_.end() ? nullptr : &*found;
  }

  static std::string say(const WireField& field) {
    return field.type == WireField::Type::kVarint ? text(field.value) : shown(field.bytes);
  }

  void check(const Rule& rule) {
    if (rule.kind == Rule::Kind::kOptional) return;
    const WireField* const field = value_of(rule.field->number);
    if (field == nullptr) {
      // Said by check_shape already.
      if (rule.field->number != kErrorCodeField) find(rule.field->name, "it is absent");
      return;
    }
    if (const std::string wrong = what_is_wrong(rule, *field); !wrong.empty()) {
      find(rule.field->name, wrong);
    }
  }

  [[nodiscard]] std::string what_is_wrong(const Rule& rule, const WireField& field) const {
    const auto quantity = known_.value_of(rule.quantity).value_or(-1);
    const auto wanted = static_cast<std::uint64_t>(quantity);
    switch (rule.kind) {
      case Rule::Kind::kValue:
        return field.value == wanted ? "" : text(field.value, ", expected ", quantity);
      case Rule::Kind::kRange:
        if (field.value >= wanted && field.value <= static_cast<std::uint64_t>(rule.most))
          return "";
        return text(field.value, ", expected ", quantity, " to ", rule.most);
      case Rule::Kind::kSize:
        return field.bytes.size() == wanted
                   ? ""
                   : text(field.bytes.size(), " bytes, expected ", quantity);
      case Rule::Kind::kNonzero:
        return base::all_zero(field.bytes) ? "it is all zero" : "";
      case Rule::Kind::kEquals:
        if (base::equal(field.bytes, rule.bytes)) return "";
        return text(shown(field.bytes), ", expected ", shown(rule.bytes), difference(rule, field));
      case Rule::Kind::kBegins:
        if (field.bytes.size() >= rule.bytes.size() &&
            base::equal(field.bytes.first(rule.bytes.size()), rule.bytes)) {
          return "";
        }
        return text("it does not begin with what was sent, ", shown(rule.bytes));
      case Rule::Kind::kQuote:
        return flaw_of(field.bytes);
      case Rule::Kind::kVouches: {
        const WireField* const quote = value_of(2);
        return flaw_of_info(field.bytes, quote == nullptr ? ByteView() : quote->bytes);
      }
      case Rule::Kind::kOptional:
        break;
    }
    return "";
  }

  [[nodiscard]] std::string flaw_of(ByteView quote) const {
    std::string flaw = flaw_of_quote(quote, known_.report);
    if (!flaw.empty() || !witnesses_.of_quote) return flaw;
    return witnesses_.of_quote(*exact_quote(quote));
  }

  [[nodiscard]] std::string flaw_of_info(ByteView info, ByteView quote) const {
    std::string flaw = flaw_of_qe_report_info(info, quote, known_.target_info);
    if (!flaw.empty() || !witnesses_.of_report) return flaw;
    const auto parsed = base::parse_struct<sgx::QeReportInfo>(info, "it");
    if (!parsed) return parsed.error().message();
    return witnesses_.of_report(parsed->qe_report, parsed->app_enclave_target_info);
  }

  static std::string difference(const Rule& rule, const WireField& field) {
    const auto [expected, observed] = std::ranges::mismatch(rule.bytes, field.bytes);
    if (expected == rule.bytes.end() || observed == field.bytes.end()) return "";
    return text("; the first difference is at ", expected - rule.bytes.begin());
  }

  void save_all() {
    for (const Save& one : expectation_.saves) {
      if (const WireField* const field = value_of(one.field->number)) save(one, *field);
    }
  }

  void save(const Save& one, const WireField& field) {
    switch (one.what) {
      case Save::What::kTargetInfo:
        if (const auto parsed = base::parse_struct<sgx::TargetInfo>(field.bytes, "target_info")) {
          known_.target_info = *parsed;
        }
        return;
      case Save::What::kKeyId:
        return save_key_id(field.bytes);
      case Save::What::kQuoteSize:
        known_.quote_size = static_cast<std::int64_t>(field.value) * one.factor;
        return;
      case Save::What::kKeyIdsSize:
        known_.key_ids_size = static_cast<std::int64_t>(field.value) * one.factor;
        return;
    }
  }

  // As Enarx does: by the algorithm (aesm-protocol 1.5).
  void save_key_id(ByteView ids) {
    constexpr std::size_t kSize = sizeof(sgx::AttestationKeyId);
    for (; ids.size() >= kSize; ids = ids.subspan(kSize)) {
      const auto parsed = base::parse_struct<sgx::AttestationKeyId>(ids.first(kSize), "a key id");
      if (!parsed || parsed->base.algorithm_id != sgx::kAlgorithmEcdsaP256) continue;
      known_.key_id = *parsed;
      return;
    }
    find("att_key_ids", "there is no id of the algorithm 2, ECDSA P-256");
  }

  const Expectation& expectation_;
  Known& known_;
  const Witnesses& witnesses_;
  Findings& findings_;
  Findings& advice_;
  std::vector<WireField> fields_;
};

void judge_frame(const Expectation& expectation, const Reply& reply, Known& known,
                 const Witnesses& witnesses, Verdict& verdict) {
  Findings& findings = verdict.findings;
  if (reply.body_reads > 1 && reply.body.size() <= kOnePiece) {
    findings.push_back(text("pieces: the answer of ", reply.body.size(), " bytes came in ",
                            reply.body_reads, " pieces, expected one"));
  }
  if (!expectation.or_bytes.empty() && base::equal(reply.body, expectation.or_bytes)) return;
  switch (expectation.form) {
    case Expectation::Form::kClosed:
      findings.push_back(
          text("answer: ", shown(reply.body), ", expected the connection to be closed"));
      return;
    case Expectation::Form::kBytes:
      if (base::equal(reply.body, expectation.bytes)) return;
      findings.push_back(
          text("answer: ", shown(reply.body), ", expected ", shown(expectation.bytes)));
      return;
    case Expectation::Form::kAnswer:
      AnswerJudge(expectation, known, witnesses, verdict).run(reply.body);
      return;
  }
}

}  // namespace

std::optional<std::int64_t> Known::value_of(const Quantity& quantity) const {
  if (!quantity.told) return quantity.number;
  const auto& told = *quantity.told == Told::kQuoteSize ? quote_size : key_ids_size;
  if (!told) return std::nullopt;
  return *told + quantity.number;
}

Verdict judge(const Expectation& expectation, const Reply& reply, Known& known,
              const Witnesses& witnesses) {
  Verdict verdict;
  Findings& findings = verdict.findings;
  switch (reply.kind) {
    case Reply::Kind::kFrame:
      judge_frame(expectation, reply, known, witnesses, verdict);
      break;
    case Reply::Kind::kClosed:
      if (expectation.form != Expectation::Form::kClosed && !expectation.may_close) {
        findings.emplace_back("answer: the connection is closed without one");
      }
      break;
    case Reply::Kind::kBroken:
    case Reply::Kind::kTimeout:
      findings.push_back(text("answer: ", reply.trouble));
      break;
  }
  return verdict;
}

}  // namespace quoted::conformance
