// Whether an answer is what the client that asked needs.
#pragma once

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

// Everything that is wrong with `reply`, a sentence each that begins with what it is about; none
// when it is as expected, and `known` then has what there is to be saved.
[[nodiscard]] std::vector<std::string> judge(const Expectation& expectation, const Reply& reply,
                                             Known& known);

}  // namespace quoted::conformance
