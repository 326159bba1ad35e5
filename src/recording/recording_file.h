// A recording as it is written: events go to the file one by one, each as a whole, so that the file
// can be read at any moment and whatever ends the recorder.
#pragma once

#include <filesystem>

#include "base/unique_fd.h"
#include "recording/event.h"

namespace quoted::recording {

class RecordingFile {
 public:
  // Makes the file, readable by its owner only: REPORTs tell what runs on a machine. FileUnwritable
  // also when it exists, for nobody can make a recording again.
  [[nodiscard]] static base::Result<RecordingFile> create(const std::filesystem::path& path);

  // FileUnwritable when the disk does not take the event or the file would grow beyond
  // kMaxRecordingSize or kMaxRecordingEvents; the file then ends with the event before.
  [[nodiscard]] base::Status append(const Event& event);

 private:
  RecordingFile(std::filesystem::path path, base::UniqueFd fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}

  [[nodiscard]] base::Status write_whole(std::string_view line);

  std::filesystem::path path_;
  base::UniqueFd fd_;
  std::size_t size_ = 0;
  std::size_t events_ = 0;
};

}  // namespace quoted::recording
