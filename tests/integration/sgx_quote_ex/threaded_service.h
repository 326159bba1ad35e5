// A service in the test's own process that serves every connection in a thread of its own, by a
// script, and takes its socket away when it ends. Beside aesm::test::FakeService, which serves one
// after the other.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "aesm/testing/fake_service.h"
#include "base/unique_fd.h"

namespace quoted::test {

class ThreadedService {
 public:
  using Script = std::function<void(aesm::test::ServedConnection)>;

  ThreadedService(const std::filesystem::path& socket, Script script)
      : socket_(socket),
        script_(std::move(script)),
        listener_(aesm::test::listen_on(socket, SOMAXCONN)),
        acceptor_([this] { accept_all(); }) {}
  ThreadedService(const ThreadedService&) = delete;
  ThreadedService& operator=(const ThreadedService&) = delete;
  ~ThreadedService() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    for (std::thread& server : servers_) server.join();
    std::error_code ignored;
    std::filesystem::remove(socket_, ignored);
  }

  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0 && (errno == EINTR || errno == EAGAIN || errno == EMFILE)) continue;
      if (fd < 0) return;
      const int index = connections_++;
      servers_.emplace_back([this, fd, index] {
        const base::UniqueFd connection(fd);
        script_(aesm::test::ServedConnection(fd, index));
      });
    }
  }

  std::filesystem::path socket_;
  Script script_;
  base::UniqueFd listener_;
  std::atomic<int> connections_ = 0;
  std::vector<std::thread> servers_;
  std::thread acceptor_;
};

}  // namespace quoted::test
