#include "preflight/enclave.h"

#include <memory>

#include "base/file.h"
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

}  // namespace

base::Result<conformance::ReportMaker> report_maker_beside(const std::filesystem::path& socket) {
  const auto path = socket.parent_path() / simulation::kPublishedCpuFileName;
  QUOTED_TRY(const base::Bytes content, base::read_file(path, kMaxPublishedCpuSize));
  auto cpu = simulation::parse_published_cpu(content);
  if (!cpu) return base::fail(std::move(cpu).error().with_context(path.string()));
  const auto shared = std::make_shared<const simulation::PlatformCpu>(*std::move(cpu));
  return [shared](const sgx::TargetInfo& target) {
    return shared->ereport(preflight_enclave(), target, preflight_data());
  };
}

}  // namespace quoted::preflight
