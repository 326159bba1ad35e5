#include "service/certifier_process.h"

#include <algorithm>

#include "telemetry/names.h"

namespace quoted::service {
namespace {

namespace event = telemetry::event;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kFirstPause{1};
constexpr seconds kLongestPause{60};
// One that ran so long did not fail because of what it was started with.
constexpr seconds kLongRun{60};

}  // namespace

void CertifierProcess::start() {
  if (!main_) return;
  start_at_.reset();
  started_ = steady_clock::now();
  auto process = ChildProcess::start([this](const ControlChannel&) { return main_(); });
  if (process) {
    process_ = std::move(*process);
    return;
  }
  logger_.error(event::kCertifierCrashed, process.error().summary());
  start_at_ = started_ + kLongestPause;
}

void CertifierProcess::handle_end_and_time() {
  if (process_) {
    const auto status = process_->ended();
    if (!status) return;
    process_.reset();
    const auto now = steady_clock::now();
    if (now - started_ >= kLongRun) failures_ = 0;
    const seconds pause = std::min(kLongestPause, kFirstPause * (1U << std::min(failures_, 10U)));
    ++failures_;
    start_at_ = now + pause;
    logger_.error(event::kCertifierCrashed,
                  "the certifier process ended unasked; quotes go on, certificates are not "
                  "refreshed until it is back",
                  {{"how", status->text()}, {"again_in_seconds", pause.count()}});
  }
  if (start_at_ && steady_clock::now() >= *start_at_) start();
}

}  // namespace quoted::service
