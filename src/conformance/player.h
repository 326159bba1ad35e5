// Has every client's conversations with a daemon and tells, step by step, whether each client would
// have got what it needs.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "conformance/corpus.h"
#include "conformance/judge.h"
#include "sgx/report.h"

namespace quoted::conformance {

// A REPORT by some enclave on the daemon's machine for this target.
using ReportMaker = std::function<base::Result<sgx::Report>(const sgx::TargetInfo&)>;

struct PlayOptions {
  std::filesystem::path socket;
  ReportMaker make_report;  // empty: steps that need a REPORT are not run
  Witnesses witnesses;
  bool hostile = true;    // steps that may harm the daemon are played
  bool has_epid = false;  // steps that only a daemon without EPID answers so are not run
  std::chrono::milliseconds timeout{15'000};  // for each answer; that of Intel's client
  std::chrono::milliseconds total{240'000};   // for all of them
};

struct StepResult {
  enum class Outcome : std::uint8_t {
    kPassed,
    kAdvised,  // not as the corpus has it, and no client minds
    kFailed,
    kNotRun,  // findings say why
  };
  std::string client;
  std::string conversation;
  std::string step;
  Outcome outcome = Outcome::kPassed;
  std::vector<std::string> findings;
};

// One result a step, in the order of the corpus. A daemon that leaves several answers in a row out
// is asked no more, and the rest has failed when all of them together take too long. Fails when
// nobody listens, before anything is played.
[[nodiscard]] base::Result<std::vector<StepResult>> play(const Corpus& corpus,
                                                         const PlayOptions& options);

}  // namespace quoted::conformance
