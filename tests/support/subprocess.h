// Real programs as tests start them: with arguments, an environment and a bound in time, their
// output caught. A program never outlives the test that started it.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace quoted::test {

// Added to this process's own environment; an empty value removes the name.
using Environment = std::map<std::string, std::string>;

struct ProcessResult {
  int exit_code = 0;  // 128 + signal number when a signal ended it
  std::string out;
  std::string err;
};

class Process {
 public:
  // Starts argv[0]. Its input is empty. `stdout_fd`, when given, takes its output instead of out().
  // A program that cannot be started ends with 127.
  explicit Process(const std::vector<std::string>& argv, const Environment& environment = {},
                   int stdout_fd = -1)
      : name_(argv.at(0)), out_(catcher()), err_(catcher()) {
    std::vector<char*> arguments = pointers_to(argv);
    const std::vector<std::string> variables = merged(environment);
    std::vector<char*> variable_pointers = pointers_to(variables);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("cannot fork for " + name_);
    if (pid_ > 0) return;
    // Only what is safe between fork and exec follows.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    const int input = ::open("/dev/null", O_RDONLY);
    ::dup2(input, STDIN_FILENO);
    ::dup2(stdout_fd >= 0 ? stdout_fd : out_.get(), STDOUT_FILENO);
    ::dup2(err_.get(), STDERR_FILENO);
    ::execve(name_.c_str(), arguments.data(), variable_pointers.data());
    ::_exit(127);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (running()) {
      signal(SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  [[nodiscard]] pid_t pid() const { return pid_; }

  // What it has written up to now.
  [[nodiscard]] std::string out() const { return content(out_.get()); }
  [[nodiscard]] std::string err() const { return content(err_.get()); }

  [[nodiscard]] bool running() {
    if (ended_) return false;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == 0) return true;
    ended_ = true;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return false;
  }

  void signal(int number) {
    if (running()) ::kill(pid_, number);
  }

  // The exit code. Throws, with what the program said, when it does not end in time.
  int wait(std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    if (!eventually([this] { return !running(); }, timeout)) {
      throw std::runtime_error(name_ + " did not end in time; it said: " + out() + err());
    }
    return exit_code_;
  }

  // Asks it to end, as an init system would, and waits.
  int terminate(std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    signal(SIGTERM);
    return wait(timeout);
  }

  // True as soon as `condition` holds, false when it does not within `timeout`.
  template <class Condition>
  static bool eventually(const Condition& condition, std::chrono::milliseconds timeout) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

 private:
  // A file in memory never blocks the writer and needs nobody to drain it.
  static base::UniqueFd catcher() {
    base::UniqueFd fd(::memfd_create("output", MFD_CLOEXEC));
    if (!fd.valid()) throw std::runtime_error("cannot make a file for the output");
    return fd;
  }

  static std::string content(int fd) {
    std::string all;
    std::array<char, 4096> chunk{};
    for (;;) {
      const ssize_t got = ::pread(fd, chunk.data(), chunk.size(), static_cast<off_t>(all.size()));
      if (got <= 0) return all;
      all.append(chunk.data(), static_cast<std::size_t>(got));
    }
  }

  static std::vector<std::string> merged(Environment environment) {
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string variable(*entry);
      const std::size_t equals = variable.find('=');
      environment.emplace(variable.substr(0, equals), variable.substr(equals + 1));
    }
    std::vector<std::string> out;
    for (const auto& [name, value] : environment) {
      if (!value.empty()) out.push_back(name + '=' + value);
    }
    return out;
  }

  // The strings must outlive what is returned.
  static std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
    std::vector<char*> out;
    for (const std::string& string : strings) out.push_back(const_cast<char*>(string.c_str()));
    out.push_back(nullptr);
    return out;
  }

  std::string name_;
  base::UniqueFd out_;
  base::UniqueFd err_;
  pid_t pid_ = -1;
  bool ended_ = false;
  int exit_code_ = 0;
};

// Runs a program to its end.
inline ProcessResult run(const std::vector<std::string>& argv, const Environment& environment = {},
                         std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
  Process process(argv, environment);
  ProcessResult result;
  result.exit_code = process.wait(timeout);
  result.out = process.out();
  result.err = process.err();
  return result;
}

}  // namespace quoted::test
