#include "certification/api_targets.h"

#include <algorithm>
#include <array>

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

}  // namespace

std::string hex(base::ByteView bytes, HexCase hex_case) {
  std::string out = base::to_hex(bytes);
  if (hex_case == HexCase::kUpper) {
    std::ranges::transform(out, out.begin(), [](char c) {
      return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    });
  }
  return out;
}

std::string number_hex(std::uint16_t number, HexCase hex_case) {
  const base::Le16 little_endian(number);
  return hex(std::as_bytes(std::span(&little_endian, 1)), hex_case);
}

base::Status check_encrypted_ppid(base::ByteView encrypted_ppid) {
  constexpr std::size_t kSize = 384;
  if (encrypted_ppid.empty() || encrypted_ppid.size() == kSize) return {};
  return fail(ErrorCode::kInvalidArgument, text("the encrypted PPID has ", encrypted_ppid.size(),
                                                " bytes, expected ", kSize, " or none"));
}

Result<std::string> ApiTargets::base_for(bool tdx) const {
  if (!tdx) return url.base();
  auto base = url.tdx_base();
  if (!base) {
    return fail(ErrorCode::kNotFoundAtSource,
                text("the address ", url.base(), " has no '/sgx/' that '/tdx/' could replace"));
  }
  return *std::move(base);
}

base::Status ApiTargets::check(const Request& request) const {
  if (const auto* const pck = std::get_if<PckRequest>(&request)) {
    return check_encrypted_ppid(pck->encrypted_ppid);
  }
  const auto& document = std::get<DocumentRequest>(request);
  const auto* const tcb_info = std::get_if<TcbInfoRequest>(&document);
  const auto* const identity = std::get_if<EnclaveIdentityRequest>(&document);
  const bool tdx = (tcb_info != nullptr && tcb_info->tee == collateral::Tee::kTdx) ||
                   (identity != nullptr && identity->id == EnclaveIdentity::kTdQe);
  return base_for(tdx).map([](const std::string&) {});
}

Target ApiTargets::at(std::string_view path) const { return Target(text(url.base(), path)); }

// Left out when standard: that is what every service gives then, also those that know no other.
void ApiTargets::add_update(Target& target) const {
  if (update == TcbUpdate::kEarly) target.with("update", "early");
}

Result<Target> ApiTargets::pck_certificate(const PckRequest& request, KnownBy known_by) const {
  QUOTED_CHECK(check_encrypted_ppid(request.encrypted_ppid));
  Target out = at("pckcert");
  if (known_by == KnownBy::kQeIdToo) out.with("qeid", hex(request.qe_id.view(), hex_case));
  if (!request.encrypted_ppid.empty()) {
    out.with_hidden("encrypted_ppid", hex(request.encrypted_ppid, hex_case));
  }
  out.with("cpusvn", hex(request.cpu_svn.view(), hex_case))
      .with("pcesvn", number_hex(request.pce_isv_svn, hex_case))
      .with("pceid", number_hex(request.pce_id, hex_case));
  return out;
}

Result<Target> ApiTargets::tcb_info(const TcbInfoRequest& request) const {
  QUOTED_TRY(const std::string base, base_for(request.tee == collateral::Tee::kTdx));
  Target out(base + "tcb");
  out.with("fmspc", hex(request.fmspc.view(), hex_case));
  add_update(out);
  return out;
}

Result<Target> ApiTargets::enclave_identity(const EnclaveIdentityRequest& request) const {
  QUOTED_TRY(const std::string base, base_for(request.id == EnclaveIdentity::kTdQe));
  Target out(base + (request.id == EnclaveIdentity::kQve ? "qve/identity" : "qe/identity"));
  add_update(out);
  return out;
}

}  // namespace quoted::certification
