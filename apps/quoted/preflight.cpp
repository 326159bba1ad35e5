#include "quoted/preflight.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <thread>

#include "aesm/deadline.h"
#include "aesm/transport.h"
#include "base/file.h"
#include "base/text.h"
#include "common/start_up.h"
#include "preflight/enclave.h"
#include "preflight/quote_checks.h"
#include "preflight/socket_check.h"
#include "preflight/wire_checks.h"
#include "quoted/preflight_collateral.h"
#include "quoted/private_directory.h"
#include "quoted/simulated.h"
#include "service/listening_socket.h"
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

void print_error(const std::string& words) {
  // Nobody is left to be told when stderr does not take it.
  (void)std::fputs(words.c_str(), stderr);
  (void)std::fflush(stderr);
}

Result<PreflightExit> conclude(const Report& report, const Preflight& wanted) {
  const std::string words = wanted.json ? report.json() : report.text();
  if (std::fputs(words.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    return fail(ErrorCode::kFileUnwritable,
                text("cannot print the table: ", base::errno_text(errno)));
  }
  return report.passed() ? PreflightExit::kPassed : PreflightExit::kFailed;
}

constexpr std::chrono::milliseconds kConnectsWithin = std::chrono::seconds(2);

Result<conformance::Corpus> chosen_corpus(const Preflight& wanted) {
  return wanted.corpus ? conformance::load_corpus(*wanted.corpus) : conformance::built_in_corpus();
}

// One preflight, step by step.
class Run {
 public:
  Run(const Options& options, const simulation::MasterSeed& seed, conformance::Corpus corpus,
      const base::Clock& clock)
      : options_(options), seed_(seed), corpus_(std::move(corpus)), clock_(clock) {}

  Result<Report> on_started(const Serve& serve, const std::filesystem::path& directory) {
    if (!check_preconditions()) return report_;
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
    const PlayedTo started{.foreign = false, .hostile = true, .has_epid = false};
    if (const auto judged = judge((*candidate)->options(), started); !judged) {
      report_.add(preflight::failed("start", judged.error().code(), judged.error().summary()));
    }
    const auto stopped = (*candidate)->stop();
    report_.add(
        stopped ? preflight::passed("no crash", "it stops in order, and never ended unasked")
                : preflight::failed("no crash", stopped.error().code(), stopped.error().message()));
    if (!report_.passed()) print_error((*candidate)->last_words());
    return report_;
  }

  Result<Report> on_running(const std::filesystem::path& socket) {
    Options options = options_;
    options.socket = socket;
    options.collateral.reset();
    options.state_dir.clear();
    QUOTED_CHECK(aesm::connect(socket, aesm::Deadline(kConnectsWithin)).map([](const auto&) {}));
    QUOTED_CHECK(judge(options, {.foreign = true,
                                 .hostile = options_.preflight->hostile,
                                 .has_epid = preflight::offers_epid(socket)}));
    return report_;
  }

 private:
  struct PlayedTo {
    bool foreign;  // it was not started for this
    bool hostile;
    bool has_epid;
  };

  // What the start of the service looks at, and the candidate cannot: its paths are others.
  bool check_preconditions() {
    bool good = true;
    for (const base::Status& one : {service::ListeningSocket::check(options_.socket),
                                    check_state_directory(options_.state_dir)}) {
      if (one) continue;
      good = false;
      report_.add(preflight::failed("start", one.error().code(), one.error().summary()));
    }
    return good;
  }

  base::Status judge(const Options& candidate, const PlayedTo& played_to) {
    report_.add(preflight::socket_mode_check(candidate.socket));
    const auto enclave = preflight::enclave_beside(candidate.socket);
    report_.add(preflight::enclave_check(enclave, !played_to.foreign));
    conformance::ReportMaker make_report;
    if (enclave) make_report = enclave->make_report;

    QUOTED_TRY(const verification::TrustedRoot root, simulated_root(seed_, clock_.now()));
    conformance::Witnesses witnesses{.of_quote = preflight::quote_witness(root, clock_.now()),
                                     .of_report = {}};
    if (enclave) witnesses.of_report = enclave->flaw_of;
    QUOTED_TRY(const auto steps, conformance::play(corpus_, {.socket = candidate.socket,
                                                             .make_report = make_report,
                                                             .witnesses = witnesses,
                                                             .hostile = played_to.hostile,
                                                             .has_epid = played_to.has_epid,
                                                             .total = time_to_play()}));
    report_.add(preflight::wire_checks(steps));

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
    const auto connection = aesm::connect(options_.socket, aesm::Deadline(kConnectsWithin));
    if (connection) return preflight::joined(running(root), stored());
    const ErrorCode code = connection.error().code();
    if (code == ErrorCode::kSocketMissing || code == ErrorCode::kConnectionRefused) return stored();
    // One may run all the same.
    report_.add(
        preflight::not_run(std::string(preflight::kSameRoot), connection.error().summary()));
    return preflight::joined(by_status(connection.error().summary()), stored());
  }

  // The service at the socket, by a quote it makes, or by what it says of itself.
  Result<Incumbent> running(const verification::TrustedRoot& root) {
    const auto quote = preflight::quote_of_service(options_.socket, root, clock_.now());
    if (!quote) {
      report_.add(preflight::not_run(std::string(preflight::kSameRoot), quote.error().summary()));
      return by_status("it makes no quote for this program");
    }
    report_.add(quote->same_root);
    return Incumbent{.where = service_name(), .level = quote->level};
  }

  [[nodiscard]] Result<Incumbent> by_status(std::string_view why) const {
    const auto level =
        service::read_status(options_.socket.parent_path() / service::kStatusFileName)
            .and_then([](const auto& status) { return preflight::parse_level(status.node); });
    if (level) return Incumbent{.where = text("the status of ", service_name()), .level = *level};
    return fail(ErrorCode::kServiceUnavailable,
                text(service_name(), ": ", why,
                     ", and there is no status to go by: ", level.error().summary()));
  }

  [[nodiscard]] std::string service_name() const {
    return text("the service at ", options_.socket.native());
  }

  [[nodiscard]] Result<Incumbent> stored() const {
    const auto path = options_.state_dir / simulation::kNodeStateFileName;
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
      if (error) {
        return fail(ErrorCode::kStateDirectoryUnusable,
                    text("cannot look at ", path.native(), ": ", error.message()));
      }
      return fail(ErrorCode::kServiceUnavailable,
                  "no service runs, and the node was never upgraded");
    }
    QUOTED_TRY(const simulation::NodeState state, simulation::load_node_state(path));
    return Incumbent{.where = path.native(), .level = preflight::newest_of(state)};
  }

  // The rest of the limit is for what is looked at besides.
  [[nodiscard]] std::chrono::milliseconds time_to_play() const {
    return std::chrono::milliseconds(options_.preflight->time_limit) * 3 / 4;
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
  return conclude(report, wanted);
}

// In a process that ends with the caller, and that a signal to the caller ends.
int work(const Options& options, const Serve& serve, const std::filesystem::path& directory) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  auto done = run_in(options, serve, directory);
  if (!done) {
    print_error(text("quoted: the preflight cannot be run: ", done.error().explanation(), '\n'));
  }
  return static_cast<int>(done.value_or(PreflightExit::kNotRun));
}

