#include "common/environment.h"

#include <openssl/crypto.h>
#include <sys/utsname.h>

#include <fstream>
#include <string_view>
#include <thread>

#include "base/text.h"

namespace quoted::bench {
namespace {

using base::text;

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    constexpr std::string_view kKey = "model name";
    const std::size_t colon = line.find(": ");
    if (line.starts_with(kKey) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string first_line_of(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string kernel() {
  utsname names{};
  if (::uname(&names) != 0) return "unknown";
  return text(std::string_view(names.sysname), ' ', std::string_view(names.release), ' ',
              std::string_view(names.machine));
}

std::string compiler() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

std::string build() {
  const std::string_view sanitizers = QUOTED_SANITIZERS;
  return text(QUOTED_BUILD_TYPE,
#ifdef __OPTIMIZE__
              ", optimised",
#else
              ", NOT OPTIMISED",
#endif
              sanitizers.empty() ? "" : ", sanitizers ", sanitizers);
}

std::string line(std::string_view name, std::string_view value) {
  return text("  ", name, ": ", value, '\n');
}

}  // namespace

std::string describe_environment() {
  return line("processor",
              text(cpu_model(), ", ", std::thread::hardware_concurrency(), " logical processors")) +
         line("kernel", kernel()) + line("load average", first_line_of("/proc/loadavg")) +
         line("compiler", compiler()) + line("build", build()) +
         line("cryptography", OpenSSL_version(OPENSSL_VERSION));
}

}  // namespace quoted::bench
