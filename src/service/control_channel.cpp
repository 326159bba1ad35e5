#include "service/control_channel.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "base/bytes.h"
#include "base/file.h"
#include "base/text.h"

namespace quoted::service {

using base::ErrorCode;
using base::fail;
using base::text;

namespace {

// A report is one byte, then for a failure the error code and its sentence.
constexpr char kReady = 'R';
constexpr char kFailed = 'F';
constexpr std::size_t kMaxReport = 4096;

std::string serialize(const StartReport& report) {
  if (!report.failure) return {kReady};
  std::string out(1, kFailed);
  out += static_cast<char>(report.failure->code());
  out += report.failure->summary();
  return out.substr(0, kMaxReport);
}

base::Result<StartReport> parse(std::string_view message) {
  if (message.size() == 1 && message[0] == kReady) return StartReport{};
  const bool failed = message.size() >= 2 && message[0] == kFailed;
  if (failed && static_cast<unsigned char>(message[1]) < base::error_table().size()) {
    return StartReport{
        base::Error(static_cast<ErrorCode>(message[1]), std::string(message.substr(2)))};
  }
  return fail(ErrorCode::kMalformed,
              text("a report of ", message.size(), " bytes is not one of a child process"));
}

}  // namespace

base::Result<std::pair<ControlChannel, ControlChannel>> ControlChannel::create() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(ErrorCode::kSocketFailure,
                text("cannot make a control channel: ", base::errno_text(errno)));
  }
  return std::pair(ControlChannel(base::UniqueFd(ends[0])),
                   ControlChannel(base::UniqueFd(ends[1])));
}

void ControlChannel::send(const StartReport& report) const {
  const std::string message = serialize(report);
  while (::send(fd_.get(), message.data(), message.size(), MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

base::Result<std::optional<StartReport>> ControlChannel::receive() const {
  std::array<char, kMaxReport> buffer{};
  const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (got < 0) {
    return fail(ErrorCode::kPeerClosed,
                text("the control channel broke: ", base::errno_text(errno)));
  }
  if (got == 0) return fail(ErrorCode::kPeerClosed, "the child process closed its channel");
  QUOTED_TRY(StartReport report, parse({buffer.data(), static_cast<std::size_t>(got)}));
  return report;
}

}  // namespace quoted::service
