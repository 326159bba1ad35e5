#include "quoting/simulated_platform.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "base/text.h"
#include "simulation/authority/pck_provider.h"
#include "simulation/cpu/published_cpu.h"

namespace quoted::quoting {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using std::chrono::steady_clock;

constexpr std::string_view kAuthorityDir = "authority";
constexpr std::string_view kBlobName = "ecdsa_data.blob";

// Real QE3 checks its own signature on every quote, as a guard against faults of the silicon;
// here the check runs on the first quote and on samples (docs/decisions).
constexpr std::uint32_t kSelfCheckEvery = 1024;

base::Status prepare_directory(const std::filesystem::path& directory) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(directory, error);
  // Holds the sealed attestation key: nobody else's business.
  if (made) std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  if (error) {
    return fail(
        ErrorCode::kStateDirectoryUnusable,
        text("cannot create the state directory ", directory.string(), ": ", error.message()));
  }
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0) {
    return fail(ErrorCode::kStateDirectoryUnusable,
                text("cannot write in the state directory ", directory.string(), ": ",
                     base::errno_text(errno)));
  }
  return {};
}

bool same_certification(const simulation::CertifiedKey& a, const simulation::CertifiedKey& b) {
  return a.certification_type == b.certification_type &&
         base::equal(a.certification_data, b.certification_data) &&
         a.opened.clear.certified_cpu_svn == b.opened.clear.certified_cpu_svn &&
         a.opened.clear.certified_pce_info == b.opened.clear.certified_pce_info;
}

}  // namespace

struct SimulatedPlatform::Manufacturer {
  simulation::CertificateStore store;
  simulation::CertificateAuthority authority;
};

SimulatedPlatform::SimulatedPlatform(simulation::MasterSeed seed, SimulatedPlatformOptions options)
    : seed_(std::move(seed)), options_(std::move(options)) {}
SimulatedPlatform::~SimulatedPlatform() = default;

Result<std::unique_ptr<SimulatedPlatform>> SimulatedPlatform::create(
    simulation::MasterSeed seed, const SimulatedPlatformOptions& options) {
  std::unique_ptr<SimulatedPlatform> out(new SimulatedPlatform(std::move(seed), options));
  QUOTED_CHECK(out->prepare());
  return out;
}

base::Status SimulatedPlatform::prepare() {
  std::filesystem::path certificates;
  state_ = simulation::default_node_state();
  if (!options_.state_dir.empty()) {
    QUOTED_CHECK(prepare_directory(options_.state_dir));
    auto state = simulation::load_node_state(options_.state_dir / simulation::kNodeStateFileName);
    if (!state) {
      return fail(ErrorCode::kStateDirectoryUnusable,
                  text(state.error().summary(), "; remove the file to begin with the first SVNs"));
    }
    state_ = *state;
  }
  QUOTED_TRY(newest_, make_node(state_.present));
  QUOTED_CHECK(prepare_previous());
  publish({}, CertificationState::kStarting, {});
  if (options_.certified_from_outside) return {};
  if (!options_.state_dir.empty()) {
    certificates = options_.state_dir / kAuthorityDir;
    QUOTED_CHECK(prepare_directory(certificates));
  }
  simulation::CertificateStore store(certificates, options_.notice);
  QUOTED_TRY(auto authority, simulation::CertificateAuthority::create(seed_, options_.now, store));
  manufacturer_ = std::make_unique<Manufacturer>(
      Manufacturer{.store = std::move(store), .authority = std::move(authority)});
  return certify_by_own_manufacturer();
}

// However long ago the update was: perhaps nobody has certified the newest since.
base::Status SimulatedPlatform::prepare_previous() {
  if (!state_.previous) return {};
  auto epc = charge_enclaves();
  if (!epc && epc.error().code() == ErrorCode::kOutOfEpc) {
    options_.notice(
        text("the QE from before the last update is not loaded again, so what was made "
             "for it is not quoted: ",
             epc.error().summary()));
    return {};
  }
  if (!epc) return fail(std::move(epc).error());
  QUOTED_TRY(previous_, make_previous_node(*state_.previous, *std::move(epc)));
  return {};
}

Result<std::shared_ptr<const simulation::EpcCharge>> SimulatedPlatform::charge_enclaves() const {
  if (!options_.epc) return nullptr;
  return options_.epc->charge(simulation::kQeEpc + simulation::kPceEpc, "the QE and the PCE");
}

