// Ten thousand hostile requests of every kind, many at a time: the service stays ready, judges
// honest quotes meanwhile, and does not grow.
#include <atomic>
#include <fstream>
#include <random>

#include "base/base64.h"
#include "serve_fixture.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define QUOTED_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define QUOTED_SANITIZED 1
#endif
#endif

namespace quoted::quotectl {
namespace {

using nlohmann::ordered_json;

constexpr int kRequests = 10'000;
constexpr int kClients = 4;
constexpr std::size_t kHeldOpen = 40;  // stalled connections of each client

std::size_t resident_kib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  }
  throw std::runtime_error("no VmRSS of the service");
}

// One hostile client. Its randomness has a seed, so that a failure can be had again.
class Attacker {
 public:
  Attacker(const ServeProcess& service, base::Bytes quote, unsigned seed)
      : service_(service), quote_(std::move(quote)), random_(seed) {}

  void attack() {
    switch (pick(12)) {
      case 0:
        return send(garbage(pick(3000)));
      case 1:
        return send("GET /" + std::string(pick(40'000), 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n");
      case 2:
        return send(
            request_text("GET", "/healthz", "X: " + std::string(pick(40'000), 'b') + "\r\n"));
      case 3:
        return send(
            "POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n"
            "Content-Type: application/octet-stream\r\n\r\n" +
            garbage(pick(20'000)));
      case 4:
        return send(post("application/octet-stream", garbage(1 + pick(30'000))));
      case 5:
        return send(post("application/octet-stream", mutated()));
      case 6:
        return send(post("application/json", garbage(1 + pick(3000))));
      case 7:
        return send(post("application/json", std::string(1 + pick(5000), '[')));
      case 8:
        return send(post("application/json",
                         R"({"quote":")" + base::to_base64(base::as_bytes(mutated())) + "\"}"));
      case 9:
        return send(pipelined());
      case 10:
        return send(
            "POST /v1/verify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            "Content-Type: application/json\r\n\r\n" +
            garbage(pick(3000)));
      default:
        return stall();
    }
  }

 private:
  std::size_t pick(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
  }

  std::string garbage(std::size_t size) {
    std::string out(size, '\0');
    for (char& one : out) one = static_cast<char>(random_());
    return out;
  }

  std::string mutated() {
    base::Bytes out = quote_;
    for (std::size_t i = 0; i <= pick(4); ++i)
      out[pick(out.size())] = static_cast<std::byte>(random_());
    out.resize(pick(8) == 0 ? 1 + pick(out.size()) : out.size());
    return std::string(base::as_text(out));
  }

  static std::string post(std::string_view type, std::string_view body) {
    return request_text("POST", "/v1/verify", base::text("Content-Type: ", type, "\r\n"), body);
  }

  std::string pipelined() {
    std::string out;
    for (std::size_t i = 0; i < 1 + pick(60); ++i) out += request_text("GET", "/healthz");
    return out;
  }

  // Some read the answer, some half of it, some leave at once.
  void send(const std::string& bytes) {
    RawClient client = service_.connect();
    client.send(bytes);
    if (pick(3) == 0) client.half_close();
    if (pick(3) != 0) (void)client.read_answer();
  }

  void stall() {
    if (held_.size() >= kHeldOpen) held_.erase(held_.begin());
    held_.push_back(service_.connect());
    const std::string request = post("application/octet-stream", mutated());
    held_.back().send(std::string_view(request).substr(0, pick(request.size())));
  }

  const ServeProcess& service_;
  base::Bytes quote_;
  std::mt19937 random_;
  std::vector<RawClient> held_;
};

class ServeHostile : public QuotectlTest {};

TEST_F(ServeHostile, TenThousandRequestsLeaveItReady) {
  ASSERT_EQ(
      quotectl({"sim", "collateral", "--out", file("world"), "--state-dir", daemon().state_dir()})
          .exit_code,
      0);
  ServeProcess service({"--root", file("world") + "/root.pem", "--collateral", file("world"),
                        "--request-timeout", "2"});
  const base::Bytes quote = read(make_quote("quote"));
  const auto honest = [&] {
    return ordered_json::parse(service.post_quote(quote).body)["status"] == "verified";
  };
  ASSERT_TRUE(honest());

  const auto storm = [&](int requests, unsigned seed) {
    std::atomic<int> left = requests;
    std::vector<std::thread> clients;
    for (unsigned i = 0; i < kClients; ++i) {
      clients.emplace_back([&, i] {
        Attacker attacker(service, quote, seed + i);
        while (left.fetch_sub(1) > 0) attacker.attack();
      });
    }
    for (std::thread& client : clients) client.join();
  };
  // Arenas and buffers that any load needs are there after the first few hundred.
  storm(kRequests / 10, 1);
  const std::size_t before = resident_kib(service.process().pid());
  std::atomic<bool> over = false;
  int answered = 0;
  std::thread bystander([&] {
    while (!over) answered += honest() ? 1 : -1'000'000;
  });
  storm(kRequests, 100);
  over = true;
  bystander.join();
  EXPECT_GT(answered, 0);

  ASSERT_TRUE(service.process().running()) << service.process().err();
  EXPECT_TRUE(honest());
  EXPECT_EQ(service.get("/readyz").status, 200);
  // Stalled connections end by their deadline; the one that asks is open itself.
  EXPECT_TRUE(test::Process::eventually(
      [&] { return service.metric("quoted_http_connections") == 1; }, std::chrono::seconds(60)));
  EXPECT_EQ(service.metric("quoted_verify_in_flight"), 0);
  EXPECT_EQ(service.metric("quoted_http_failures_total"), 0);
  EXPECT_GT(service.metric("quoted_http_rejected_total{reason=\"malformed\"}"), 0);
  EXPECT_GT(service.metric("quoted_http_rejected_total{reason=\"body_too_large\"}"), 0);
#ifndef QUOTED_SANITIZED
  constexpr std::size_t kMayGrow = std::size_t{48} * 1024;
  EXPECT_LT(resident_kib(service.process().pid()), before + kMayGrow);
#else
  (void)before;
#endif
  EXPECT_EQ(service.process().terminate(), 0);
}

}  // namespace
}  // namespace quoted::quotectl
