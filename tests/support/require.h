// Tests that need something this machine may lack. Absence is a failure, unless ALLOW_SKIP names
// the need with a reason; then the test is skipped and listed at the end of ./test.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace quoted::test {

// The reason that `allow_skip` ("need=reason;need=reason") gives for `need`. A need without a
// reason does not count.
inline std::optional<std::string> allowed_skip(std::string_view need, std::string_view allow_skip) {
  while (!allow_skip.empty()) {
    const std::size_t end = allow_skip.find(';');
    const std::string_view entry = allow_skip.substr(0, end);
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos && entry.substr(0, equals) == need &&
        equals + 1 < entry.size()) {
      return std::string(entry.substr(equals + 1));
    }
    if (end == std::string_view::npos) break;
    allow_skip.remove_prefix(end + 1);
  }
  return std::nullopt;
}

// Appends to the list that ./test prints.
inline void record_skip(std::string_view test, std::string_view need, std::string_view reason) {
  const char* const path = std::getenv("QUOTED_SKIP_LOG");
  if (path == nullptr) return;
  if (std::FILE* const file = std::fopen(path, "a"); file != nullptr) {
    std::fprintf(file, "%.*s needs %.*s: %.*s\n", static_cast<int>(test.size()), test.data(),
                 static_cast<int>(need.size()), need.data(), static_cast<int>(reason.size()),
                 reason.data());
    std::fclose(file);
  }
}

}  // namespace quoted::test

// Inside a TEST body: goes on when `present`, else skips with leave or fails without.
#define QUOTED_REQUIRE(need, present)                                                             \
  do {                                                                                            \
    if (!(present)) {                                                                             \
      const char* const quoted_allow = std::getenv("ALLOW_SKIP");                                 \
      const auto quoted_reason =                                                                  \
          ::quoted::test::allowed_skip(need, quoted_allow == nullptr ? "" : quoted_allow);        \
      if (!quoted_reason) {                                                                       \
        FAIL() << "this test needs " << (need) << "; to skip it: ALLOW_SKIP='" << (need)          \
               << "=why' ./test";                                                                 \
      }                                                                                           \
      ::quoted::test::record_skip(                                                                \
          ::testing::UnitTest::GetInstance()->current_test_info()->name(), need, *quoted_reason); \
      GTEST_SKIP() << "needs " << (need) << ": " << *quoted_reason;                               \
    }                                                                                             \
  } while (false)
