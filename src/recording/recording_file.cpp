#include "recording/recording_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/text.h"

namespace quoted::recording {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

Result<RecordingFile> RecordingFile::create(const std::filesystem::path& path) {
  base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    const std::string_view hint = errno == EEXIST ? "; a recording is never overwritten" : "";
    return fail(ErrorCode::kFileUnwritable,
                text("cannot make ", path.native(), ": ", base::errno_text(errno), hint));
  }
  RecordingFile out(path, std::move(fd));
  QUOTED_CHECK(out.write_whole(header_line()));
  return out;
}

Status RecordingFile::append(const Event& event) {
  const std::string line = event_line(event);
  if (size_ + line.size() > kMaxRecordingSize) {
    return fail(ErrorCode::kFileUnwritable,
                text(path_.native(), " has ", size_, " bytes, and a recording has at most ",
                     kMaxRecordingSize, "; it is whole up to here"));
  }
  if (events_ == kMaxRecordingEvents) {
    return fail(ErrorCode::kFileUnwritable,
                text(path_.native(), " has ", events_,
                     " events, and a recording has no more; it is whole up to here"));
  }
  QUOTED_CHECK(write_whole(line));
  ++events_;
  return {};
}

Status RecordingFile::write_whole(std::string_view line) {
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_.get(), rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      const int error = errno;
      const bool whole = ::ftruncate(fd_.get(), static_cast<off_t>(size_)) == 0;
      return fail(ErrorCode::kFileUnwritable,
                  text("cannot write to ", path_.native(), ": ", base::errno_text(error),
                       whole ? "" : "; its last line is cut off"));
    }
  }
  size_ += line.size();
  return {};
}

}  // namespace quoted::recording
