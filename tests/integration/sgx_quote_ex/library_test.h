// What the tests of libsgx_quote_ex share: a service of the test's own behind QUOTED_SOCKET, and
// the six functions called with sound parameters.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "aesm/codec.h"
#include "aesm/framing.h"
#include "quoted/sgx_quote_ex.h"
#include "test_support/temp_dir.h"
#include "threaded_service.h"

namespace quoted::test {

using aesm::test::ServedConnection;
using base::Bytes;
using base::ByteView;

enum class Function { kSelect, kInit, kSize, kQuote, kNum, kIds };
inline constexpr Function kFunctions[] = {Function::kSelect, Function::kInit, Function::kSize,
                                          Function::kQuote,  Function::kNum,  Function::kIds};

inline Bytes filled(std::size_t size, unsigned value) {
  return Bytes(size, static_cast<std::byte>(value));
}

// An answer of the right kind with nothing in it but the error code.
inline aesm::Response bare_answer(Function function, std::uint32_t code) {
  switch (function) {
    case Function::kSelect:
      return aesm::SelectAttKeyIdResponse{.error_code = code, .selected_att_key_id = {}};
    case Function::kInit:
      return aesm::InitQuoteExResponse{
          .error_code = code, .target_info = {}, .pub_key_id_size = {}, .pub_key_id = {}};
    case Function::kSize:
      return aesm::GetQuoteSizeExResponse{.error_code = code, .quote_size = {}};
    case Function::kQuote:
      return aesm::GetQuoteExResponse{.error_code = code, .quote = {}, .qe_report_info = {}};
    case Function::kNum:
      return aesm::GetSupportedAttKeyIdNumResponse{.error_code = code, .att_key_id_num = {}};
    case Function::kIds:
      return aesm::GetSupportedAttKeyIdsResponse{.error_code = code, .att_key_ids = {}};
  }
  std::abort();
}

// Room for everything a call may write, and what it may read.
struct Arguments {
  sgx_att_key_id_t key{};
  sgx_report_t report{};
  sgx_target_info_t target{};
  sgx_qe_report_info_t info{};
  std::size_t pub_key_id_size = 32;
  std::uint8_t pub_key_id[32]{};
  std::uint32_t number = 77;
  sgx_att_key_id_ext_t ids[2]{};
  std::vector<std::uint8_t> quote = std::vector<std::uint8_t>(4600);
};

inline sgx_status_t call(Function function, Arguments& a) {
  switch (function) {
    case Function::kSelect:
      return sgx_select_att_key_id(nullptr, 0, &a.key);
    case Function::kInit:
      return sgx_init_quote_ex(&a.key, &a.target, &a.pub_key_id_size, a.pub_key_id);
    case Function::kSize:
      return sgx_get_quote_size_ex(&a.key, &a.number);
    case Function::kQuote:
      return sgx_get_quote_ex(&a.report, &a.key, &a.info, a.quote.data(),
                              static_cast<std::uint32_t>(a.quote.size()));
    case Function::kNum:
      return sgx_get_supported_att_key_id_num(&a.number);
    case Function::kIds:
      return sgx_get_supported_att_key_ids(a.ids, 2);
  }
  std::abort();
}

class LibraryTest : public testing::Test {
 protected:
  LibraryTest() {
    forget_settings();
    ::setenv("QUOTED_SOCKET", socket_.c_str(), 1);
  }
  ~LibraryTest() override {
    service_.reset();
    forget_settings();
    sgx_trace_loglevel = QUOTED_TRACE_NONE;
    sgx_trace_logger_callback = nullptr;
  }

  static void set_timeout(std::chrono::milliseconds timeout) {
    ::setenv("QUOTED_TIMEOUT_MS", std::to_string(timeout.count()).c_str(), 1);
  }
  static void turn_retry_off() { ::setenv("QUOTED_RETRY", "off", 1); }

  // Reads each request and gives this answer to it, until another answer is chosen. A script of the
  // test's own goes into a ThreadedService of its own, after everything that the script refers to.
  void answer_with(const aesm::Response& answer) {
    answer_with_bytes(aesm::encode_response_frame(answer));
  }
  void answer_with_bytes(Bytes frame) {
    service_.reset();
    const auto script = [this, frame = std::move(frame)](ServedConnection connection) {
      keep(connection.read_request());
      connection.write(frame);
    };
    service_ = std::make_unique<ThreadedService>(socket_, script);
  }

  void stop_serving() { service_.reset(); }
  [[nodiscard]] int connections() const { return service_->connections(); }

  // The bodies of the requests that were answered by answer_with.
  std::vector<Bytes> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  TempDir directory_;
  std::filesystem::path socket_ = directory_ / "aesm.socket";
  Arguments arguments_;

 private:
  static void forget_settings() {
    for (const char* name :
         {"QUOTED_SOCKET", "QUOTED_RETRY", "QUOTED_TIMEOUT_MS", "QUOTED_DEBUG"}) {
      ::unsetenv(name);
    }
  }
  void keep(Bytes request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
  }

  std::mutex mutex_;
  std::vector<Bytes> requests_;
  std::unique_ptr<ThreadedService> service_;
};

}  // namespace quoted::test
