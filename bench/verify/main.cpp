// verify_bench: the processor time that verifying a quote takes, as a ratio to the ECDSA P-256
// verifications that it cannot do without. Everything runs in one thread of one process and takes
// turns within every round, so that what else the machine does meets all of it.
#include <time.h>

#include <charconv>
#include <cstdio>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/text.h"
#include "common/environment.h"
#include "common/statistics.h"
#include "verification/verifier.h"
#include "verify/c_abi.h"
#include "verify/many.h"
#include "verify/raw_verify.h"
#include "verify/referee.h"
#include "verify/workload.h"

namespace quoted::bench {
namespace {

using base::text;
using verification::PreparedCollateral;
using verification::Verdict;
using verification::Verifier;
using verification::testing::VectorCase;

constexpr const char* kUsage =
    "usage: verify_bench [--rounds N] [--quotes N] [--case NAME] [--referee COMMAND]\n"
    "  --rounds  how often every case has its turn (31)\n"
    "  --quotes  quotes in a turn (100)\n"
    "  --case    only the case with this name, for a profiler\n"
    "  --referee a command that times another verifier; see verify/referee.h\n";

// In proportion to those of a turn, so that small counts stay small.
constexpr std::size_t kQuotesAtOnce = 40;

struct Options {
  int rounds = 31;
  int quotes = 100;
  std::string only;
  std::string referee;
};

double thread_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

void require_accepted(const Verdict& verdict) {
  if (verdict.refusal) throw std::runtime_error(verdict.refusal->summary());
}

void require_verified(const Verdict& verdict) {
  if (verdict.decision == verification::Decision::kVerified) return;
  throw std::runtime_error(verdict.refusal ? verdict.refusal->summary() : "not verified");
}

// A quote of Intel's hardware with Intel's collateral.
VectorCase genuine_case() {
  for (VectorCase& one : verification::testing::vector_cases()) {
    if (one.name == "sgx-v3-platform-sw-hardening") return std::move(one);
  }
  throw std::runtime_error("there is no recorded quote to measure");
}

// One way of verifying, and of how many raw verifications its time is a multiple.
struct Case {
  std::string_view name;
  int raw_verifies;
  std::function<void()> prepare;  // not measured
  std::function<void()> run;      // all quotes of a turn
  std::vector<double> microseconds = {};
};

double measure(const std::function<void()>& work) {
  const double before = thread_microseconds();
  work();
  return thread_microseconds() - before;
}

std::vector<Case> cases(Platform& platform, const Options& options) {
  const auto count = static_cast<std::size_t>(options.quotes);
  const auto quote = std::make_shared<base::Bytes>(platform.quote());
  const auto quotes = std::make_shared<std::vector<base::Bytes>>(platform.quotes(count));
  const auto fresh = std::make_shared<std::vector<base::Bytes>>();
  const auto warm = std::make_shared<Verifier>(platform.roots());
  const auto prepared = std::make_shared<PreparedCollateral>(
      PreparedCollateral::prepare(platform.collateral()).value());
  const auto at = platform.at();
  std::vector<Case> out;
  out.push_back({"warm", 1, nullptr, [=] {
                   for (const base::Bytes& one : *quotes) {
                     require_verified(warm->verify(one, *prepared, at, {}));
                   }
                 }});
  out.push_back({"new QE report of a known platform", 2,
                 [=, &platform] { *fresh = platform.quotes_of_new_keys(count); },
                 [=] {
                   for (const base::Bytes& one : *fresh) {
                     require_verified(warm->verify(one, *prepared, at, {}));
                   }
                 }});
  const auto intel = std::make_shared<Verifier>(platform.roots());
  out.push_back({"warm, Intel's rules", 1, nullptr, [=] {
                   for (std::size_t i = 0; i < count; ++i) {
                     require_verified(intel->verify(*quote, *prepared, at,
                                                    {.mode = verification::Mode::kIntel}));
                   }
                 }});
  const auto library = std::make_shared<CAbi>(platform);
  out.push_back({"warm, through the C interface", 1, nullptr, [=] {
                   for (const base::Bytes& one : *quotes) library->verify(one);
                 }});
  out.push_back({"new platform, known collateral", 3, nullptr, [=, &platform] {
                   for (std::size_t i = 0; i < count; ++i) {
                     const Verifier unknowing(platform.roots(), {.facts = 0});
                     require_verified(unknowing.verify(*quote, *prepared, at, {}));
                   }
                 }});
  out.push_back({"cold", 10, nullptr, [=, &platform] {
                   for (std::size_t i = 0; i < count; ++i) {
                     const Verifier cold(platform.roots());
                     const auto now_prepared =
                         PreparedCollateral::prepare(platform.collateral()).value();
                     require_verified(cold.verify(*quote, now_prepared, at, {}));
                   }
                 }});
  const VectorCase genuine = genuine_case();
  out.push_back({"cold, of Intel's hardware", 10, nullptr,
                 [=, bytes = genuine.file("quote.bin"), documents = genuine.collateral()] {
                   for (std::size_t i = 0; i < count; ++i) {
                     const Verifier cold({genuine.trusted_root()});
                     const auto now_prepared = PreparedCollateral::prepare(documents).value();
                     require_accepted(cold.verify(bytes, now_prepared, genuine.at,
                                                  {.mode = verification::Mode::kIntel}));
                   }
                 }});
  return out;
}

std::string result_line(const Case& one, const std::vector<double>& raw) {
  std::vector<double> baseline;
  for (const double value : raw) baseline.push_back(value * one.raw_verifies);
  const Spread ratio = spread_of(ratios(one.microseconds, baseline));
  const Spread time = spread_of(one.microseconds);
  const Spread base_time = spread_of(baseline);
  return text("  ", one.name, ":", std::string(36 - one.name.size(), ' '), fixed(ratio.median, 3),
              " x   of ", one.raw_verifies, " verifications (", fixed(time.median, 1), " us, ",
              fixed(base_time.median, 1), " us; ratios of single rounds ", fixed(ratio.lowest, 3),
              " to ", fixed(ratio.highest, 3), "; quietest rounds ",
              fixed(time.lowest / base_time.lowest, 3), " x)\n");
}

std::string referee_line(const std::string& command, const std::vector<double>& raw) {
  const RefereeTime referee = ask_referee(command, genuine_case());
  const double base_time = spread_of(raw).median;
  return text("  for scale, ", referee.name, ": ",
              fixed(referee.microseconds / (10 * base_time), 3), " x   of 10 verifications (",
              fixed(referee.microseconds, 1), " us)\n");
}

void run(const Options& options) {
  Platform platform;
  std::vector<Case> all = cases(platform, options);
  if (!options.only.empty()) {
    std::erase_if(all, [&](const Case& one) { return one.name != options.only; });
    if (all.empty()) throw std::invalid_argument(text("no case '", options.only, "'"));
  }
  std::vector<double> raw;
  verify_raw(1);
  for (int round = 0; round < options.rounds; ++round) {
    raw.push_back(measure([&] { verify_raw(static_cast<std::size_t>(options.quotes)); }) /
                  options.quotes);
    for (Case& one : all) {
      if (one.prepare) one.prepare();
      one.microseconds.push_back(measure(one.run) / options.quotes);
    }
  }
  std::string out =
      "Processor time to verify a quote, against the ECDSA P-256 verifications in it\n";
  out += "in force\n" + describe_environment();
  out += text("  medians of ", options.rounds, " rounds, ", options.quotes,
              " quotes of each case in a round, cases taking turns, one thread\n");
  out += "result\n";
  for (const Case& one : all) out += result_line(one, raw);
  if (!options.referee.empty()) out += referee_line(options.referee, raw);
  if (options.only.empty()) {
    out += "many quotes at once, each of a QE that is known\n" +
           measure_many(static_cast<std::size_t>(options.quotes) * kQuotesAtOnce);
  }
  std::fputs(out.c_str(), stdout);
}

int positive(std::string_view flag, std::string_view value) {
  int out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc() || end != value.data() + value.size() || out < 1) {
    throw std::invalid_argument(text(flag, " is '", value, "', expected 1 or more"));
  }
  return out;
}

Options parse(int argc, char** argv) {
  Options out;
  const std::map<std::string_view, int*> numbers = {{"--rounds", &out.rounds},
                                                    {"--quotes", &out.quotes}};
  const std::map<std::string_view, std::string*> texts = {{"--case", &out.only},
                                                          {"--referee", &out.referee}};
  for (int i = 1; i < argc; i += 2) {
    const auto named = texts.find(argv[i]);
    if (named != texts.end() && i + 1 < argc) {
      *named->second = argv[i + 1];
      continue;
    }
    const auto found = numbers.find(argv[i]);
    if (found == numbers.end() || i + 1 == argc) {
      throw std::invalid_argument(text("unknown or incomplete option '", argv[i], "'\n", kUsage));
    }
    *found->second = positive(argv[i], argv[i + 1]);
  }
  return out;
}

}  // namespace
}  // namespace quoted::bench

int main(int argc, char** argv) {
  try {
    quoted::bench::run(quoted::bench::parse(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "verify_bench: %s\n", error.what());
    return 1;
  }
}
