#include "collateral/collateral_files.h"

#include <filesystem>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "collateral/bundle.h"
#include "crypto/crl.h"

namespace quoted::collateral {
namespace {

using base::ErrorCode;
using base::fail;
using base::text;
namespace fs = std::filesystem;

base::Result<base::Bytes> read_part(const fs::path& directory, const CollateralPart& part) {
  // As hexadecimal text, the largest of the forms.
  constexpr std::size_t kMaxPartSize = 2 * crypto::kMaxCrlSize;
  std::vector<fs::path> found;
  for (const std::string_view name : part.file_names) {
    std::error_code ignored;
    const fs::path path = directory / name;
    const bool missing = fs::symlink_status(path, ignored).type() == fs::file_type::not_found;
    if (!name.empty() && !missing) found.push_back(path);
  }
  // Nobody could tell which of the two is the current one.
  if (found.size() > 1) {
    return fail(ErrorCode::kCollateralUnreadable,
                text(found[0].string(), " and ", found[1].filename().string(),
                     " hold the same part; keep one of them"));
  }
  if (found.size() == 1) return base::read_file(found.front().string(), kMaxPartSize);
  return fail(ErrorCode::kCollateralMissing,
              text("there is no ", part.file_names.front(), " in ", directory.string()));
}

}  // namespace

base::Result<Collateral> read_collateral(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    QUOTED_TRY(const base::Bytes content, base::read_file(path, kMaxBundleSize));
    auto bundle = read_bundle(base::as_text(content));
    if (!bundle) return fail(std::move(bundle).error().with_context(path));
    return bundle;
  }
  Collateral out;
  for (const CollateralPart& part : kCollateralParts) {
    QUOTED_TRY(out.*part.bytes, read_part(path, part));
  }
  return out;
}

}  // namespace quoted::collateral
