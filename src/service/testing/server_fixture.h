// A server on a real socket in this process, with a platform, peers and a log that a test
// controls, and deadlines short enough to be waited for.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/hex.h"
#include "fakes/captured_log.h"
#include "fakes/fake_peers.h"
#include "fakes/fake_platform.h"
#include "service/listening_socket.h"
#include "service/server.h"
#include "service/testing/raw_client.h"
#include "test_support/temp_dir.h"

namespace quoted::service {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Long enough never to be reached by what a test does not want to run into.
inline constexpr std::chrono::milliseconds kNever{60'000};

inline constexpr const char* kNumKeyIdsAnswer = "aa010408001001";

inline aesm::Request num_key_ids() { return aesm::GetSupportedAttKeyIdNumRequest{}; }

// A GetQuoteEx request; the bytes it refers to live as long as the program.
inline aesm::Request get_quote(std::uint32_t buf_size = test::kFakeQuoteSize) {
  static const sgx::AttestationKeyId key_id = sgx::ecdsa_p256_key_id();
  static const sgx::Report report;
  aesm::GetQuoteExRequest request;
  request.report = base::struct_bytes(report);
  request.att_key_id = base::struct_bytes(key_id);
  request.buf_size = buf_size;
  return request;
}

inline bool is_success(const std::optional<base::Bytes>& body) {
  if (!body) return false;
  const auto response = aesm::decode_response(*body);
  return response && std::visit([](const auto& r) { return r.error_code == 0U; }, *response);
}

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    options_.threads = 2;
    options_.deadlines = {.first_request = kNever,
                          .next_request = kNever,
                          .read = kNever,
                          .write = kNever,
                          .quote = kNever,
                          .drain = kNever};
    auto socket = ListeningSocket::create(path_, log_.logger());
    if (!socket) throw std::runtime_error(socket.error().summary());
    listening_ = std::make_unique<ListeningSocket>(*std::move(socket));
  }

  void start() {
    auto server =
        Server::start(listening_->fd(), options_, platform_, peers_, log_.logger());
    ASSERT_TRUE(server) << server.error().summary();
    server_ = *std::move(server);
  }

  [[nodiscard]] RawClient connect() const { return RawClient(path_); }

  // The answer to NumKeyIds on a connection of its own, in hexadecimal.
  [[nodiscard]] std::string ask() const {
    RawClient client = connect();
    client.send(num_key_ids());
    const auto body = client.receive();
    return body ? base::to_hex(*body) : "no answer";
  }

  // Waits for so many lines of the log that contain `part`, and gives the first; empty when they
  // do not come.
  [[nodiscard]] std::string logged(std::string_view part, std::size_t count = 1) const {
    const auto give_up = Clock::now() + 20s;
    while (Clock::now() < give_up) {
      const auto lines = log_.lines_with(part);
      if (lines.size() >= count) return lines.front();
      std::this_thread::sleep_for(1ms);
    }
    return {};
  }

  test::TempDir dir_;
  std::filesystem::path path_ = dir_ / "aesm.socket";
  test::CapturedLog log_;
  test::FakePlatform platform_;
  test::FakePeers peers_{Peer{.uid = 1001, .gid = 1002, .pid = 1003}};
  ServerOptions options_;
  std::unique_ptr<ListeningSocket> listening_;
  std::unique_ptr<Server> server_;
};

}  // namespace quoted::service
