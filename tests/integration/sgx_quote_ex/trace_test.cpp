// The reasons in words that libsgx_quote_ex gives: to the callback, and with QUOTED_DEBUG to
// standard error.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <mutex>
#include <thread>

#include "aesm/testing/ordinary_user.h"
#include "library_test.h"
#include "no_descriptors.h"
#include "test_support/require.h"

namespace quoted::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Message {
  int level;
  std::string text;
};
std::mutex mutex;
std::vector<Message> messages;

void keep_message(int level, const char* text) {
  const std::lock_guard lock(mutex);
  messages.push_back({level, text});
}

class TraceTest : public LibraryTest {
 protected:
  TraceTest() {
    turn_retry_off();
    messages.clear();
  }

  // The messages of one call at this level.
  std::vector<Message> trace(Function function, int loglevel) {
    sgx_trace_loglevel = loglevel;
    sgx_trace_logger_callback = keep_message;
    messages.clear();
    call(function, arguments_);
    return messages;
  }

  // The only message of a call that fails.
  std::string reason(Function function) {
    const auto all = trace(function, QUOTED_TRACE_ERROR);
    EXPECT_EQ(all.size(), 1U);
    if (all.empty()) return {};
    EXPECT_EQ(all.front().level, 0) << "error is level 1 and goes out as 0";
    return all.front().text;
  }

  // What a call writes to standard error.
  std::string standard_error(Function function) {
    const std::string file = directory_ / "stderr";
    const base::UniqueFd before(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
    const base::UniqueFd out(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    ::dup2(out.get(), STDERR_FILENO);
    call(function, arguments_);
    ::dup2(before.get(), STDERR_FILENO);
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(TraceTest, NothingIsSaidUnlessAskedFor) {
  EXPECT_THAT(trace(Function::kSize, QUOTED_TRACE_NONE), IsEmpty());
  EXPECT_THAT(standard_error(Function::kSize), IsEmpty());
}

TEST_F(TraceTest, LevelWithoutCallbackIsHarmless) {
  sgx_trace_loglevel = QUOTED_TRACE_DEBUG;
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_ERROR_SERVICE_UNAVAILABLE);
}

TEST_F(TraceTest, UnreachableServiceNamesFunctionStatusPathErrnoAndRemedy) {
  EXPECT_THAT(reason(Function::kInit),
              AllOf(HasSubstr("sgx_init_quote_ex returns 0x4001: "), HasSubstr(socket_.native()),
                    HasSubstr("No such file or directory"), HasSubstr("still starting"),
                    HasSubstr("[QD4005]")));
}

TEST_F(TraceTest, DirectoryThatIsNotMounted) {
  ::setenv("QUOTED_SOCKET", (directory_ / "nowhere/aesm.socket").c_str(), 1);
  EXPECT_THAT(reason(Function::kInit),
              AllOf(HasSubstr((directory_ / "nowhere/aesm.socket").native()),
                    HasSubstr("No such file or directory"),
                    HasSubstr("in a container mount the host's directory"), HasSubstr("[QD4005]")));
}

TEST_F(TraceTest, SocketThatWasLeftBehind) {
  {
    const base::UniqueFd gone = aesm::test::listen_on(socket_, 1);
  }
  EXPECT_THAT(reason(Function::kInit),
              AllOf(HasSubstr(socket_.native()), HasSubstr("Connection refused"),
                    HasSubstr("is being restarted"), HasSubstr("[QD4006]")));
}

TEST_F(TraceTest, DirectoryInPlaceOfTheSocket) {
  std::filesystem::create_directory(socket_);
  EXPECT_THAT(reason(Function::kQuote),
              AllOf(HasSubstr(socket_.native()), HasSubstr("Connection refused"),
                    HasSubstr("container runtime makes a directory")));
}

TEST_F(TraceTest, FileInPlaceOfTheSocket) {
  std::ofstream(socket_) << "not a socket";
  EXPECT_THAT(reason(Function::kQuote), HasSubstr("remove " + socket_.native()));
}

TEST_F(TraceTest, DirectoryThatThisUserMayNotEnter) {
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::none);
  const aesm::test::OrdinaryUser user;
  QUOTED_REQUIRE("an ordinary user", user.effective());
  EXPECT_THAT(reason(Function::kQuote),
              AllOf(HasSubstr(socket_.native()), HasSubstr("Permission denied"),
                    HasSubstr("may not enter " + directory_.path().native())));
}

// Whether this socket has got the abstract name that old daemons had. Another run of this test may
// hold it, and may let go of it at any moment, so it is waited for.
bool hold_abstract_name(const base::UniqueFd& holder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  constexpr std::string_view kName = "sgx_aesm_socket_base";
  kName.copy(address.sun_path + 1, kName.size());
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (::bind(holder.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno != EADDRINUSE || std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

TEST_F(TraceTest, AbstractNameThatAnotherProcessHolds) {
  const base::UniqueFd holder(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_TRUE(hold_abstract_name(holder)) << "errno " << errno;
  EXPECT_THAT(reason(Function::kSize),
              AllOf(HasSubstr("abstract name sgx_aesm_socket_base"), HasSubstr("still starting")));
}

TEST_F(TraceTest, Descriptors) {
  sgx_trace_loglevel = QUOTED_TRACE_ERROR;
  sgx_trace_logger_callback = keep_message;
  Arguments arguments;  // no member: a sanitizer needs a descriptor to look at what `this` is
  {
    const NoDescriptors none;
    call(Function::kSize, arguments);
  }
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_THAT(messages.front().text,
              AllOf(HasSubstr("Too many open files"), HasSubstr("ulimit -n")));
}

TEST_F(TraceTest, RefusalKeepsTheCodeThatTheStatusLoses) {
  answer_with(bare_answer(Function::kQuote, 44));
  EXPECT_THAT(reason(Function::kQuote),
              AllOf(HasSubstr("sgx_get_quote_ex returns 0x0001"),
                    HasSubstr("answered 44 AESM_NO_PLATFORM_CERT_DATA to GetQuoteEx")));
}

TEST_F(TraceTest, EveryRefusedParameterIsNamed) {
  sgx_trace_loglevel = QUOTED_TRACE_ERROR;
  sgx_trace_logger_callback = keep_message;
  auto& a = arguments_;
  std::size_t zero = 0;
  sgx_select_att_key_id(nullptr, 0, nullptr);
  sgx_init_quote_ex(&a.key, nullptr, &zero, nullptr);
  sgx_init_quote_ex(&a.key, &a.target, &zero, a.pub_key_id);
  sgx_get_quote_size_ex(&a.key, nullptr);
  sgx_get_quote_ex(&a.report, &a.key, nullptr, a.quote.data(), 0);
  sgx_get_supported_att_key_id_num(nullptr);
  sgx_get_supported_att_key_ids(a.ids, 1U << 24U);
  std::vector<std::string> texts;
  for (const Message& message : messages) texts.push_back(message.text);
  EXPECT_THAT(
      texts,
      testing::ElementsAre(
          "sgx_select_att_key_id returns 0x0002: selected is NULL",
          "sgx_init_quote_ex returns 0x0002: target_info is NULL",
          "sgx_init_quote_ex returns 0x0002: *pub_key_id_size is 0 or at least 0xFFFFFFFF",
          "sgx_get_quote_size_ex returns 0x0002: quote_size is NULL",
          "sgx_get_quote_ex returns 0x0002: quote_size is 0",
          "sgx_get_supported_att_key_id_num returns 0x0002: att_key_id_num is NULL",
          "sgx_get_supported_att_key_ids returns 0x0002: that many ids have more than 2^32 bytes"));
}

TEST_F(TraceTest, OversizeFieldIsNamed) {
  const Bytes quote = filled(4601, 0);
  answer_with(aesm::GetQuoteExResponse{.error_code = 0, .quote = quote, .qe_report_info = {}});
  EXPECT_THAT(reason(Function::kQuote), HasSubstr("4601 bytes of quote, there is room for 4600"));
}

TEST_F(TraceTest, SuccessWithoutItsContentIsAWarning) {
  answer_with(bare_answer(Function::kSize, 0));
  EXPECT_THAT(trace(Function::kSize, QUOTED_TRACE_ERROR), IsEmpty());
  const auto all = trace(Function::kSize, QUOTED_TRACE_WARNING);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].level, 1);
  EXPECT_THAT(all[0].text, HasSubstr("lacks quote_size"));
}

TEST_F(TraceTest, RetriesAreNotices) {
  ::unsetenv("QUOTED_RETRY");
  const ThreadedService service(socket_, [](ServedConnection connection) {
    if (connection.index() % 2 == 0) return;
    connection.read_request();
    connection.write(aesm::encode_response_frame(bare_answer(Function::kInit, 38)));
  });
  EXPECT_EQ(trace(Function::kInit, QUOTED_TRACE_WARNING).size(), 1U) << "only the refusal";
  const auto all = trace(Function::kInit, QUOTED_TRACE_NOTICE);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].level, 2);
  EXPECT_THAT(all[0].text, AllOf(HasSubstr("tries again in "), HasSubstr("closed the connection")));
}

TEST_F(TraceTest, SuccessIsSaidAtTheHighestLevel) {
  answer_with(aesm::GetQuoteSizeExResponse{.error_code = 0, .quote_size = 4600});
  EXPECT_THAT(trace(Function::kSize, QUOTED_TRACE_NOTICE), IsEmpty());
  const auto all = trace(Function::kSize, QUOTED_TRACE_DEBUG);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].level, 3);
}