Result<std::shared_ptr<const SimulatedNode>> SimulatedPlatform::make_node(
    const simulation::NodeLevel& level) const {
  std::filesystem::path blob_file;
  if (!options_.state_dir.empty()) blob_file = options_.state_dir / kBlobName;
  QUOTED_TRY(auto epc, charge_enclaves());
  QUOTED_TRY(auto machine, manufactured(level));
  return SimulatedNode::create(std::move(machine), level.qe_isv_svn, std::move(epc),
                               std::move(blob_file), options_.notice);
}

// Its key is derived again: the file is that of the newest.
Result<std::shared_ptr<const SimulatedNode>> SimulatedPlatform::make_previous_node(
    const simulation::NodeLevel& level, std::shared_ptr<const simulation::EpcCharge> epc) const {
  QUOTED_TRY(auto machine, manufactured(level));
  return SimulatedNode::create(std::move(machine), level.qe_isv_svn, std::move(epc), {},
                               options_.notice);
}

Result<simulation::ManufacturedPlatform> SimulatedPlatform::manufactured(
    const simulation::NodeLevel& level) const {
  QUOTED_TRY(const simulation::Provision provision,
             simulation::provision_for(seed_, options_.platform_name, level));
  return simulation::assemble(provision.model, provision.secrets);
}

base::Status SimulatedPlatform::certify_by_own_manufacturer() {
  for (const auto& node : {previous_, newest_}) {
    if (!node) continue;
    QUOTED_TRY(const simulation::PckQuery query, node->pck_query());
    const simulation::AuthorityPckProvider provider(seed_, manufacturer_->authority,
                                                    node->machine(), manufacturer_->store);
    QUOTED_TRY(const simulation::PckCertification answer,
               provider.pck_certification(query.qe_id, query.encrypted_ppid, query.cpu_svn,
                                          query.pce_info));
    QUOTED_CHECK(certify(node->level(), answer));
  }
  return {};
}

Result<bool> SimulatedPlatform::follow_node_state() {
  if (options_.state_dir.empty()) return false;
  QUOTED_TRY(simulation::NodeState state,
             simulation::load_node_state(options_.state_dir / simulation::kNodeStateFileName));
  if (state.present == newest_->level()) return false;
  QUOTED_TRY(auto newest, make_node(state.present));
  auto previous = previous_;
  // One that was never certified has no REPORTs and no quotes to its name.
  if (newest_is_certified() || !previous) {
    QUOTED_TRY(previous, make_previous_node(newest_->level(), newest_->epc()));
  }
  std::swap(newest_, newest);
  std::swap(previous_, previous);
  grace_ends_.reset();
  if (manufacturer_) {
    if (auto certified = certify_by_own_manufacturer(); !certified) {
      std::swap(newest_, newest);
      std::swap(previous_, previous);
      return fail(std::move(certified).error());
    }
  }
  state_ = std::move(state);
  return true;
}

bool SimulatedPlatform::newest_is_certified() const {
  const auto serving = this->serving();
  return !serving->keys.empty() && serving->keys.front().node->level() == newest_->level();
}

std::vector<CertificationQuery> SimulatedPlatform::queries() const {
  std::vector<CertificationQuery> out;
  const auto add = [&](const SimulatedNode& node) {
    auto query = node.pck_query();
    if (query) out.push_back({.level = node.level(), .pck = *query});
  };
  add(*newest_);
  if (previous_ && !newest_is_certified()) add(*previous_);
  return out;
}

Result<bool> SimulatedPlatform::certify(const simulation::NodeLevel& level,
                                        const simulation::PckCertification& answer) {
  const bool is_newest = level == newest_->level();
  const auto& node = is_newest ? newest_ : previous_;
  // The answer to a question of before.
  if (!node || node->level() != level) return false;
  QUOTED_TRY(simulation::CertifiedKey certified, node->certify(answer));
  auto key = std::make_shared<const simulation::CertifiedKey>(std::move(certified));

  const auto before = serving();
  const auto same = std::ranges::find_if(before->keys, [&](const InUse& one) {
    return one.node->level() == level && same_certification(*one.key, *key);
  });
  if (same != before->keys.end() && (!is_newest || same == before->keys.begin())) {
    if (is_newest) set_state(CertificationState::kCertified, {});
    return false;
  }
  const auto until = steady_clock::now() + options_.grace;
  const bool newest_serves = newest_is_certified();
  if (!is_newest && grace_ends_ && steady_clock::now() >= *grace_ends_) return false;
  if (is_newest && !newest_serves) grace_ends_ = until;
  std::vector<InUse> keys = before->keys;
  if (!is_newest && newest_serves) {
    keys.push_back({.node = node, .key = std::move(key), .until = until});
  } else {
    for (InUse& one : keys) one.until = std::min(one.until, until);
    keys.insert(keys.begin(), {.node = node, .key = std::move(key)});
  }
  // Of the previous level nothing is said: how the newest stands is what counts.
  if (is_newest) {
    publish(std::move(keys), CertificationState::kCertified, {});
  } else {
    publish(std::move(keys), before->snapshot.state, before->snapshot.reason);
  }
  return true;
}

