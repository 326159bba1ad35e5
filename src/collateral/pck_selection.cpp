#include "collateral/pck_selection.h"

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "crypto/der.h"

namespace quoted::collateral {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

constexpr std::uint8_t kVersionTag = 0xA0;
constexpr std::uint32_t kVersion3 = 2;  // counted from zero

bool at_least(const TcbComponents& a, const TcbComponents& b) {
  return std::ranges::equal(a, b, std::greater_equal<>());
}

// All 17 values, each on its own: two TCBs of which neither is at least the other are common.
bool at_least(const SgxExtension& a, const SgxExtension& b) {
  return at_least(a.components, b.components) && a.pce_svn >= b.pce_svn;
}

bool at_least(const SgxExtension& certificate, const TcbLevel& level) {
  return at_least(certificate.components, level.sgx_components) &&
         certificate.pce_svn >= level.pce_svn;
}

TcbComponents components_of(const sgx::CpuSvn& cpu_svn) {
  TcbComponents out{};
  std::ranges::transform(cpu_svn.view(), out.begin(),
                         [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return out;
}

Result<std::uint32_t> version_of(const crypto::Certificate& certificate) {
  crypto::DerReader reader(certificate.der());
  QUOTED_TRY(const base::ByteView outer, reader.next(crypto::der_tag::kSequence));
  crypto::DerReader inside(outer);
  QUOTED_TRY(const base::ByteView to_be_signed, inside.next(crypto::der_tag::kSequence));
  crypto::DerReader fields(to_be_signed);
  QUOTED_TRY(const crypto::DerElement first, fields.next());
  if (first.tag != kVersionTag) return 0U;  // left out where it is 1
  crypto::DerReader version(first.content);
  QUOTED_TRY(const base::ByteView number, version.next(crypto::der_tag::kInteger));
  return crypto::der_unsigned(number);
}

Status check_tcb_info(const RawTcb& raw, const TcbInfo& tcb_info) {
  if (tcb_info.tee != Tee::kSgx) {
    return fail(ErrorCode::kPckSelectionFailed,
                "the TCB info is for TDX, while PCK certificates are chosen by the one for SGX");
  }
  if (tcb_info.pce_id != raw.pce_id) {
    return fail(ErrorCode::kPckSelectionFailed,
                text("the TCB info is for PCE id ", tcb_info.pce_id.hex(), ", the platform's is ",
                     raw.pce_id.hex()));
  }
  return {};
}

// The checks in the order of step 1, so that the first at fault is the one that Intel's service
// would name. `what` is "PCK certificate 3 of 22".
Status check_candidate(const PckCertificate& candidate, const RawTcb& raw, const TcbInfo& tcb_info,
                       const sgx::Ppid& ppid, const std::string& what) {
  const SgxExtension& sgx = candidate.sgx();
  QUOTED_TRY(const std::uint32_t version, version_of(candidate.certificate()));
  if (version != kVersion3) {
    return fail(ErrorCode::kPckSelectionFailed,
                text(what, " has X.509 version ", version + 1, ", expected 3"));
  }
  if (sgx.components != components_of(sgx.cpu_svn)) {
    return fail(ErrorCode::kPckSelectionFailed,
                text(what, " has the CPUSVN ", sgx.cpu_svn.hex(),
                     ", which is not what its TCB components say: ",
                     base::to_hex(std::as_bytes(std::span(sgx.components)))));
  }
  if (sgx.pce_id != raw.pce_id) {
    return fail(ErrorCode::kPckSelectionFailed, text(what, " is for PCE id ", sgx.pce_id.hex(),
                                                     ", the platform's is ", raw.pce_id.hex()));
  }
  if (sgx.fmspc != tcb_info.fmspc) {
    return fail(ErrorCode::kPckSelectionFailed, text(what, " is for FMSPC ", sgx.fmspc.hex(),
                                                     ", the TCB info for ", tcb_info.fmspc.hex()));
  }
  if (sgx.ppid != ppid) {
    return fail(ErrorCode::kPckSelectionFailed,
                text(what, " is for another platform (PPID) than the first"));
  }
  return {};
}

// Levels run from the best down, so the first bucket with a usable certificate gives the best
// level; certificates that reach no level come last.
std::size_t bucket_of(const SgxExtension& certificate, const TcbInfo& tcb_info) {
  const auto found = std::ranges::find_if(
      tcb_info.levels, [&](const TcbLevel& level) { return at_least(certificate, level); });
  return static_cast<std::size_t>(found - tcb_info.levels.begin());
}

using Bucket = std::vector<std::size_t>;  // positions, highest first

void insert(Bucket& bucket, std::size_t newcomer, std::span<const PckCertificate> candidates) {
  const auto place = std::ranges::find_if(bucket, [&](std::size_t present) {
    return at_least(candidates[newcomer].sgx(), candidates[present].sgx());
  });
  bucket.insert(place, newcomer);
}

}  // namespace

Result<std::size_t> select_pck_certificate(const RawTcb& raw, const TcbInfo& tcb_info,
                                           std::span<const PckCertificate> candidates) {
  QUOTED_CHECK(check_tcb_info(raw, tcb_info));
  if (candidates.empty()) {
    return fail(ErrorCode::kPckSelectionFailed, "there is no PCK certificate to choose from");
  }
  const sgx::Ppid& ppid = candidates.front().sgx().ppid;
  std::vector<Bucket> buckets(tcb_info.levels.size() + 1);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    QUOTED_CHECK(check_candidate(candidates[i], raw, tcb_info, ppid,
                                 text("PCK certificate ", i + 1, " of ", candidates.size())));
    insert(buckets[bucket_of(candidates[i].sgx(), tcb_info)], i, candidates);
  }
  SgxExtension platform;
  platform.components = components_of(raw.cpu_svn);
  platform.pce_svn = raw.pce_isv_svn;
  for (const Bucket& bucket : buckets) {
    for (const std::size_t i : bucket) {
      if (at_least(platform, candidates[i].sgx())) return i;
    }
  }
  return fail(ErrorCode::kNoPckForTcb,
              text("all ", candidates.size(), " PCK certificates are for a higher TCB than CPUSVN ",
                   raw.cpu_svn.hex(), " and PCESVN ", raw.pce_isv_svn));
}

}  // namespace quoted::collateral
