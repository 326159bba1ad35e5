#include "collateral/bundle.h"

#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/text.h"

namespace quoted::collateral {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "quoted-collateral";
constexpr std::uint64_t kVersion = 1;

bool is_crl(const CollateralPart& part) { return part.name.ends_with("_crl"); }

bool is_utf8(std::string_view value) {
  const auto lossy = Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(lossy).get_ref<const std::string&>() == value;
}

Result<base::Bytes> read_part(const Json& bundle, const CollateralPart& part) {
  const auto found = bundle.find(part.name);
  if (found == bundle.end()) {
    return fail(ErrorCode::kCollateralMissing, text("the bundle has no '", part.name, "'"));
  }
  if (!found->is_string()) {
    return fail(ErrorCode::kCollateralUnreadable, text("'", part.name, "' is not a string"));
  }
  const auto& value = found->get_ref<const std::string&>();
  if (!is_crl(part)) return base::to_bytes(base::as_bytes(value));
  auto bytes = base::from_hex(value);
  if (!bytes) {
    return fail(ErrorCode::kCollateralUnreadable,
                text("'", part.name, "': ", bytes.error().message()));
  }
  return bytes;
}

}  // namespace

Result<std::string> write_bundle(const Collateral& collateral) {
  Json out = {{"format", kFormat}, {"version", kVersion}};
  for (const CollateralPart& part : kCollateralParts) {
    const base::Bytes& bytes = collateral.*part.bytes;
    if (!is_crl(part) && !is_utf8(base::as_text(bytes))) {
      return fail(ErrorCode::kMalformed,
                  text("'", part.name, "' is not UTF-8 text, so that a bundle cannot hold it"));
    }
    out[std::string(part.name)] =
        is_crl(part) ? base::to_hex(bytes) : std::string(base::as_text(bytes));
  }
  constexpr int kIndent = 1;
  std::string written = out.dump(kIndent) + '\n';
  if (written.size() > kMaxBundleSize) {
    return fail(ErrorCode::kMalformed,
                text("the bundle has ", written.size(), " bytes, more than ", kMaxBundleSize));
  }
  return written;
}

Result<Collateral> read_bundle(std::string_view all) {
  // A bundle holds strings and a number; what is nested deeper is dropped as it is read.
  const auto flat = [](int depth, Json::parse_event_t event, Json& /*value*/) {
    const bool opens =
        event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    return !opens || depth == 0;
  };
  const Json bundle = Json::parse(all.begin(), all.end(), flat, false);
  if (!bundle.is_object() || bundle.value("format", Json()) != kFormat) {
    return fail(ErrorCode::kCollateralUnreadable,
                text("no JSON object with \"format\": \"", kFormat, "\""));
  }
  if (bundle.value("version", Json()) != kVersion) {
    return fail(ErrorCode::kCollateralUnreadable,
                text("a bundle of another version than ", kVersion));
  }
  Collateral out;
  for (const CollateralPart& part : kCollateralParts) {
    QUOTED_TRY(out.*part.bytes, read_part(bundle, part));
  }
  return out;
}

}  // namespace quoted::collateral
