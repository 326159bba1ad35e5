// Words of a library on standard error, which belongs to the program that it is a part of.
#pragma once

namespace quoted::base {

// "<who>: <message>" and a line end in one write, so that lines of several threads do not mix. No
// signal is raised when nobody reads; what cannot be written is lost.
void write_stderr_line(const char* who, const char* message) noexcept;

}  // namespace quoted::base
