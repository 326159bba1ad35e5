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
#include "verify/raw_verify.h"
#include "verify/workload.h"

namespace quoted::bench {
namespace {

using base::text;
using verification::PreparedCollateral;
using verification::Verdict;
using verification::Verifier;

constexpr const char* kUsage =
    "usage: verify_bench [--rounds N] [--quotes N] [--case NAME]\n"
    "  --rounds  how often every case has its turn (31)\n"
    "  --quotes  quotes in a turn (100)\n"
    "  --case    only the case with this name, for a profiler\n";

struct Options {
  int rounds = 31;
  int quotes = 100;
  std::string only;
};

double thread_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

void require_verified(const Verdict& verdict) {
  if (verdict.decision == verification::Decision::kVerified) return;
  throw std::runtime_error(verdict.refusal ? verdict.refusal->summary() : "not verified");
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
  const auto fresh = std::make_shared<std::vector<base::Bytes>>();
  const auto warm = std::make_shared<Verifier>(platform.roots());
  const auto prepared = std::make_shared<PreparedCollateral>(
      PreparedCollateral::prepare(platform.collateral()).value());
  const auto at = platform.at();
  std::vector<Case> out;
  out.push_back({"warm", 1, nullptr, [=] {
                   for (std::size_t i = 0; i < count; ++i) {
                     require_verified(warm->verify(*quote, *prepared, at, {}));
                   }
                 }});
  out.push_back({"new QE report of a known platform", 2,
                 [=, &platform] { *fresh = platform.quotes_of_new_keys(count); },
                 [=] {
                   for (const base::Bytes& one : *fresh) {
                     require_verified(warm->verify(one, *prepared, at, {}));
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
  std::string out = "Processor time to verify a quote, against the ECDSA P-256 verifications in it\n";
  out += "in force\n" + describe_environment();
  out += text("  medians of ", options.rounds, " rounds, ", options.quotes,
              " quotes of each case in a round, cases taking turns, one thread\n");
  out += "result\n";
  for (const Case& one : all) out += result_line(one, raw);
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
  for (int i = 1; i < argc; i += 2) {
    if (std::string_view(argv[i]) == "--case" && i + 1 < argc) {
      out.only = argv[i + 1];
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
