// Another process that uses enclave memory of a node, until it is killed.
#pragma once

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <vector>

#include "base/unique_fd.h"
#include "simulation/epc/epc_ledger.h"

namespace quoted::simulation::test {

class EpcHost {
 public:
  EpcHost(const std::filesystem::path& ledger, std::vector<std::uint64_t> charges) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
    base::UniqueFd from_child(ends[0]);
    base::UniqueFd to_parent(ends[1]);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      from_child.reset();
      be_host(ledger, charges, to_parent.get());
    }
    to_parent.reset();
    char answer = 0;
    charged_ = ::read(from_child.get(), &answer, 1) == 1 && answer == 'y';
  }
  EpcHost(const EpcHost&) = delete;
  EpcHost& operator=(const EpcHost&) = delete;
  ~EpcHost() { kill(); }

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool charged() const { return charged_; }

  // kill -9, and gone when this returns.
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  [[noreturn]] static void be_host(const std::filesystem::path& path,
                                   const std::vector<std::uint64_t>& charges, int answer_to) {
    const auto ledger = EpcLedger::open(path);
    std::vector<std::shared_ptr<const EpcCharge>> held;
    bool all = ledger.has_value();
    for (const std::uint64_t bytes : charges) {
      if (!all) break;
      auto charge = (*ledger)->charge(bytes, "the test");
      all = charge.has_value();
      if (all) held.push_back(*std::move(charge));
    }
    const char answer = all ? 'y' : 'n';
    if (::write(answer_to, &answer, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }

  pid_t pid_ = 0;
  bool charged_ = false;
};

}  // namespace quoted::simulation::test
