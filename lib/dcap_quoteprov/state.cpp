#include "dcap_quoteprov/state.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "base/text.h"
#include "certification/schedule.h"
#include "certification/settings.h"
#include "verification/root_file.h"

namespace quoted::quoteprov {
namespace {

namespace fs = std::filesystem;

using base::Result;
using base::text;

constexpr const char* kUsualConfiguration = "/etc/quoted/quoted.toml";

std::optional<std::string> variable(const char* name) {
  const char* const value = ::secure_getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

Result<certification::Settings> read_settings() {
  certification::Settings own;
  const auto named = variable("QUOTED_CONFIG");
  const fs::path file = named.value_or(kUsualConfiguration);
  std::error_code ignored;
  if (named || fs::exists(file, ignored)) {
    QUOTED_TRY(own, certification::load_settings(file));
  }
  return certification::complete_settings(std::move(own), variable);
}

// Where Intel's and Azure's providers look (quote-generation 8.2), without the directories that
// belong to everybody.
fs::path usual_cache_directory() {
  constexpr const char* kName = "quoted-certification";
  for (const char* const name : {"AZDCAP_CACHE", "XDG_CACHE_HOME"}) {
    if (const auto value = variable(name)) return fs::path(*value) / kName;
  }
  if (const auto home = variable("HOME")) return fs::path(*home) / ".cache" / kName;
  return {};
}

void make_private_directory(const fs::path& path) {
  constexpr mode_t kOwnerOnly = 0700;
  // A umask may have taken away our own permissions.
  if (::mkdir(path.c_str(), kOwnerOnly) == 0) ::chmod(path.c_str(), kOwnerOnly);
}

// Quoting libraries close a provider after every call (quote-generation 7.1), with all it knows.
void stay_in_process() {
  Dl_info own{};
  if (::dladdr(reinterpret_cast<const void*>(&sgx_qpl_global_init), &own) == 0) return;
  ::dlopen(own.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

// Of one process: in the child of a fork another thread's lock would stay locked for ever. Never
// destroyed, because threads may still be in a call when the process ends.
struct Current {
  Current(pid_t of, const Current* parent) : process(of), before(parent) {}
  const pid_t process;
  const Current* const before;  // so that it stays reachable
  std::mutex mutex;
  std::shared_ptr<State> state;
};
constinit std::atomic<Current*> current_of_all = nullptr;

Current& current_of_process() {
  Current* known = current_of_all.load();
  while (known == nullptr || known->process != ::getpid()) {
    auto fresh = std::make_unique<Current>(::getpid(), known);
    if (current_of_all.compare_exchange_strong(known, fresh.get())) known = fresh.release();
  }
  return *known;
}

}  // namespace

class State::Observer final : public certification::ServiceObserver {
 public:
  // Until `stop_collecting` nothing is told but added to `lines`.
  explicit Observer(Lines& lines) : lines_(&lines) {}
  void stop_collecting() { lines_ = nullptr; }

  void fetched(std::string_view source, std::string_view document) override {
    tell(SGX_QL_LOG_INFO, text(document, " came from ", source));
  }
  void failed(std::string_view source, std::string_view document,
              const base::Error& error) override {
    tell(SGX_QL_LOG_ERROR, text(document, " did not come from ", source, ": ", error.summary()));
  }
  void cache_degraded(bool degraded, std::string_view why) override {
    tell(degraded ? SGX_QL_LOG_ERROR : SGX_QL_LOG_INFO,
         degraded ? text("what is fetched is kept in memory only: ", why)
                  : std::string("the cache directory can be used again"));
  }
  void cache_damaged(std::string_view file, const base::Error& error) override {
    tell(SGX_QL_LOG_ERROR, text("removed ", file, ": ", error.summary()));
  }

 private:
  void tell(sgx_ql_log_level_t level, std::string message) {
    if (lines_ == nullptr) return log(level, message);
    lines_->push_back({level, std::move(message)});
  }

  Lines* lines_;
};

State::State(Lines& lines) : observer_(std::make_unique<Observer>(lines)) {}
State::~State() = default;

Result<std::shared_ptr<State>> State::make(Lines& lines) {
  QUOTED_TRY(const certification::Settings settings, read_settings());
  for (const std::string& warning : settings.warnings) {
    lines.push_back({SGX_QL_LOG_INFO, warning});
  }
  QUOTED_TRY(certification::ServiceOptions options, certification::service_options(settings));
  if (const auto root = variable("QUOTED_TRUSTED_ROOT")) {
    QUOTED_TRY(verification::TrustedRoot only, verification::read_trusted_root(*root));
    options.roots = {std::move(only)};
  }
  QUOTED_TRY(auto sources, certification::make_sources(settings));

  std::shared_ptr<State> out(new State(lines));
  if (options.cache_dir.empty()) {
    options.cache_dir = usual_cache_directory();
    out->usual_directory_ = true;
  }
  out->cache_directory_ = options.cache_dir;
  out->make_cache_directory();
  QUOTED_TRY(out->service_, certification::Service::create(std::move(options), std::move(sources),
                                                           out->clock_, *out->observer_));
  out->observer_->stop_collecting();
  return out;
}

Answer<std::shared_ptr<State>> State::current() {
  Lines lines;
  const auto get = [&lines]() -> Result<std::shared_ptr<State>> {
    Current& current = current_of_process();
    const std::scoped_lock lock(current.mutex);
    if (!current.state) {
      // First, because what is made may hold threads of libcurl.
      stay_in_process();
      QUOTED_TRY(current.state, make(lines));
    }
    return current.state;
  };
  auto out = get();
  // Only now, because what the host does when it is told may be a call of this library.
  for (const Line& line : lines) log(line.level, line.message);
  if (out) return *std::move(out);
  return refuse(SGX_QL_CONFIG_INVALID_JSON,
                text("the settings cannot be used: ", out.error().summary()));
}

bool State::may_refresh(const std::string& what) {
  constexpr auto kFirstPause = std::chrono::seconds(60);
  const std::scoped_lock lock(refresh_mutex_);
  const auto failures = refresh_failures_.find(what);
  return failures == refresh_failures_.end() ||
         !certification::within(failures->second.last,
                                certification::retry_pause(kFirstPause, failures->second.in_a_row),
                                clock_.now());
}

void State::note_refresh(const std::string& what, bool succeeded) {
  const std::scoped_lock lock(refresh_mutex_);
  if (succeeded) {
    refresh_failures_.erase(what);
    return;
  }
  Failures& failures = refresh_failures_[what];
  failures.last = clock_.now();
  ++failures.in_a_row;
}

void State::make_cache_directory() const {
  if (cache_directory_.empty()) return;
  // A user may be so new that nothing was ever kept for it.
  if (usual_directory_) make_private_directory(cache_directory_.parent_path());
  make_private_directory(cache_directory_);
}

void State::forget() {
  Current& current = current_of_process();
  std::shared_ptr<State> last;
  const std::scoped_lock lock(current.mutex);
  last = std::exchange(current.state, nullptr);
}

}  // namespace quoted::quoteprov
