#include "quoted/preflight.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "aesm/deadline.h"
#include "aesm/transport.h"
#include "base/file.h"
#include "base/text.h"
#include "common/start_up.h"
#include "preflight/enclave.h"
#include "preflight/quote_checks.h"
#include "preflight/wire_checks.h"
#include "quoted/preflight_collateral.h"
#include "quoted/simulated.h"
#include "service/signal_set.h"
#include "service/status_file.h"

namespace quoted::app {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using preflight::Incumbent;
using preflight::Report;

void print(std::FILE* stream, const std::string& words) {
  (void)std::fputs(words.c_str(), stream);
  (void)std::fflush(stream);
}

// Removed at the end, whatever becomes of the process that works in it.
class PrivateDirectory {
 public:
  static Result<std::unique_ptr<PrivateDirectory>> make() {
    std::error_code error;
    const auto base = std::filesystem::temp_directory_path(error);
    std::string pattern = (error ? "/tmp" : base.native()) + "/quoted-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
      return fail(ErrorCode::kFileUnwritable,
                  text("cannot make the directory ", pattern, ": ", base::errno_text(errno)));
    }
    return std::unique_ptr<PrivateDirectory>(new PrivateDirectory(pattern));
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  ~PrivateDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit PrivateDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

Result<conformance::Corpus> chosen_corpus(const Preflight& wanted) {
  return wanted.corpus ? conformance::load_corpus(*wanted.corpus) : conformance::built_in_corpus();
}

bool somebody_listens(const std::filesystem::path& socket) {
  return aesm::connect(socket, aesm::Deadline(std::chrono::seconds(2))).has_value();
}

// One preflight, step by step.
class Run {
 public:
  Run(const Options& options, const simulation::MasterSeed& seed, conformance::Corpus corpus,
      const base::Clock& clock)
      : options_(options), seed_(seed), corpus_(std::move(corpus)), clock_(clock) {}

  Result<Report> on_started(const Serve& serve, const std::filesystem::path& directory) {
    const auto candidate = Candidate::start(options_, serve, directory);
    if (!candidate) {
      report_.add(
          preflight::failed("start", candidate.error().code(), candidate.error().summary()));
      return report_;
    }
    if (const auto ready = (*candidate)->wait_until_it_can_quote(); !ready) {
      report_.add(
          preflight::failed("start", ErrorCode::kPreflightFailed,
                            text("it serves, but cannot quote: ", ready.error().summary())));
      return report_;
    }
    report_.add(preflight::passed("start", "it serves on a socket of its own"));
    // It served a moment ago: that it cannot be judged is its fault.
    if (const auto judged = judge((*candidate)->options()); !judged) {
      report_.add(preflight::failed("start", judged.error().code(), judged.error().summary()));
    }
    if (!report_.passed()) print(stderr, (*candidate)->last_words());
    return report_;
  }

  Result<Report> on_running(const std::filesystem::path& socket) {
    Options options = options_;
    options.socket = socket;
    options.collateral.reset();
    options.state_dir.clear();
    QUOTED_CHECK(judge(options));
    return report_;
  }

 private:
  base::Status judge(const Options& candidate) {
    auto enclave = preflight::report_maker_beside(candidate.socket);
    conformance::ReportMaker make_report;
    if (enclave) make_report = *std::move(enclave);

    QUOTED_TRY(const auto steps, conformance::play(corpus_, {.socket = candidate.socket,
                                                             .make_report = make_report}));
    report_.add(preflight::wire_checks(steps));

    QUOTED_TRY(const verification::TrustedRoot root, simulated_root(seed_, clock_.now()));
    preflight::QuoteChecks quotes =
        preflight::check_quotes({.socket = candidate.socket,
                                 .make_report = make_report,
                                 .root = root,
                                 .find_collateral = collateral_finder(candidate, seed_, clock_),
                                 .now = clock_.now()});
    report_.add(std::move(quotes.checks));
    compare_with_incumbent(candidate.socket, quotes.level, root);
    return {};
  }

  void compare_with_incumbent(const std::filesystem::path& candidate,
                              const std::optional<preflight::NodeLevel>& level,
                              const verification::TrustedRoot& root) {
    const auto incumbent = find_incumbent(candidate, root);
    if (level) {
      report_.add(preflight::downgrade_check(*level, incumbent));
    } else {
      report_.add(preflight::not_run("no SVN downgrade", "no quote shows the candidate's SVNs"));
    }
  }