void SimulatedPlatform::set_state(CertificationState state, std::optional<base::Error> reason) {
  publish(serving()->keys, state, std::move(reason));
}

void SimulatedPlatform::retire(steady_clock::time_point now) {
  const auto before = serving();
  std::vector<InUse> keys = before->keys;
  if (grace_ends_ && now >= *grace_ends_) previous_.reset();
  if (std::erase_if(keys, [&](const InUse& one) { return one.until <= now; }) == 0) return;
  publish(std::move(keys), before->snapshot.state, before->snapshot.reason);
}

void SimulatedPlatform::publish(std::vector<InUse> keys, CertificationState state,
                                std::optional<base::Error> reason) {
  auto out = std::make_shared<Serving>();
  PlatformSnapshot& snapshot = out->snapshot;
  snapshot.state = state;
  snapshot.reason = std::move(reason);
  snapshot.key_id = sgx::ecdsa_p256_key_id();
  snapshot.qe_target_info =
      keys.empty() ? newest_->qe_target_info() : keys.front().node->qe_target_info();
  if (keys.empty()) {
    if (snapshot.can_quote()) snapshot.state = CertificationState::kUncertified;
    if (!snapshot.reason) {
      snapshot.reason = base::Error(ErrorCode::kUncertified,
                                    "the daemon has only begun to ask for the PCK certificate");
    }
  } else {
    snapshot.pub_key_id = keys.front().key->opened.clear.key_id;
    snapshot.quote_size = keys.front().key->quote_size;
    if (!snapshot.can_quote()) snapshot.state = CertificationState::kStale;
    for (const InUse& one : std::span(keys).subspan(1)) {
      snapshot.previous_quote_size =
          std::min(snapshot.previous_quote_size.value_or(one.key->quote_size), one.key->quote_size);
    }
  }
  out->keys = std::move(keys);
  const std::scoped_lock lock(mutex_);
  serving_ = std::move(out);
}

std::shared_ptr<const SimulatedPlatform::Serving> SimulatedPlatform::serving() const {
  const std::scoped_lock lock(mutex_);
  return serving_;
}

std::shared_ptr<const PlatformSnapshot> SimulatedPlatform::snapshot() const {
  auto serving = this->serving();
  const PlatformSnapshot* const snapshot = &serving->snapshot;
  return {std::move(serving), snapshot};
}

std::shared_ptr<const SimulatedNode> SimulatedPlatform::published_node() const {
  const auto serving = this->serving();
  return serving->keys.empty() ? newest_ : serving->keys.front().node;
}

base::Bytes SimulatedPlatform::published_cpu() const {
  return simulation::serialize_published_cpu(published_node()->machine().cpu);
}

Result<simulation::Provision> SimulatedPlatform::provision() const {
  return simulation::provision_for(seed_, options_.platform_name, published_node()->level());
}

Result<QuoteOutput> SimulatedPlatform::make_quote(const QuoteRequest& request) {
  const auto serving = this->serving();
  const bool check_own_signature = quotes_made_.fetch_add(1) % kSelfCheckEvery == 0;
  std::optional<base::Error> first;
  for (const InUse& one : serving->keys) {
    std::optional<base::Error> refused;
    if (one.key->quote_size > request.max_size) {
      refused = base::Error(ErrorCode::kQuoteBufferTooSmall,
                            text("there is room for ", request.max_size, " bytes, the quote has ",
                                 one.key->quote_size));
    } else {
      auto made = one.node->quote(*one.key, request, check_own_signature);
      // Only a REPORT for another QE or of another CPUSVN can be one of before.
      if (made || made.error().code() != ErrorCode::kQeInvalidReport) return made;
      refused = std::move(made).error();
    }
    if (!first) first = std::move(refused);
  }
  return fail(first.value_or(serving->snapshot.reason.value_or(
      base::Error(ErrorCode::kUncertified, "there is no certified key"))));
}

void SimulatedPlatform::quote(const QuoteRequest& request, Deadline deadline,
                              QuoteCompletion done) {
  if (steady_clock::now() >= deadline) {
    done(fail(ErrorCode::kPeerTimeout, "the deadline passed before the quote was begun"));
    return;
  }
  done(make_quote(request));
}

}  // namespace quoted::quoting
