// Refusals for a reason that has a row in the table of errors.
#pragma once

#include <utility>

#include "base/error_table.h"
#include "base/text.h"
#include "drop_in/answer.h"

namespace quoted::drop_in {

// `sentence` says what can be done; the id leads to the rest.
[[nodiscard]] inline tl::unexpected<Refusal> refuse_for(base::ErrorCode why, quote3_error_t code,
                                                        std::string sentence) {
  return refuse(code, base::text(sentence, " [", base::error_entry(why).id, ']'));
}
[[nodiscard]] inline tl::unexpected<Refusal> refuse_for(base::ErrorCode why, std::string sentence) {
  return refuse_for(why, static_cast<quote3_error_t>(base::error_entry(why).native),
                    std::move(sentence));
}

// `observed`, and what the table has for a remedy.
[[nodiscard]] inline std::string with_remedy(base::ErrorCode why, std::string_view observed) {
  return base::text(observed, "; ", base::error_entry(why).remedy);
}

}  // namespace quoted::drop_in
