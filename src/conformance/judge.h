// Whether an answer is what the client that asked needs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/corpus.h"
#include "conformance/talk.h"
#include "sgx/attestation_key_id.h"
#include "sgx/report.h"

namespace quoted::conformance {

// What a conversation has brought to light so far.
struct Known {
  std::optional<std::int64_t> quote_size;
  std::optional<std::int64_t> key_ids_size;
  std::optional<sgx::TargetInfo> target_info;
  std::optional<sgx::AttestationKeyId> key_id;
  std::optional<sgx::Report> report;  // the last one that was sent

  // Nothing when it depends on what was not told.
  [[nodiscard]] std::optional<std::int64_t> value_of(const Quantity& quantity) const;
};

// What takes more than the protocol to tell. Both say what is wrong, or nothing; either may be
// empty: nobody is asked then.
struct Witnesses {
  std::function<std::string(base::ByteView quote)> of_quote;
  // Whether the CPU made the REPORT for this target.
  std::function<std::string(const sgx::Report& report, const sgx::TargetInfo& target)> of_report;
};

// So many sentences at most say what is wrong with an answer.
inline constexpr std::size_t kMaxFindings = 16;

// A sentence each that begins with what it is about.
struct Verdict {
  std::vector<std::string> findings;  // what is wrong
  std::vector<std::string> advice;    // what is unlike the corpus, and no client minds
};

// When nothing is wrong with `reply`, `known` has what there is to be saved.
[[nodiscard]] Verdict judge(const Expectation& expectation, const Reply& reply, Known& known,
                            const Witnesses& witnesses = {});

}  // namespace quoted::conformance
