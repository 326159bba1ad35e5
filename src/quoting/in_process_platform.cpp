#include "quoting/in_process_platform.h"

#include "base/text.h"

namespace quoted::quoting {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

struct KnownFile {
  std::string_view enclave;
  std::string_view name;  // with or without a version behind it
  ErrorCode unusable;
};

KnownFile known_file(EnclaveFile which) {
  switch (which) {
    case EnclaveFile::kQe:
      return {"QE", "libsgx_qe3.signed.so", ErrorCode::kEnclaveFileUnusable};
    case EnclaveFile::kPce:
      // aesm-protocol 7.7: whatever keeps the PCE from loading reads as that.
      return {"PCE", "libsgx_pce.signed.so", ErrorCode::kPceInterfaceUnavailable};
    case EnclaveFile::kId:
      break;
  }
  return {"ID enclave", "libsgx_id_enclave.signed.so", ErrorCode::kEnclaveFileUnusable};
}

base::Error not_initialized(std::string why) {
  return {ErrorCode::kAttestationKeyNotInitialized, std::move(why)};
}

}  // namespace

class InProcessPlatform::Call {
 public:
  explicit Call(InProcessPlatform& platform) : platform_(platform) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    if (platform_.ephemeral_) platform_.unload();
  }

 private:
  InProcessPlatform& platform_;
};

void InProcessPlatform::set_ephemeral(bool ephemeral) {
  ephemeral_ = ephemeral;
  if (ephemeral) unload();
}

void InProcessPlatform::set_enclave_file(EnclaveFile which, const std::filesystem::path& path) {
  files_[which] = path;
}

Status InProcessPlatform::check_enclave_files() const {
  for (const auto& [which, path] : files_) {
    const KnownFile known = known_file(which);
    if (path.filename().native().starts_with(known.name)) continue;
    return fail(known.unusable,
                text("cannot load ", path.native(), " as the ", known.enclave,
                     ": the simulated platform has no enclave files; leave the path out, or name ",
                     known.name, " for the enclave of the simulated machine"));
  }
  return {};
}

Status InProcessPlatform::load() {
  if (node_) return {};
  QUOTED_CHECK(check_enclave_files());
  auto provision = simulation::load_provision(provision_file_);
  if (!provision) {
    if (provision.error().code() == ErrorCode::kProvisioningRefused) {
      return fail(std::move(provision).error());
    }
    return fail(ErrorCode::kPceInterfaceUnavailable, provision.error().summary());
  }
  // Opened for each load: the file of before may have gone with its daemon's directory.
  QUOTED_TRY(const auto ledger, simulation::EpcLedger::open(provision_file_.parent_path() /
                                                            simulation::kEpcLedgerFileName));
  auto epc = ledger->charge(simulation::kQeEpc + simulation::kPceEpc, "the QE and the PCE");
  if (!epc) {
    // Whatever else keeps the PCE from being loaded reads so (aesm-protocol 7.7).
    if (epc.error().code() == ErrorCode::kOutOfEpc) return fail(std::move(epc).error());
    return fail(ErrorCode::kPceInterfaceUnavailable, epc.error().summary());
  }
  QUOTED_TRY(auto machine, simulation::assemble(provision->model, provision->secrets));
  QUOTED_TRY(node_, SimulatedNode::create(std::move(machine), provision->qe_isv_svn,
                                          *std::move(epc), {}, [](const std::string&) {}));
  return {};
}

void InProcessPlatform::unload() { node_.reset(); }

Result<simulation::PckCertification> InProcessPlatform::ask_provider() {
  if (!query_ || query_->first != node_->level()) {
    QUOTED_TRY(const simulation::PckQuery query, node_->pck_query());
    query_.emplace(node_->level(), query);
  }
  const simulation::PckQuery& query = query_->second;
  return provider_.pck_certification(query.qe_id, query.encrypted_ppid, query.cpu_svn,
                                     query.pce_info);
}

Result<sgx::TargetInfo> InProcessPlatform::target_info() {
  const Call call(*this);
  QUOTED_CHECK(load());
  QUOTED_TRY(simulation::PckCertification at, ask_provider());
  QUOTED_TRY(simulation::CertifiedKey key, node_->certify(at));
  certified_ = Certified{
      .level = node_->level(), .chain_pem = std::move(at.chain_pem), .key = std::move(key)};
  return node_->qe_target_info();
}

Result<std::uint32_t> InProcessPlatform::follow_provider() {
  if (certified_->level != node_->level()) {
    return fail(not_initialized(text("the attestation key was certified at ",
                                     to_text(certified_->level), ", and the node is now at ",
                                     to_text(node_->level()), "; ask for the target info again")));
  }
  QUOTED_TRY(simulation::PckCertification at, ask_provider());
  const auto& clear = certified_->key.opened.clear;
  if (at.tcb.cpu_svn != clear.certified_cpu_svn || at.pce_info != clear.certified_pce_info) {
    return fail(not_initialized(
        text("the PCK certificate is now for CPUSVN ", at.tcb.cpu_svn.hex(), " and PCE ",
             std::uint16_t{at.tcb.isv_svn}, ", and the attestation key is certified at CPUSVN ",
             clear.certified_cpu_svn.hex(), " and PCE ",
             std::uint16_t{clear.certified_pce_info.isv_svn}, "; ask for the target info again")));
  }
  if (at.chain_pem != certified_->chain_pem) {
    QUOTED_TRY(certified_->key, node_->certify(at));
    certified_->chain_pem = std::move(at.chain_pem);
  }
  return certified_->key.quote_size;
}

Status InProcessPlatform::load_for_quotes() {
  if (certified_) return load();
  return fail(not_initialized("the target info was not asked for in this process yet"));
}

Result<std::uint32_t> InProcessPlatform::quote_size() {
  const Call call(*this);
  QUOTED_CHECK(load_for_quotes());
  return follow_provider();
}

Result<base::Bytes> InProcessPlatform::quote(const sgx::Report& report, std::size_t room) {
  const Call call(*this);
  QUOTED_CHECK(load_for_quotes());
  QUOTED_TRY(const std::uint32_t size, follow_provider());
  if (room < size) {
    return fail(ErrorCode::kQuoteBufferTooSmall,
                text("there is room for ", room, " bytes, the quote has ", size));
  }
  // As the real QE does, which has to guard against faults of the silicon.
  constexpr bool kCheckOwnSignature = true;
  QUOTED_TRY(
      QuoteOutput made,
      node_->quote(certified_->key, {.report = report, .qe_report_info = {}}, kCheckOwnSignature));
  return std::move(made.quote);
}

}  // namespace quoted::quoting
