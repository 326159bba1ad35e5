#include "preflight/enclave.h"

#include <memory>

#include "base/file.h"
#include "base/text.h"
#include "simulation/cpu/published_cpu.h"

namespace quoted::preflight {
namespace {

constexpr std::size_t kMaxPublishedCpuSize = 4096;

// No enclave that anybody trusts: recognisable, and not in debug mode, so that verifiers judge it
// as they judge those of production.
simulation::Secs preflight_enclave() {
  simulation::Secs out;
  out.attributes.flags = sgx::flags::kInit | sgx::flags::kMode64Bit;
  out.attributes.xfrm = 7;
  out.mr_enclave.mutable_view()[0] = std::byte{0x9F};
  out.mr_signer.mutable_view()[0] = std::byte{0x9E};
  out.isv_svn = 1;
  return out;
}

sgx::ReportData preflight_data() {
  sgx::ReportData out;
  const base::ByteView words = base::as_bytes("preflight of quoted");
  std::copy(words.begin(), words.end(), out.mutable_view().begin());
  return out;
}

std::string flaw_of_report(const simulation::PlatformCpu& cpu, const sgx::Report& report,
                           const sgx::TargetInfo& target) {
  simulation::Secs secs;
  secs.mr_enclave = target.mr_enclave;
  secs.attributes = target.attributes;
  secs.cet_attributes = target.cet_attributes;
  secs.config_svn = target.config_svn;
  secs.misc_select = target.misc_select;
  secs.config_id = target.config_id;
  const auto good = simulation::report_verifies(cpu, secs, report);
  if (!good) return good.error().summary();
  return *good ? "" : "the MAC of the REPORT in it is wrong";
}

}  // namespace

base::Result<Enclave> enclave_beside(const std::filesystem::path& socket) {
  const auto path = socket.parent_path() / simulation::kPublishedCpuFileName;
  QUOTED_TRY(const base::Bytes content, base::read_file(path, kMaxPublishedCpuSize));
  auto cpu = simulation::parse_published_cpu(content);
  if (!cpu) return base::fail(std::move(cpu).error().with_context(path.string()));
  const auto shared = std::make_shared<const simulation::PlatformCpu>(*std::move(cpu));
  return Enclave{.make_report =
                     [shared](const sgx::TargetInfo& target) {
                       return shared->ereport(preflight_enclave(), target, preflight_data());
                     },
                 .flaw_of =
                     [shared](const sgx::Report& report, const sgx::TargetInfo& target) {
                       return flaw_of_report(*shared, report, target);
                     }};
}

Check enclave_check(const base::Result<Enclave>& enclave, bool started) {
  const std::string name = "REPORT";
  if (enclave) return passed(name, "the CPU beside the socket makes it");
  if (!started) {
    return not_run(name, base::text("there is no CPU to make it: ", enclave.error().summary()));
  }
  return failed(name, base::ErrorCode::kPreflightFailed,
                base::text("nobody on this machine can make one: ", enclave.error().summary()));
}

}  // namespace quoted::preflight
