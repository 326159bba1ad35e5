#include "collateral/collateral_files.h"

#include <filesystem>

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
  for (const std::string_view name : part.file_names) {
    std::error_code ignored;
    const fs::path path = directory / name;
    if (name.empty() || !fs::exists(path, ignored)) continue;
    return base::read_file(path.string(), kMaxPartSize);
  }
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
