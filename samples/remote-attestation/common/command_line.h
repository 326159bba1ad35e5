// What the command lines of both programs have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "common/channel.h"
#include "common/transcript.h"

namespace quoted::sample {

// Exit codes, as quotectl has them.
enum class ExitCode : int {
  kSuccess = 0,  // the secret was handed over
  kRefused = 2,  // the relying party refused
  kError = 3,    // the protocol was not carried out
};

inline constexpr Milliseconds kDefaultTimeout = std::chrono::seconds(20);

// Empty when the program should run, else the help. InvalidArgument for a bad command line.
[[nodiscard]] base::Result<std::string> parse_or_help(CLI::App& app, int argc,
                                                      const char* const* argv);

void add_timeout_option(CLI::App& app, long& milliseconds);

// 0 to an hour.
[[nodiscard]] base::Result<Milliseconds> parse_timeout(std::string_view flag, long milliseconds);

// Runs what main has to do: an error goes to standard error and gives kError.
[[nodiscard]] int run_program(const Transcript& tell,
                              const std::function<base::Result<ExitCode>()>& program);

template <class T>
[[nodiscard]] base::Result<T> parse_measurement(std::string_view flag, std::string_view digits) {
  auto out = T::parse_hex(digits);
  if (!out) return base::fail(std::move(out).error().with_context(std::string(flag)));
  return out;
}

}  // namespace quoted::sample
