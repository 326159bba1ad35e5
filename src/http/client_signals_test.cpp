// What a transfer does to the signals of its program.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <netdb.h>
#include <pthread.h>

#include <atomic>
#include <csignal>
#include <functional>

#include "http/testing/client_support.h"
#include "http/testing/scripted_server.h"

namespace quoted::http {
namespace {

using testing::get;
using testing::Peer;
using testing::reply_text;
using testing::ScriptedServer;

// Is this machine; libcurl does not look up the names that everybody knows.
constexpr std::string_view kHost = "service.test";

std::atomic<int> look_ups = 0;
std::atomic<bool> look_up_takes_signals = false;

bool takes_signals() {
  sigset_t blocked{};
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGALRM, SIGCHLD}) {
    if (sigismember(&blocked, one) == 0) return true;
  }
  return false;
}

std::function<void()> during_look_up;
std::atomic<bool> interrupted = false;
void note_interrupt(int) { interrupted = true; }

TEST(ClientSignals, AreNotTakenByTheThreadOfALookUp) {
  const ScriptedServer server([](Peer& peer) { peer.answer(reply_text("200 OK", "", "hello")); });
  sigset_t before{};
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  ASSERT_TRUE(get(server.url("http", "/", kHost)));
  EXPECT_GT(look_ups, 0);
  EXPECT_FALSE(look_up_takes_signals);
  EXPECT_FALSE(get("http://pccs.invalid/"));
  sigset_t after{};
  pthread_sigmask(SIG_BLOCK, nullptr, &after);
  for (int one = 1; one < SIGRTMAX; ++one) {
    EXPECT_EQ(sigismember(&before, one), sigismember(&after, one)) << one;
  }
}

// Whether a signal that another thread sends to `waiting` arrives there while that one waits.
bool interrupts(pthread_t waiting) {
  interrupted = false;
  ::pthread_kill(waiting, SIGUSR1);
  for (int i = 0; i < 1000 && !interrupted; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return interrupted;
}

TEST(ClientSignals, InterruptAWait) {
  struct sigaction action{};
  action.sa_handler = note_interrupt;
  struct sigaction former{};
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &former), 0);
  const pthread_t waiting = ::pthread_self();
  bool in_look_up = false;
  during_look_up = [&] { in_look_up = interrupts(waiting); };
  const ScriptedServer server([waiting](Peer& peer) {
    peer.read_head();
    peer.send(reply_text(interrupts(waiting) ? "200 OK" : "500 Too late", "", ""));
  });
  const auto reply = get(server.url("http", "/", kHost));
  during_look_up = nullptr;
  ::sigaction(SIGUSR1, &former, nullptr);
  EXPECT_TRUE(in_look_up);
  ASSERT_TRUE(reply) << reply.error().summary();
  EXPECT_EQ(reply->status, 200U);
}

}  // namespace
}  // namespace quoted::http

// Stands before the system's, so that a test sees the thread it runs on.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto next = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  ++quoted::http::look_ups;
  if (quoted::http::takes_signals()) quoted::http::look_up_takes_signals = true;
  if (quoted::http::during_look_up) quoted::http::during_look_up();
  const bool ours = node != nullptr && node == quoted::http::kHost;
  return next(ours ? "127.0.0.1" : node, service, hints, found);
}
