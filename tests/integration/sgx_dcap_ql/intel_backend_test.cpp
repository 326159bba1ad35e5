// The backend over Intel's libraries, against stand-ins that have their functions: who is asked
// what, and what their answers become (quote-generation 10, 11.2).
#include "quoted_inproc/intel_backend.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>

#include "quoted_inproc/call.h"

namespace quoted::inproc {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;

// The variables of a stand-in.
class StandIn {
 public:
  explicit StandIn(const char* file) : handle_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
    std::memset(calls(), 0, 1);
    answer({});
    *variable<std::uint64_t>("fake_key_id_size") = 32;
  }
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;
  ~StandIn() { ::dlclose(handle_); }

  [[nodiscard]] char* calls() const { return variable<char>("fake_calls"); }
  void answer(const std::vector<std::uint32_t>& codes) const {
    auto* const place = variable<std::uint32_t>("fake_codes");
    for (std::size_t i = 0; i < 8; ++i) place[i] = i < codes.size() ? codes[i] : 0;
    *variable<int>("fake_next") = 0;
  }
  void set_key_id_size(std::uint64_t size) const {
    *variable<std::uint64_t>("fake_key_id_size") = size;
  }
  // Whether calls stay inside from now on; returns when one does.
  void hold(bool on) const {
    auto* const place = variable<volatile int>("fake_hold");
    *place = on ? 1 : 0;
  }
  void await_held() const {
    const auto* const place = variable<volatile int>("fake_hold");
    while (*place != 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  [[nodiscard]] void* symbol(const char* name) const { return ::dlsym(handle_, name); }

 private:
  template <class Value>
  [[nodiscard]] Value* variable(const char* name) const {
    return static_cast<Value*>(symbol(name));
  }

  void* handle_;
};

class IntelBackendTest : public testing::Test {
 protected:
  // A machine with both device nodes.
  static Devices devices() { return {.enclave = {"/dev/null"}, .provision = {"/dev/null"}}; }

  static std::unique_ptr<IntelBackend> open(const Devices& devices) {
    auto opened = IntelBackend::open({.pce = FAKE_PCE_LOGIC, .qe3 = FAKE_QE3_LOGIC}, devices);
    EXPECT_TRUE(opened.has_value());
    return opened ? *std::move(opened) : nullptr;
  }

  // The refusal of a target info, whose first call is answered so.
  drop_in::Refusal refusal(std::uint32_t code) {
    qe3_.answer({code});
    auto answer = backend_->target_info();
    EXPECT_FALSE(answer.has_value());
    return answer ? drop_in::Refusal{SGX_QL_SUCCESS, {}} : std::move(answer).error();
  }

  StandIn pce_{FAKE_PCE_LOGIC};
  StandIn qe3_{FAKE_QE3_LOGIC};
  std::unique_ptr<IntelBackend> backend_ = open(devices());
};

TEST_F(IntelBackendTest, TargetInfoAsksForTheSizeAndThenInitialises) {
  const auto target = backend_->target_info();
  ASSERT_TRUE(target.has_value());
  EXPECT_THAT(base::struct_bytes(*target), Each(std::byte{0x77}));
  EXPECT_STREQ(qe3_.calls(),
               "init key=NULL refresh=0 size=0 id=NULL;init key=NULL refresh=0 size=32 id=set;");
}

TEST_F(IntelBackendTest, KeyIdOfAnotherSizeIsUnexpected) {
  qe3_.set_key_id_size(64);
  const auto target = backend_->target_info();
  ASSERT_FALSE(target.has_value());
  EXPECT_EQ(target.error().code, SGX_QL_ERROR_UNEXPECTED);
  EXPECT_THAT(target.error().reason, HasSubstr("64 bytes"));
  EXPECT_STREQ(qe3_.calls(), "init key=NULL refresh=0 size=0 id=NULL;");
}

TEST_F(IntelBackendTest, SecondCallOfTheTargetInfoMayFail) {
  qe3_.answer({0, 0xE011});
  EXPECT_EQ(backend_->target_info().error().code, SGX_QL_NO_PLATFORM_CERT_DATA);
}

TEST_F(IntelBackendTest, SizeAndQuoteAreOfTheDefaultKey) {
  EXPECT_EQ(backend_->quote_size().value(), 4600U);
  // At an odd address: Intel's code may rely on the alignment of its type.
  std::array<std::byte, sizeof(sgx::Report) + 1> bytes{};
  bytes[1] = std::byte{0xAB};
  const auto report = drop_in::load<sgx::Report>(&bytes[1]);
  std::vector<std::uint8_t> quote(4600);
  EXPECT_TRUE(backend_->quote(report, quote).has_value());
  EXPECT_THAT(quote, Each(0x51));
  EXPECT_STREQ(qe3_.calls(),
               "size key=NULL;quote report=ab key=NULL info=NULL size=4600 aligned=1;");
}

TEST_F(IntelBackendTest, PolicyIsThatOfBoth) {
  pce_.answer({0xF000});
  EXPECT_TRUE(backend_->set_load_policy(LoadPolicy::kEphemeral).has_value());
  EXPECT_TRUE(backend_->set_load_policy(LoadPolicy::kPersistent).has_value());
  EXPECT_STREQ(qe3_.calls(), "policy 1;policy 0;");
  EXPECT_STREQ(pce_.calls(), "policy 1;policy 0;");
}

TEST_F(IntelBackendTest, PolicyThatFailsIsReported) {
  pce_.answer({0xF004});
  EXPECT_EQ(backend_->set_load_policy(LoadPolicy::kPersistent).error().code,
            SGX_QL_INTERFACE_UNAVAILABLE);
  qe3_.answer({0xE00C});
  EXPECT_EQ(backend_->set_load_policy(LoadPolicy::kPersistent).error().code,
            SGX_QL_UNSUPPORTED_LOADING_POLICY);
  EXPECT_STREQ(pce_.calls(), "policy 0;") << "not after the QE refused";
}

TEST_F(IntelBackendTest, PathsGoToTheirFunctions) {
  pce_.answer({0xF000});
  for (const PathType type : {PathType::kQe3, PathType::kPce, PathType::kQpl, PathType::kIde}) {
    EXPECT_TRUE(backend_->set_path(type, "/some/file").has_value());
  }
  EXPECT_STREQ(qe3_.calls(), "qe3 /some/file;qpl /some/file;ide /some/file;");
  EXPECT_STREQ(pce_.calls(), "pce /some/file;");
}

TEST_F(IntelBackendTest, OwnCodesPassThrough) {
  for (std::uint32_t code = 0xE001; code <= 0xE0FF; ++code) {
    ASSERT_EQ(static_cast<std::uint32_t>(refusal(code).code), code);
    ASSERT_THAT(refusal(code).reason, HasSubstr("Intel's sgx_ql_init_quote returned 0xe0"));
  }
}

TEST_F(IntelBackendTest, CodesOfLowerLayersDependOnTheCall) {
  struct Case {
    std::uint32_t code;
    std::uint32_t init;
    std::uint32_t size;
    std::uint32_t quote;
  };
  std::vector<Case> cases{{0xD002, 0xE002, 0xE001, 0xE002}, {0xD003, 0xE003, 0xE001, 0xE003},
                          {0xD004, 0xE001, 0xE001, 0xE001}, {0xD008, 0xE001, 0xE001, 0xE015},
                          {0xD009, 0xE001, 0xE001, 0xE017}, {0x0002, 0xE002, 0xE001, 0xE002},
                          {0x0003, 0xE003, 0xE003, 0xE003}, {0x0004, 0xE014, 0xE014, 0xE014},
                          {0x2005, 0xE012, 0xE012, 0xE012}, {0x4004, 0xE035, 0xE035, 0xE035},
                          {0x0001, 0xE001, 0xE001, 0xE001}, {0xE100, 0xE001, 0xE001, 0xE001},
                          {0x2008, 0xE001, 0xE001, 0xE001}, {0xF004, 0xE001, 0xE001, 0xE001}};
  for (const std::uint32_t code :
       std::to_array<std::uint32_t>({0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2006, 0x2007, 0x2009,
                                     0x200C, 0x200D, 0x200E, 0x200F, 0x2010, 0x3002})) {
    cases.push_back({code, 0xE016, 0xE016, 0xE016});
  }
  for (const Case& one : cases) {
    EXPECT_EQ(quote3_code(IntelCall::kInit, one.code), one.init) << std::hex << one.code;
    EXPECT_EQ(quote3_code(IntelCall::kSize, one.code), one.size) << std::hex << one.code;
    EXPECT_EQ(quote3_code(IntelCall::kQuote, one.code), one.quote) << std::hex << one.code;
  }
  qe3_.answer({0xD008, 0xD008});
  std::vector<std::uint8_t> quote(16);
  EXPECT_EQ(backend_->quote(sgx::Report{}, quote).error().code, SGX_QL_INVALID_REPORT);
  EXPECT_EQ(backend_->quote_size().error().code, SGX_QL_ERROR_UNEXPECTED);
}

TEST_F(IntelBackendTest, CodesOfThePceLibrary) {
  const std::pair<std::uint32_t, std::uint32_t> codes[] = {
      {0, 0},           {0xF000, 0},      {0xF001, 0xE001}, {0xF002, 0xE001}, {0xF003, 0xE012},
      {0xF004, 0xE00D}, {0xF005, 0xE001}, {0xF006, 0xE001}, {0xF007, 0xE035}, {0xF008, 0xE018}};
  for (const auto& [code, expected] : codes) EXPECT_EQ(quote3_code_of_pce(code), expected);
}

TEST_F(IntelBackendTest, FailuresNameTheRemedy) {
  EXPECT_THAT(
      refusal(0xE016).reason,
      AllOf(HasSubstr("libsgx-ae-qe3"), HasSubstr("libsgx-ae-id-enclave"), HasSubstr("[QD7105]")));
  EXPECT_THAT(refusal(0xE012).reason, AllOf(HasSubstr("EPC"), HasSubstr("[QD7106]")));
  EXPECT_THAT(refusal(0xE014).reason,
              AllOf(HasSubstr("ephemeral and back"), HasSubstr("[QD7107]")));
  EXPECT_THAT(refusal(0xE00F).reason,
              AllOf(HasSubstr("sgx_qe_get_target_info"), HasSubstr("[QD7000]")));
  for (const std::uint32_t code :
       std::to_array<std::uint32_t>({0xE010, 0xE011, 0xE018, 0xE019, 0xE01A, 0xE040, 0xE045, 0xE047,
                                     0xE049, 0xE065, 0xE067})) {
    EXPECT_THAT(refusal(code).reason, HasSubstr("libsgx-dcap-default-qpl")) << std::hex << code;
  }
  EXPECT_THAT(refusal(0xE001).reason, HasSubstr("libsgx-qe3-logic"));
  std::vector<std::uint8_t> quote(16);
  qe3_.answer({0xE002, 0xE015});
  EXPECT_THAT(backend_->quote(sgx::Report{}, quote).error().reason,
              HasSubstr("sgx_qe_get_quote_size"));
  EXPECT_THAT(backend_->quote(sgx::Report{}, quote).error().reason,
              HasSubstr("another enclave or machine"));
}

TEST_F(IntelBackendTest, ThatThePceCannotBeLoadedIsTheDeviceOrTheFile) {
  EXPECT_THAT(refusal(0xE00D).reason, AllOf(HasSubstr("libsgx-ae-pce"), HasSubstr("[QD7105]")));
  Devices without = devices();
  without.provision = {"/nowhere/provision"};
  backend_ = open(without);
  EXPECT_THAT(refusal(0xE00D).reason, AllOf(HasSubstr("/nowhere/provision"),
                                            HasSubstr("SGX_AESM_ADDR=1"), HasSubstr("[QD7104]")));
  EXPECT_THAT(refusal(0xE035).reason,
              AllOf(HasSubstr("/nowhere/provision"), HasSubstr("[QD7104]")));
}

TEST_F(IntelBackendTest, LibrariesThatAreMissingAreNamedWithTheirPackages) {
  const auto without_pce =
      IntelBackend::open({.pce = "/nowhere/libsgx_pce_logic.so.1", .qe3 = FAKE_QE3_LOGIC}, {});
  ASSERT_FALSE(without_pce.has_value());
  EXPECT_EQ(without_pce.error().code, SGX_QL_INTERFACE_UNAVAILABLE);
  EXPECT_THAT(without_pce.error().reason,
              AllOf(HasSubstr("/nowhere/libsgx_pce_logic.so.1"), HasSubstr("libsgx-pce-logic"),
                    HasSubstr("[QD7100]")));
  const auto without_qe3 =
      IntelBackend::open({.pce = FAKE_PCE_LOGIC, .qe3 = "/nowhere/libsgx_qe3_logic.so"}, {});
  ASSERT_FALSE(without_qe3.has_value());
  EXPECT_EQ(without_qe3.error().code, SGX_QL_INTERFACE_UNAVAILABLE);
  EXPECT_THAT(without_qe3.error().reason, HasSubstr("package libsgx-qe3-logic"));
}

// Intel's library takes one lock for a whole quote, and a child would wait for it for ever.
TEST_F(IntelBackendTest, AChildOfAForkInTheMiddleOfACallDoesNotEnter) {
  qe3_.hold(true);
  std::thread inside([this] { EXPECT_TRUE(backend_->quote_size()); });
  qe3_.await_held();
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    const auto lost = backend_->quote_size();
    ::_exit(!lost && lost.error().code == SGX_QL_ENCLAVE_LOST ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  qe3_.hold(false);
  inside.join();

  // One that was made between calls asks Intel's library, which knows by itself.
  const pid_t other = ::fork();
  if (other == 0) {
    ::alarm(60);
    ::_exit(backend_->quote_size() ? 0 : 1);
  }
  EXPECT_EQ(::waitpid(other, &status, 0), other);
  EXPECT_EQ(status, 0);
}

TEST_F(IntelBackendTest, WhatIntelsLibrariesSayIsPassedOn) {
  static std::string heard;
  heard.clear();
  *static_cast<int*>(qe3_.symbol("fake_speaks")) = 1;
  set_log([](int level, const char* message) { heard += std::to_string(level) + message; });
  EXPECT_TRUE(backend_->quote_size());
  EXPECT_EQ(heard, "1size key=NULL");
  set_log(nullptr);
  *static_cast<int*>(qe3_.symbol("fake_speaks")) = 0;
  backend_.reset();
  EXPECT_EQ(*static_cast<void**>(qe3_.symbol("sgx_trace_logger_callback")), nullptr);
}

TEST_F(IntelBackendTest, FunctionsThatAreMissingAreNamed) {
  auto old =
      IntelBackend::open({.pce = FAKE_PCE_LOGIC, .qe3 = FAKE_QE3_LOGIC_WITHOUT_INIT}, devices());
  ASSERT_TRUE(old.has_value());
  const auto target = (*old)->target_info();
  ASSERT_FALSE(target.has_value());
  EXPECT_EQ(target.error().code, SGX_QL_INTERFACE_UNAVAILABLE);
  EXPECT_THAT(target.error().reason,
              AllOf(HasSubstr("sgx_ql_init_quote"), HasSubstr("package libsgx-qe3-logic"),
                    HasSubstr("[QD7101]")));
}

}  // namespace
}  // namespace quoted::inproc
