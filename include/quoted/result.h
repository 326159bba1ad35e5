// What every function of libquoted answers: a value, or an error in words.
//
// The C++ interface of libquoted is in namespace quoted: result.h, client.h, quote.h, verify.h. It
// needs C++23 and tl::expected (Debian: libexpected-dev). No exception leaves it but
// std::bad_alloc. It keeps no global state; different objects may be used by different threads, and
// what is const by several at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace quoted {

struct Error {
  std::string id;       // "QD4005": stable; docs/errors.md has them all
  std::string name;     // "SOCKET_MISSING": as stable
  std::string message;  // one sentence, with what was observed and expected
  std::string cause;    // the likely one
  std::string remedy;
  std::uint32_t service_code = 0;  // aesm_error_t, where the service refused with one

  // All of it, for people.
  [[nodiscard]] std::string explanation() const {
    return message + "; likely cause: " + cause + "; remedy: " + remedy + " [" + id + ']';
  }
};

template <class T>
using Result = tl::expected<T, Error>;

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// SGX structures as the processor and the AESM service have them.
inline constexpr std::size_t kReportSize = 432;
inline constexpr std::size_t kTargetInfoSize = 512;
inline constexpr std::size_t kNonceSize = 16;

}  // namespace quoted
