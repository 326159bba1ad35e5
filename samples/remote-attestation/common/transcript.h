// The story that a program tells on standard output, one line at a time. The steps of the two
// programs are numbered together, so that their lines, mixed in one terminal, read as one protocol.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::sample {

class Transcript {
 public:
  explicit Transcript(std::string_view who) : who_(who) {}

  // "who | 3. sentence"
  void step(int number, std::string_view sentence) const;
  // "who |    sentence", which belongs to the step above.
  void detail(std::string_view sentence) const;
  // To standard error: "who | ERROR: sentence (code)".
  void error(const base::Error& error) const;

 private:
  std::string who_;
};

// `hostile` with everything that is not printable ASCII replaced, so that a peer cannot write
// control sequences to a terminal.
[[nodiscard]] std::string printable(std::string_view hostile);

// The first bytes, as hexadecimal digits and "...": enough to recognise a value.
[[nodiscard]] std::string short_hex(base::ByteView bytes);

}  // namespace quoted::sample
