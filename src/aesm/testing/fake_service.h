// A service on a UNIX socket that does to each connection what a test tells it, in a thread of its
// own. For tests of clients.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/bytes.h"
#include "base/unique_fd.h"

namespace quoted::aesm::test {

// One accepted connection. Every wait ends after ten seconds, so that no test can hang.
class ServedConnection {
 public:
  ServedConnection(int fd, int index);

  // Counts from 0.
  [[nodiscard]] int index() const { return index_; }

  // The body of the request, or nothing when the client went away.
  base::Bytes read_request();

  // False when the client has gone.
  bool write(base::ByteView bytes);

  // Returns when the client has taken everything that was written, so that what is written next
  // arrives as a piece of its own.
  void wait_until_taken();

  void wait_until_client_closes();

 private:
  int fd_;
  int index_;
};

class FakeService {
 public:
  using Script = std::function<void(ServedConnection)>;

  FakeService(const std::filesystem::path& socket, Script script);
  FakeService(const FakeService&) = delete;
  FakeService& operator=(const FakeService&) = delete;
  ~FakeService();

  [[nodiscard]] int connections() const { return connections_; }

 private:
  void run(const Script& script);

  base::UniqueFd listener_;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

// A socket bound to `path`, listening with `backlog`; accepting from it waits ten seconds at most.
[[nodiscard]] base::UniqueFd listen_on(const std::filesystem::path& path, int backlog);

// A connection that does not wait; invalid when the backlog is full.
[[nodiscard]] base::UniqueFd connect_at_once(const std::filesystem::path& path);

}  // namespace quoted::aesm::test
