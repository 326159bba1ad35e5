// Hostile text as a client's file of the wire corpus, and whatever it expects held against hostile
// answers: what is read has steps that can be played, what is not is refused with its line in
// printable words, and no verdict depends on more than the two.
#include <algorithm>

#include "conformance/corpus.h"
#include "conformance/judge.h"
#include "fuzz.h"

using namespace quoted;
using conformance::Reply;

namespace {

bool printable(const std::string& words) {
  return std::ranges::all_of(words, [](char c) { return c >= ' ' && c <= '~'; });
}

void check_verdict(const conformance::Expectation& expectation, const Reply& reply) {
  conformance::Known known;
  const conformance::Verdict verdict = judge(expectation, reply, known);
  fuzz::require(std::ranges::all_of(verdict.findings, printable) &&
                std::ranges::all_of(verdict.advice, printable));
  conformance::Known again;
  const conformance::Verdict same = judge(expectation, reply, again);
  fuzz::require(verdict.findings == same.findings && verdict.advice == same.advice);
  const bool expects_bytes = expectation.form == conformance::Expectation::Form::kBytes;
  if (verdict.findings.empty() && expects_bytes && !expectation.may_close) {
    fuzz::require(base::equal(reply.body, expectation.bytes));
  }
}

void check_step(const conformance::Step& step, base::ByteView hostile) {
  fuzz::require(!step.name.empty() && printable(step.name));
  Reply reply;
  reply.kind = Reply::Kind::kFrame;
  reply.body_reads = 1;
  reply.body = step.expectation.bytes;
  if (!reply.body.empty()) check_verdict(step.expectation, reply);
  reply.body = base::to_bytes(hostile);
  check_verdict(step.expectation, reply);
  if (step.expectation.shape == nullptr) return;
  // The same inside the response that is expected.
  const std::uint32_t tag = (step.expectation.shape->number << 3U) | 2U;
  const base::ByteView inner = hostile.first(std::min<std::size_t>(hostile.size(), 16'000));
  reply.body = {static_cast<std::byte>(tag | 0x80U), static_cast<std::byte>(tag >> 7U),
                static_cast<std::byte>(inner.size() | 0x80U),
                static_cast<std::byte>(inner.size() >> 7U)};
  base::append(reply.body, inner);
  check_verdict(step.expectation, reply);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input = fuzz::input(data, size);
  // Text, a NUL, and an answer.
  const std::string_view all = base::as_text(input);
  const std::size_t end = std::min(all.find('\0'), all.size());
  const base::ByteView hostile = input.subspan(std::min(end + 1, input.size()));
  const auto corpus = conformance::parse_client(all.substr(0, end));
  if (!corpus) {
    fuzz::require(printable(corpus.error().message()));
    return 0;
  }
  fuzz::require(!corpus->empty());
  for (const auto& conversation : *corpus) {
    fuzz::require(!conversation.steps.empty() && printable(conversation.name));
    for (const auto& step : conversation.steps) check_step(step, hostile);
  }
  return 0;
}
