#include "base/error.h"

namespace quoted::base {

Error Error::with_context(std::string context) && {
  contexts_.push_back(std::move(context));
  return std::move(*this);
}

Error Error::with_peer_code(std::uint32_t code) && {
  peer_code_ = code;
  return std::move(*this);
}

std::string Error::summary() const {
  std::string out;
  for (auto context = contexts_.rbegin(); context != contexts_.rend(); ++context) {
    out += *context;
    out += ": ";
  }
  out += message_;
  return out;
}

std::string Error::explanation() const {
  const ErrorEntry& row = entry();
  std::string out = summary();
  out += "\n  cause:  ";
  out += row.cause;
  out += "\n  remedy: ";
  out += row.remedy;
  out += "\n  code:   ";
  out += row.id;
  out += ' ';
  out += row.name;
  return out;
}

}  // namespace quoted::base
