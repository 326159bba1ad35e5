// The daemon that a preflight judges: this program with these options, in a process of its own, its
// socket, state and published files in a directory that nobody else uses.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "quoted/options.h"
#include "service/child_process.h"
#include "service/supervisor.h"

namespace quoted::app {

using Serve = std::function<base::Result<service::ExitCode>(const Options&)>;

class Candidate {
 public:
  // Works on a copy of the state. Serves requests when it returns; whether it can quote is another
  // question. The caller has no threads. Errors are those of a start.
  [[nodiscard]] static base::Result<std::unique_ptr<Candidate>> start(
      const Options& options, const Serve& serve, const std::filesystem::path& directory);

  Candidate(const Candidate&) = delete;
  Candidate& operator=(const Candidate&) = delete;
  // Stops it if it still runs.
  ~Candidate();

  // As it was started.
  [[nodiscard]] const Options& options() const { return options_; }

  // Why it cannot quote, when it still cannot after a while.
  [[nodiscard]] base::Status wait_until_it_can_quote() const;

  // Stops it in order, or by force after a while. Fails when it has not stopped in order, or when
  // one of its processes has ended unasked before: a crash is an answer to many a hostile request.
  [[nodiscard]] base::Status stop();

  // The end of what it logged.
  [[nodiscard]] std::string last_words() const;

 private:
  Candidate(Options options, std::filesystem::path log, service::ChildProcess process)
      : options_(std::move(options)), log_(std::move(log)), process_(std::move(process)) {}
  [[nodiscard]] base::Status wait_until_it_serves();
  [[nodiscard]] base::Status look_for_crashes() const;

  Options options_;
  std::filesystem::path log_;
  service::ChildProcess process_;
};

}  // namespace quoted::app
