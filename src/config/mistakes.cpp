#include "config/mistakes.h"

#include <algorithm>

#include "base/hex.h"
#include "base/text.h"

namespace quoted::config {
namespace {

using base::text;

constexpr std::size_t kMaxShown = 80;

}  // namespace

std::string shown(std::string_view raw) {
  std::string out = "'";
  for (const char c : raw.substr(0, kMaxShown)) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += text("\\x", base::to_hex(base::as_bytes({&c, 1})));
    }
  }
  return out + (raw.size() > kMaxShown ? "...'" : "'");
}

void Mistakes::add(Place place, std::string message) {
  if (kept_.size() < kMaxKept) {
    kept_.insert(std::ranges::upper_bound(kept_, place, {}, &Mistake::place),
                 {place, std::move(message)});
  } else {
    ++dropped_;
  }
}

std::string Mistakes::lines(std::string_view file) const {
  std::string out;
  for (const Mistake& mistake : kept_) {
    if (!out.empty()) out += '\n';
    out += text(file, ':', mistake.place.line, ':', mistake.place.column, ": ", mistake.message);
  }
  if (dropped_ != 0) out += text('\n', file, ": and ", dropped_, " more mistakes");
  return out;
}

base::Status Mistakes::status(std::string_view file) const {
  if (empty()) return {};
  return base::fail(base::ErrorCode::kConfigurationInvalid, lines(file));
}

}  // namespace quoted::config
