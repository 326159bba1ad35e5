// The very first use of libsgx_quote_ex in a process, by many threads at once.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "aesm/codec.h"
#include "quoted/sgx_quote_ex.h"
#include "test_support/temp_dir.h"
#include "threaded_service.h"

namespace quoted::test {
namespace {

using aesm::test::ServedConnection;

bool is_mapped() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find("libsgx_quote_ex.so") != std::string::npos) return true;
  }
  return false;
}

// Whether opening the library, one call and closing it again go as they should.
bool open_ask_close() {
  void* const library = ::dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return false;
  void* const symbol = ::dlsym(library, "sgx_get_supported_att_key_id_num");
  const auto ask = reinterpret_cast<decltype(&sgx_get_supported_att_key_id_num)>(symbol);
  std::uint32_t number = 0;
  const bool answered = ask != nullptr && ask(&number) == SGX_SUCCESS && number == 7;
  return ::dlclose(library) == 0 && answered;
}

TEST(FirstUse, ByThirtyTwoThreadsAtOnce) {
  const TempDir directory;
  const ThreadedService service(directory / "aesm.socket", [](ServedConnection connection) {
    connection.read_request();
    connection.write(aesm::encode_response_frame(
        aesm::GetSupportedAttKeyIdNumResponse{.error_code = 0, .att_key_id_num = 7}));
  });
  ::setenv("QUOTED_SOCKET", (directory / "aesm.socket").c_str(), 1);
  ASSERT_FALSE(is_mapped());

  constexpr int kThreads = 32;
  std::barrier start(kThreads);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      for (int round = 0; round < 5; ++round) {
        if (!open_ask_close()) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_FALSE(is_mapped());
  ::unsetenv("QUOTED_SOCKET");
}

}  // namespace
}  // namespace quoted::test