// Until there is none left, or for so long. Children of those who have ended are this process's.
bool wait_for_children(std::chrono::milliseconds time) {
  const aesm::Deadline deadline(time);
  while (::waitpid(-1, nullptr, WNOHANG) >= 0) {
    if (deadline.left() == std::chrono::milliseconds(0)) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void kill_children() {
  std::ifstream children(text("/proc/self/task/", ::getpid(), "/children"));
  for (pid_t child = 0; children >> child;) ::kill(child, SIGKILL);
}

// Those who lost their parent are told to end by the kernel; the directory is not removed under
// their feet.
void wait_for_the_rest() {
  if (wait_for_children(std::chrono::seconds(20))) return;
  kill_children();
  (void)wait_for_children(std::chrono::seconds(5));
}

Result<PreflightExit> too_late(const Preflight& wanted) {
  Report report;
  report.add(preflight::failed("time", ErrorCode::kPreflightFailed,
                               text("nothing is known after ", wanted.time_limit.count(), " s")));
  return conclude(report, wanted);
}

}  // namespace

Result<PreflightExit> run_preflight(const Options& options, const Serve& serve) {
  QUOTED_TRY(service::SignalSet signals,
             service::SignalSet::block(
                 {SIGCHLD, SIGALRM, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU}));
  (void)::prctl(PR_SET_CHILD_SUBREAPER, 1);
  QUOTED_TRY(const auto directory, PrivateDirectory::make());
  QUOTED_TRY(service::ChildProcess worker,
             service::ChildProcess::start([&](const service::ControlChannel&) {
               return work(options, serve, directory->path());
             }));
  ::alarm(static_cast<unsigned>(options.preflight->time_limit.count()));
  std::optional<int> stopped_by;
  for (;;) {
    const int signal = signals.wait();
    if (signal != SIGCHLD) {
      stopped_by = stopped_by.value_or(signal);
      worker.signal(SIGTERM);
    }
    const auto ended = worker.ended();
    if (!ended) continue;
    wait_for_the_rest();
    for (const auto exit :
         {PreflightExit::kPassed, PreflightExit::kFailed, PreflightExit::kNotRun}) {
      if (ended->exited_with(static_cast<int>(exit))) return exit;
    }
    if (stopped_by == SIGALRM) return too_late(*options.preflight);
    if (stopped_by) return PreflightExit::kNotRun;
    return fail(ErrorCode::kInternal, text("the process that runs the preflight ", ended->text()));
  }
}

}  // namespace quoted::app
