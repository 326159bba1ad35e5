// Whole files, read with a bound and written so that a reader never sees half of one.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::base {

// Reads at most `max_size` bytes; a larger file is WrongSize, any other trouble FileUnreadable.
// Follows symbolic links; refuses directories; never blocks on a FIFO without a writer.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_size);

// Writes beside `path` and renames over it, so that `path` holds the old or the new content and
// never a part. FileUnwritable leaves no trace. With `durable` the data is flushed to disk first.
[[nodiscard]] Status write_file(const std::filesystem::path& path, ByteView content, mode_t mode,
                                bool durable = false);

// "No such file or directory" for ENOENT; thread-safe.
[[nodiscard]] std::string errno_text(int error);

}  // namespace quoted::base
