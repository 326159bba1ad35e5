#include "aesm/refusal.h"

#include <string>
#include <string_view>
#include <utility>

#include "aesm/codec.h"
#include "base/error_table.h"
#include "base/text.h"

namespace quoted::aesm {
namespace {

using base::ErrorCode;
using base::text;

// The one row of the error table that tells what the service means by `aesm`, or null where
// several causes share the code.
const base::ErrorEntry* meaning_of(std::uint32_t aesm) {
  // Rows about other places share these two codes; a service means these.
  if (aesm == 3) return &base::error_entry(ErrorCode::kBadParameter);
  if (aesm == 30) return &base::error_entry(ErrorCode::kServiceUnavailable);
  const base::ErrorEntry* only = nullptr;
  for (const base::ErrorEntry& row : base::error_table()) {
    if (row.aesm != aesm) continue;
    if (only != nullptr) return nullptr;
    only = &row;
  }
  return only;
}

}  // namespace

base::Error refusal(MessageKind kind, std::uint32_t aesm) {
  std::string message =
      text("the service answered ", aesm, ' ', base::aesm_error_name(aesm), " to ", name_of(kind));
  if (const base::ErrorEntry* row = meaning_of(aesm)) {
    message += text(": ", row->sentence.substr(0, row->sentence.find_last_not_of('.') + 1));
  }
  return base::Error(ErrorCode::kServiceRefused, std::move(message)).with_peer_code(aesm);
}

}  // namespace quoted::aesm
