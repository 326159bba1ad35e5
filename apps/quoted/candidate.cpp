#include "quoted/candidate.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "aesm/client.h"
#include "aesm/deadline.h"
#include "base/file.h"
#include "base/text.h"
#include "quoted/state_copy.h"
#include "telemetry/names.h"

namespace quoted::app {
namespace {

using namespace std::chrono_literals;
using aesm::Deadline;
using base::ErrorCode;
using base::fail;
using base::text;

constexpr std::chrono::milliseconds kServesWithin = 30s;
// Longer than a daemon waits for the first answer of its certification services.
constexpr std::chrono::milliseconds kQuotesWithin = 20s;
constexpr std::chrono::milliseconds kStopsWithin = 15s;
constexpr std::chrono::milliseconds kLookEvery = 10ms;
constexpr std::size_t kMaxLog = std::size_t{64} * 1024 * 1024;

Options private_options(Options options, const std::filesystem::path& directory) {
  options.preflight.reset();
  // It is searched.
  options.log_format = telemetry::LogFormat::kJson;
  options.socket = directory / "aesm.socket";
  options.state_dir = directory / "state";
  // A cache elsewhere belongs to the daemon that serves.
  if (options.collateral && !options.collateral->cache_dir.value.empty()) {
    options.collateral->cache_dir.value = directory / "cache";
  }
  return options;
}

// What it says is of interest only when it fails.
void redirect_output(const std::filesystem::path& log) {
  const base::UniqueFd file(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file.valid()) return;
  ::dup2(file.get(), STDOUT_FILENO);
  ::dup2(file.get(), STDERR_FILENO);
}

}  // namespace

base::Result<std::unique_ptr<Candidate>> Candidate::start(const Options& original,
                                                          const Serve& serve,
                                                          const std::filesystem::path& directory) {
  Options options = private_options(original, directory);
  const std::filesystem::path log = directory / "log";
  QUOTED_CHECK(copy_state(original.state_dir, options.state_dir));
  if (options.collateral && !original.collateral->cache_dir.value.empty()) {
    QUOTED_CHECK(
        copy_state(original.collateral->cache_dir.value, options.collateral->cache_dir.value));
  }
  QUOTED_TRY(service::ChildProcess process,
             service::ChildProcess::start([&](const service::ControlChannel& to_parent) {
               redirect_output(log);
               const auto outcome = serve(options);
               if (outcome) return static_cast<int>(*outcome);
               to_parent.send({outcome.error()});
               return static_cast<int>(service::ExitCode::kStartFailure);
             }));
  std::unique_ptr<Candidate> out(new Candidate(std::move(options), log, std::move(process)));
  QUOTED_CHECK(out->wait_until_it_serves());
  return out;
}

Candidate::~Candidate() {
  if (process_.pid() != 0) (void)stop();
}

base::Status Candidate::stop() {
  process_.signal(SIGTERM);
  const Deadline deadline(kStopsWithin);
  std::optional<service::ExitStatus> ended = process_.ended();
  while (!ended && deadline.left() > 0ms) {
    std::this_thread::sleep_for(kLookEvery);
    ended = process_.ended();
  }
  QUOTED_CHECK(look_for_crashes());
  if (!ended) {
    return fail(ErrorCode::kPreflightFailed,
                text("it does not stop within ", kStopsWithin.count(), " ms"));
  }
  if (ended->exited_with(static_cast<int>(service::ExitCode::kStopped))) return {};
  return fail(ErrorCode::kPreflightFailed, text("it ", ended->text()));
}

base::Status Candidate::look_for_crashes() const {
  constexpr std::size_t kMaxShown = 300;
  const auto log = base::read_file(log_, kMaxLog);
  if (!log) return fail(log.error());
  const std::string_view all = base::as_text(*log);
  for (const std::string_view event :
       {telemetry::event::kFrontCrashed, telemetry::event::kCertifierCrashed}) {
    const std::size_t at = all.find(text("\"event\":\"", event, '"'));
    if (at == std::string_view::npos) continue;
    const std::string_view rest = all.substr(at);
    return fail(ErrorCode::kPreflightFailed,
                text("a process of it ended unasked: ",
                     rest.substr(0, std::min(rest.find('\n'), kMaxShown))));
  }
  return {};
}

base::Status Candidate::wait_until_it_serves() {
  const aesm::Client client(options_.socket, 2s);
  const Deadline deadline(kServesWithin);
  while (deadline.left() > 0ms) {
    if (const auto ended = process_.ended()) {
      const auto report = process_.control().receive();
      if (report && *report && (*report)->failure) return fail(*(*report)->failure);
      return fail(ErrorCode::kPreflightFailed, text("the candidate ", ended->text()));
    }
    if (client.call(aesm::GetSupportedAttKeyIdNumRequest{.timeout = std::nullopt})) return {};
    std::this_thread::sleep_for(kLookEvery);
  }
  return fail(ErrorCode::kPreflightFailed,
              text("the candidate does not answer ", kServesWithin.count(), " ms after its start"));
}

base::Status Candidate::wait_until_it_can_quote() const {
  const aesm::Client client(options_.socket);
  const Deadline deadline(kQuotesWithin);
  for (;;) {
    const auto ready = client.init_quote();
    if (ready) return {};
    if (deadline.left() == 0ms) return fail(ready.error());
    std::this_thread::sleep_for(kLookEvery);
  }
}

std::string Candidate::last_words() const {
  constexpr std::size_t kLines = 10;
  const auto log = base::read_file(log_, kMaxLog);
  if (!log) return {};
  std::string_view all = base::as_text(*log);
  std::size_t begin = all.size();
  for (std::size_t line = 0; line <= kLines && begin != std::string_view::npos; ++line) {
    begin = begin == 0 ? std::string_view::npos : all.rfind('\n', begin - 1);
  }
  return std::string(begin == std::string_view::npos ? all : all.substr(begin + 1));
}

}  // namespace quoted::app