  Result<Incumbent> find_incumbent(const std::filesystem::path& candidate,
                                   const verification::TrustedRoot& root) {
    std::error_code ignored;
    if (std::filesystem::equivalent(candidate, options_.socket, ignored)) {
      return fail(ErrorCode::kServiceUnavailable, "it is the service that runs itself");
    }
    return somebody_listens(options_.socket) ? running(root) : stored();
  }

  // The service at the socket, by a quote it makes, or by what it says of itself.
  Result<Incumbent> running(const verification::TrustedRoot& root) {
    const std::string where = text("the service at ", options_.socket.native());
    if (const auto quote = preflight::quote_of_service(options_.socket, root, clock_.now())) {
      report_.add(quote->same_root);
      return Incumbent{.where = where, .level = quote->level};
    }
    const auto level =
        service::read_status(options_.socket.parent_path() / service::kStatusFileName)
            .and_then([](const auto& status) { return preflight::parse_level(status.node); });
    if (level) return Incumbent{.where = text("the status of ", where), .level = *level};
    return fail(ErrorCode::kServiceUnavailable,
                text(where, " makes no quote for this program, and has no status beside it"));
  }

  [[nodiscard]] Result<Incumbent> stored() const {
    const auto path = options_.state_dir / simulation::kNodeStateFileName;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
      return fail(ErrorCode::kServiceUnavailable,
                  "no service runs, and the node was never upgraded");
    }
    QUOTED_TRY(const simulation::NodeState state, simulation::load_node_state(path));
    return Incumbent{.where = path.native(), .level = preflight::newest_of(state)};
  }

  const Options& options_;
  const simulation::MasterSeed& seed_;
  conformance::Corpus corpus_;
  const base::Clock& clock_;
  Report report_;
};

Result<PreflightExit> run_in(const Options& options, const Serve& serve,
                             const std::filesystem::path& directory) {
  const Preflight& wanted = *options.preflight;
  QUOTED_TRY(conformance::Corpus corpus, chosen_corpus(wanted));
  const telemetry::SystemLogClock log_clock;
  telemetry::Logger logger({.level = telemetry::Level::kError, .format = options.log_format},
                           log_clock);
  QUOTED_TRY(const simulation::MasterSeed seed, load_seed(options.seed_file, logger));
  const base::SystemClock clock;
  Run run(options, seed, std::move(corpus), clock);
  QUOTED_TRY(const Report report, wanted.candidate ? run.on_running(*wanted.candidate)
                                                   : run.on_started(serve, directory));
  print(stdout, wanted.json ? report.json() : report.text());
  return report.passed() ? PreflightExit::kPassed : PreflightExit::kFailed;
}

// In a process that ends with the caller, and that a signal to the caller ends.
int work(const Options& options, const Serve& serve, const std::filesystem::path& directory) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  auto done = run_in(options, serve, directory);
  if (!done) {
    print(stderr, text("quoted: the preflight cannot be run: ", done.error().explanation(), '\n'));
  }
  return static_cast<int>(done.value_or(PreflightExit::kNotRun));
}

// Those who lost their parent are this process's, and are told to end by the kernel; the directory
// is not removed under their feet.
void wait_for_the_rest() {
  const aesm::Deadline deadline(std::chrono::seconds(20));
  while (deadline.left() > std::chrono::milliseconds(0) && ::waitpid(-1, nullptr, WNOHANG) >= 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

Result<PreflightExit> run_preflight(const Options& options, const Serve& serve) {
  QUOTED_TRY(service::SignalSet signals,
             service::SignalSet::block({SIGCHLD, SIGTERM, SIGINT, SIGHUP}));
  (void)::prctl(PR_SET_CHILD_SUBREAPER, 1);
  QUOTED_TRY(const auto directory, PrivateDirectory::make());
  QUOTED_TRY(service::ChildProcess worker,
             service::ChildProcess::start([&](const service::ControlChannel&) {
               return work(options, serve, directory->path());
             }));
  for (;;) {
    const int signal = signals.wait();
    if (signal != SIGCHLD) worker.signal(SIGTERM);
    const auto ended = worker.ended();
    if (!ended) continue;
    wait_for_the_rest();
    for (const auto exit : {PreflightExit::kPassed, PreflightExit::kFailed}) {
      if (ended->exited_with(static_cast<int>(exit))) return exit;
    }
    return PreflightExit::kNotRun;
  }
}

}  // namespace quoted::app
