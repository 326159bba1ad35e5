#include "common/transcript.h"

#include <algorithm>
#include <cstdio>

#include "base/hex.h"
#include "base/text.h"

namespace quoted::sample {
namespace {

using base::text;

constexpr std::size_t kColumn = 13;
constexpr std::size_t kRecognisable = 8;

// At once, before the message it is about leaves: the other side's next line then stands below it.
void write_line(std::FILE* stream, std::string_view who, const std::string& rest) {
  std::string line(who);
  line.resize(std::max(line.size(), kColumn), ' ');
  line += text(" | ", rest, '\n');
  std::fputs(line.c_str(), stream);
  std::fflush(stream);
}

}  // namespace

void Transcript::step(int number, std::string_view sentence) const {
  write_line(stdout, who_, text(number < 10 ? " " : "", number, ". ", sentence));
}

void Transcript::detail(std::string_view sentence) const {
  write_line(stdout, who_, text("    ", sentence));
}

void Transcript::error(const base::Error& error) const {
  write_line(
      stderr, who_,
      text("ERROR: ", error.summary(), " (", error.entry().id, ' ', error.entry().name, ')'));
}

std::string printable(std::string_view hostile) {
  std::string out(hostile);
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

std::string short_hex(base::ByteView bytes) {
  return base::to_hex(bytes.first(std::min(bytes.size(), kRecognisable))) + "...";
}

}  // namespace quoted::sample