TEST_F(TraceTest, StandardErrorGetsTheSameWhenDebuggingIsWanted) {
  ::setenv("QUOTED_DEBUG", "1", 1);
  const std::string output = standard_error(Function::kSize);
  EXPECT_THAT(output, AllOf(testing::StartsWith("libsgx_quote_ex: sgx_get_quote_size_ex returns "),
                            HasSubstr(socket_.native()), testing::EndsWith("\n")));
  EXPECT_EQ(std::ranges::count(output, '\n'), 1);
}

TEST_F(TraceTest, StandardErrorWithoutAReaderRaisesNoSignal) {
  ::setenv("QUOTED_DEBUG", "1", 1);
  ASSERT_NE(::signal(SIGPIPE, SIG_DFL), SIG_ERR);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ::close(ends[0]);
  const base::UniqueFd before(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  const base::UniqueFd broken(ends[1]);
  ::dup2(broken.get(), STDERR_FILENO);
  const sgx_status_t status = call(Function::kSize, arguments_);
  sigset_t pending{};
  ::sigpending(&pending);
  ::dup2(before.get(), STDERR_FILENO);
  EXPECT_EQ(status, SGX_ERROR_SERVICE_UNAVAILABLE);
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
}

TEST_F(TraceTest, CallbackMayCallTheLibrary) {
  static bool inside;
  inside = false;
  sgx_trace_loglevel = QUOTED_TRACE_ERROR;
  sgx_trace_logger_callback = [](int, const char*) {
    if (std::exchange(inside, true)) return;
    Arguments arguments;
    EXPECT_EQ(call(Function::kNum, arguments), SGX_ERROR_SERVICE_UNAVAILABLE);
  };
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_ERROR_SERVICE_UNAVAILABLE);
  EXPECT_TRUE(inside);
}

}  // namespace
}  // namespace quoted::test
