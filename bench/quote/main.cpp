// quote_bench: the processor time that quoted takes for a quote on the simulated platform, as a
// ratio to a bare loop that signs and does nothing else. Servers are processes of their own and
// take turns within every round, so that what else the machine does meets all of them.
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/text.h"
#include "common/environment.h"
#include "common/statistics.h"
#include "quote/load.h"
#include "quote/measured_server.h"

namespace quoted::bench {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

constexpr const char* kUsage =
    "usage: quote_bench --quoted PROGRAM --baseline PROGRAM [--rounds N] [--requests N] "
    "[--warm-up N] [--threads N]\n"
    "  --rounds    how often every server has its turn (31)\n"
    "  --requests  quotes in a turn (300)\n"
    "  --warm-up   quotes of each server before anything is measured (200)\n"
    "  --threads   event loops of quoted; without it quoted's default, one per processor\n";

struct Options {
  std::string quoted;
  std::string baseline;
  int rounds = 31;
  int requests = 300;
  int warm_up = 200;
  int threads = 0;  // 0: the daemon's default
};

Result<int> positive(std::string_view flag, std::string_view value) {
  int out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc() || end != value.data() + value.size() || out < 1) {
    return fail(ErrorCode::kInvalidArgument, text(flag, " is '", value, "', expected 1 or more"));
  }
  return out;
}

Result<Options> parse(int argc, char** argv) {
  Options out;
  const std::map<std::string_view, std::string*> texts = {{"--quoted", &out.quoted},
                                                          {"--baseline", &out.baseline}};
  const std::map<std::string_view, int*> numbers = {{"--rounds", &out.rounds},
                                                    {"--requests", &out.requests},
                                                    {"--warm-up", &out.warm_up},
                                                    {"--threads", &out.threads}};
  for (int i = 1; i < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (i + 1 == argc) return fail(ErrorCode::kInvalidArgument, text(flag, " has no value"));
    if (const auto found = texts.find(flag); found != texts.end()) {
      *found->second = argv[i + 1];
    } else if (const auto number = numbers.find(flag); number != numbers.end()) {
      QUOTED_TRY(*number->second, positive(flag, argv[i + 1]));
    } else {
      return fail(ErrorCode::kInvalidArgument, text("unknown argument '", flag, "'"));
    }
  }
  if (out.quoted.empty() || out.baseline.empty()) {
    return fail(ErrorCode::kInvalidArgument, "--quoted and --baseline are needed");
  }
  return out;
}

// Removed at the end, whatever is in it.
class Directory {
 public:
  Directory() {
    std::string pattern = std::filesystem::temp_directory_path() / "quote-bench-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
    path_ = pattern;
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// One server and how it is asked.
struct Contender {
  MeasuredServer& server;
  std::string socket;
  Connections connections;
  std::vector<double> microseconds;  // a quote, one value a round
};

Status take_turn(Contender& contender, const Exchange& exchange, int requests) {
  QUOTED_TRY(const auto before, contender.server.cpu_time());
  QUOTED_CHECK(ask(contender.socket, exchange, contender.connections, requests));
  QUOTED_TRY(const auto after, contender.server.cpu_time());
  const std::chrono::duration<double, std::micro> used = after - before;
  contender.microseconds.push_back(used.count() / requests);
  return {};
}

void print(const std::string& words) {
  (void)std::fputs(words.c_str(), stdout);
  (void)std::fflush(stdout);
}

// Beside the medians the quietest rounds, which a machine that does other work disturbed least.
void print_comparison(std::string_view name, const Contender& daemon, const Contender& bare) {
  const Spread ratio = spread_of(ratios(daemon.microseconds, bare.microseconds));
  const Spread ours = spread_of(daemon.microseconds);
  const Spread least = spread_of(bare.microseconds);
  print(text("  ", name, fixed(ratio.median, 3), " x   (quoted ", fixed(ours.median, 1),
             " us, bare loop ", fixed(least.median, 1), " us; ratios of single rounds ",
             fixed(ratio.lowest, 3), " to ", fixed(ratio.highest, 3), "; quietest rounds ",
             fixed(ours.lowest, 1), " us and ", fixed(least.lowest, 1), " us, ",
             fixed(ours.lowest / least.lowest, 3), " x)\n"));
}

Status measure(const Options& options) {
  const Directory directory;
  const std::string log = directory / "log";
  const std::string socket = directory / "aesm.socket";
  const std::string threads = std::to_string(options.threads);
  const std::vector<std::string> daemon_command = {
      options.quoted,      "--platform",  "simulated", "--socket",  socket, "--state-dir",
      directory / "state", "--log-level", "info",      "--threads", threads};
  QUOTED_TRY(MeasuredServer daemon, MeasuredServer::start(daemon_command, log));
  QUOTED_TRY(const Exchange exchange, prepare(socket));

  const auto start_bare = [&](const std::string& mode) {
    return MeasuredServer::start(
        {options.baseline, directory / mode, mode, std::to_string(exchange.request.size()),
         std::to_string(exchange.answer_size)},
        log);
  };
  QUOTED_TRY(MeasuredServer closing, start_bare("close"));
  QUOTED_TRY(MeasuredServer keeping, start_bare("keep"));

  Contender daemon_each{daemon, socket, Connections::kOneEach, {}};
  Contender bare_each{closing, directory / "close", Connections::kOneEach, {}};
  Contender daemon_kept{daemon, socket, Connections::kOneForAll, {}};
  Contender bare_kept{keeping, directory / "keep", Connections::kOneForAll, {}};
  const std::array<Contender*, 4> all = {&daemon_each, &bare_each, &daemon_kept, &bare_kept};

  for (Contender* const each : all) {
    QUOTED_CHECK(wait_for(each->socket));
    QUOTED_CHECK(ask(each->socket, exchange, each->connections, options.warm_up));
  }
  for (int round = 0; round < options.rounds; ++round) {
    for (Contender* const each : all) QUOTED_CHECK(take_turn(*each, exchange, options.requests));
  }

  print(text("Server processor time per quote, quoted against a bare accept-read-sign-write loop\n",
             "in force\n", "  daemon: quoted ", QUOTED_VERSION,
             " --platform simulated --log-level info (JSON, to a file) --threads ", threads,
             options.threads == 0 ? " (one per processor)" : "", ", else defaults; ",
             daemon.processes(), " processes, all counted\n",
             "  not in this version, so not in the number: tenants, policy, audit, metrics\n",
             "  keep-alive: offered by the daemon, used in the second line only\n",
             "  client: one, in a process of its own, one request at a time\n",
             "  messages: request ", exchange.request.size(), " bytes, answer ",
             exchange.answer_size, " bytes, the same for all\n", describe_environment(),
             "  medians of ", options.rounds, " rounds, ", options.requests,
             " quotes of each server in a round, servers taking turns\n", "result\n"));
  print_comparison("a connection each:  ", daemon_each, bare_each);
  print_comparison("connection kept:    ", daemon_kept, bare_kept);
  return {};
}

int run(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) {
    (void)std::fputs(text("quote_bench: ", options.error().message(), '\n', kUsage).c_str(),
                     stderr);
    return 2;
  }
  if (const auto measured = measure(*options); !measured) {
    (void)std::fputs(text("quote_bench: ", measured.error().summary(), '\n').c_str(), stderr);
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace quoted::bench

int main(int argc, char** argv) {
  try {
    return quoted::bench::run(argc, argv);
  } catch (const std::exception& defect) {
    (void)std::fputs(defect.what(), stderr);
    return 1;
  }
}
