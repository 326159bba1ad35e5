#include "simulation/cpu/published_cpu.h"

#include <string>

#include "collateral/pck_certificate.h"
#include "simulation/cpu/key_values.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kFormat = "quoted-simulated-cpu-1";
}  // namespace

base::Bytes serialize_published_cpu(const PlatformCpu& cpu) {
  const std::string out = text(
      "# The simulated CPU of this node. ", collateral::kSimulatedMarker, ": whoever reads this\n",
      "# can make REPORTs of any enclave; quotes of them verify only under a simulated root.\n",
      kFormatKey, ' ', kFormat, '\n', "cpu_svn ", cpu.cpu_svn().hex(), '\n', "owner_epoch ",
      cpu.owner_epoch().hex(), '\n', "report_key_id ", cpu.report_key_id().hex(), '\n',
      "report_base_key ", base::to_hex(cpu.report_base_key().view()), '\n');
  return base::to_bytes(base::as_bytes(out));
}

Result<PlatformCpu> parse_published_cpu(base::ByteView content) {
  QUOTED_TRY(const auto pairs, read_key_values(base::as_text(content), "simulated CPU file"));
  const KeyValue* const format = find_key(pairs, kFormatKey);
  if (format == nullptr || format->value != kFormat) {
    return fail(ErrorCode::kMalformed, text("not a simulated CPU file of format ", kFormat));
  }
  const auto value = [&pairs]<class T>(std::string_view key, T& out) -> base::Status {
    const KeyValue* const found = find_key(pairs, key);
    if (found == nullptr) {
      return fail(ErrorCode::kMalformed, text("the simulated CPU file lacks ", key));
    }
    auto parsed = T::parse_hex(found->value);
    if (!parsed) {
      return fail(ErrorCode::kMalformed,
                  text(key, " of the simulated CPU file: ", parsed.error().message()));
    }
    out = *parsed;
    return {};
  };
  sgx::CpuSvn cpu_svn;
  sgx::OwnerEpoch owner_epoch;
  sgx::KeyId report_key_id;
  sgx::Mac report_base_key;  // any 16-byte value type; a key once it is known to be whole
  QUOTED_CHECK(value("cpu_svn", cpu_svn));
  QUOTED_CHECK(value("owner_epoch", owner_epoch));
  QUOTED_CHECK(value("report_key_id", report_key_id));
  QUOTED_CHECK(value("report_base_key", report_base_key));
  return PlatformCpu::with_report_keys_only(crypto::Key128(report_base_key.view()), owner_epoch,
                                            cpu_svn, report_key_id);
}

}  // namespace quoted::simulation
