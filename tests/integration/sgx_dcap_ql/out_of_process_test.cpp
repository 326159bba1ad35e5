// Out-of-process: what the service is asked, and what its answers become (aesm-protocol 7.5). The
// bytes are written out here, none of them come from our encoder.
#include <mutex>

#include "../sgx_quote_ex/threaded_service.h"
#include "aesm/codec.h"
#include "aesm/testing/hex_bytes.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/text.h"
#include "client_test.h"

namespace quoted::test {
namespace {

using aesm::test::hex_bytes;
using aesm::test::ServedConnection;
using base::Bytes;
using base::text;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

Bytes filled(std::size_t size, unsigned value) {
  return Bytes(size, static_cast<std::byte>(value));
}
Bytes operator+(Bytes left, const Bytes& right) {
  base::append(left, right);
  return left;
}

// aesm-protocol 6.3, padded to 256 bytes.
Bytes key_id() {
  return hex_bytes("00 00 00 00 20 00") +
         hex_bytes("8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff") +
         filled(16, 0) + hex_bytes("01 00 00 00") + filled(96, 0) + hex_bytes("02 00 00 00") +
         filled(98, 0);
}

class OutOfProcess : public ClientTest {
 protected:
  OutOfProcess() {
    ask_the_service();
    install(kQuoteEx, QUOTE_EX_LIBRARY);
    write_report(report_);
  }

  void keep(Bytes request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
  }

  // Answers as a service that works, and keeps the requests.
  void serve(ServedConnection connection) {
    const Bytes request = connection.read_request();
    keep(request);
    connection.write(aesm::encode_response_frame(success(request)));
  }

  // The second init is the one that asks for the key id (its b_pub_key_id is 1).
  [[nodiscard]] aesm::Response success(const Bytes& request) const {
    const auto decoded = aesm::decode_request(request);
    if (const auto* const init = std::get_if<aesm::InitQuoteExRequest>(&*decoded)) {
      if (init->b_pub_key_id.value_or(false)) {
        return aesm::InitQuoteExResponse{
            .error_code = 0, .target_info = target_, .pub_key_id_size = 32, .pub_key_id = id_};
      }
      return aesm::InitQuoteExResponse{
          .error_code = 0, .target_info = zero_, .pub_key_id_size = 32, .pub_key_id = {}};
    }
    if (std::holds_alternative<aesm::GetQuoteSizeExRequest>(*decoded)) {
      return aesm::GetQuoteSizeExResponse{.error_code = 0, .quote_size = 4600};
    }
    return aesm::GetQuoteExResponse{.error_code = 0, .quote = quote_, .qe_report_info = {}};
  }

  // The answer to the request with this error code and nothing else.
  static aesm::Response refusal(const Bytes& request, std::uint32_t code) {
    const auto decoded = aesm::decode_request(request);
    if (std::holds_alternative<aesm::InitQuoteExRequest>(*decoded)) {
      return aesm::InitQuoteExResponse{
          .error_code = code, .target_info = {}, .pub_key_id_size = {}, .pub_key_id = {}};
    }
    if (std::holds_alternative<aesm::GetQuoteSizeExRequest>(*decoded)) {
      return aesm::GetQuoteSizeExResponse{.error_code = code, .quote_size = {}};
    }
    return aesm::GetQuoteExResponse{.error_code = code, .quote = {}, .qe_report_info = {}};
  }

  [[nodiscard]] std::string quote_command() const {
    return text("quote:", report_.native(), ":", out_.native());
  }

  std::filesystem::path report_ = directory_ / "report";
  std::filesystem::path out_ = directory_ / "quote";
  Bytes target_ = filled(512, 0x77);
  Bytes zero_ = filled(512, 0);
  Bytes id_ = filled(32, 0x42);
  Bytes quote_ = filled(4600, 0x51);
  std::mutex mutex_;
  std::vector<Bytes> requests_;
};

TEST_F(OutOfProcess, OneQuoteIsFourConnectionsInThisOrder) {
  const ThreadedService service(socket_, [this](ServedConnection c) { serve(c); });
  const std::string info = directory_ / "target";
  EXPECT_THAT(execute({"load", "target:" + info, "size", quote_command()}),
              ElementsAre("load", "target 0x0000 set", "size 0x0000 4600", "quote 0x0000"));
  EXPECT_EQ(service.connections(), 4);
  EXPECT_EQ(base::read_file(info, 512).value(), target_);
  EXPECT_EQ(base::read_file(out_, 4600).value(), quote_);

  const Bytes first = hex_bytes("7a 88 02  0a 80 02") + key_id() + hex_bytes("18 00  48 98 75");
  const Bytes second =
      hex_bytes("7a 8a 02  0a 80 02") + key_id() + hex_bytes("18 01  20 20  48 98 75");
  const Bytes size = hex_bytes("82 01 86 02  0a 80 02") + key_id() + hex_bytes("48 98 75");
  const Bytes quote = hex_bytes("8a 01 bc 05  0a b0 03") + filled(432, 0x5E) +
                      hex_bytes("12 80 02") + key_id() + hex_bytes("20 f8 23  48 98 75");
  EXPECT_THAT(requests_, ElementsAre(first, second, size, quote));
}

TEST_F(OutOfProcess, SizeOfZeroIsRefusedWithoutAConnection) {
  const ThreadedService service(socket_, [this](ServedConnection c) { serve(c); });
  EXPECT_THAT(execute({"load", "zero_size"}), ElementsAre("load", "zero_size 0xe002"));
  EXPECT_EQ(service.connections(), 0);
}

// The three calls' error codes for one of the wire, from the tables 4.4 and 7.5.
struct Expected {
  unsigned target = 0xe001;
  unsigned size = 0xe001;
  unsigned quote = 0xe001;
};
Expected expected(unsigned wire) {
  switch (wire) {
    case 2:
      return {0xe03f, 0xe03f, 0xe03f};
    case 3:
      return {0xe002, 0xe002, 0xe002};
    case 12:
    case 13:
    case 14:
      return {0xe041, 0xe041, 0xe041};
    case 17:
    case 30:
    case 46:
    case 48:
      return {0xe040, 0xe040, 0xe040};
    case 18:
      return {0xe043, 0xe043, 0xe043};
    case 19:
      return {0xe043, 0xe001, 0xe043};
    case 21:
      return {0xe003, 0xe003, 0xe003};
    case 38:
      return {0xe00b, 0xe00b, 0xe00b};
    case 42:
      return {0xe001, 0xe00f, 0xe00f};
    case 44:
      return {0xe011, 0xe001, 0xe001};
    case 50:
      return {0xe010, 0xe001, 0xe001};
    default:
      return {};
  }
}

TEST_F(OutOfProcess, EveryErrorOfTheWireBecomesTheOneThatCallersKnow) {
  constexpr unsigned kLast = 52;  // one more than there are
  const ThreadedService service(socket_, [](ServedConnection connection) {
    const Bytes request = connection.read_request();
    const auto code = 1 + static_cast<std::uint32_t>(connection.index()) / 3;
    connection.write(aesm::encode_response_frame(refusal(request, code)));
  });
  Commands commands{"load"};
  Lines lines{"load"};
  for (unsigned wire = 1; wire <= kLast; ++wire) {
    commands.insert(commands.end(), {"target", "size", quote_command() + ":4600"});
    const Expected codes = expected(wire);
    lines.push_back(text("target ", base::hex_number(codes.target), " zero"));
    lines.push_back(text("size ", base::hex_number(codes.size), " 0"));
    lines.push_back(text("quote ", base::hex_number(codes.quote)));
  }
  EXPECT_EQ(execute(commands), lines);
  EXPECT_EQ(service.connections(), 3 * static_cast<int>(kLast)) << "nothing is asked twice";
}

TEST_F(OutOfProcess, TargetInfoOfAFailureIsZero) {
  // One that sends a target info along with its refusal.
  const ThreadedService service(socket_, [this](ServedConnection connection) {
    connection.read_request();
    connection.write(aesm::encode_response_frame(aesm::InitQuoteExResponse{
        .error_code = 44, .target_info = target_, .pub_key_id_size = {}, .pub_key_id = {}}));
  });
  EXPECT_THAT(execute({"load", "target"}), ElementsAre("load", "target 0xe011 zero"));
  EXPECT_EQ(service.connections(), 1);
}

TEST_F(OutOfProcess, SecondInitMayFailAsWell) {
  const ThreadedService service(socket_, [this](ServedConnection connection) {
    const Bytes request = connection.read_request();
    connection.write(aesm::encode_response_frame(connection.index() == 0 ? success(request)
                                                                         : refusal(request, 50)));
  });
  EXPECT_THAT(execute({"load", "target"}), ElementsAre("load", "target 0xe010 zero"));
  EXPECT_EQ(service.connections(), 2);
}

TEST_F(OutOfProcess, KeyIdOfAnotherSizeIsUnexpected) {
  const ThreadedService service(socket_, [this](ServedConnection connection) {
    connection.read_request();
    connection.write(aesm::encode_response_frame(aesm::InitQuoteExResponse{
        .error_code = 0, .target_info = zero_, .pub_key_id_size = 64, .pub_key_id = {}}));
  });
  const Lines lines = execute({"load", "trace:0", "target"});
  EXPECT_THAT(lines, Contains("target 0xe001 zero"));
  EXPECT_THAT(lines, Contains(HasSubstr("key ids of 64 bytes")));
  EXPECT_EQ(service.connections(), 1);
}

TEST_F(OutOfProcess, NobodyServes) {
  const Lines lines = execute({"load", "trace:0", "target", "size", quote_command() + ":4600"});
  EXPECT_THAT(lines, AllOf(Contains("target 0xe040 zero"), Contains("size 0xe040 77"),
                           Contains("quote 0xe040")));
  // Both libraries have a say: the lower one why, with the remedy.
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr("say 0 sgx_init_quote_ex returns 0x4001"),
                                    HasSubstr(socket_.native()))));
  EXPECT_THAT(lines, Contains("say 0 sgx_qe_get_target_info returns 0xe040: sgx_init_quote_ex of "
                              "libsgx_quote_ex.so.1 returned 0x4001"));
}

TEST_F(OutOfProcess, ServiceThatClosesIsUnexpected) {
  const ThreadedService service(socket_, [](const ServedConnection&) {});
  EXPECT_THAT(execute({"load", "target", "size", quote_command() + ":4600"}),
              ElementsAre("load", "target 0xe001 zero", "size 0xe001 77", "quote 0xe001"));
}

TEST_F(OutOfProcess, SilentServiceIsATimeout) {
  set("QUOTED_TIMEOUT_MS", "200");
  const ThreadedService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    connection.wait_until_client_closes();
  });
  EXPECT_THAT(execute({"load", "target", "size", quote_command() + ":4600"}),
              ElementsAre("load", "target 0xe042 zero", "size 0xe042 77", "quote 0xe042"));
}

TEST_F(OutOfProcess, WhatServesIsToldOnceAndToTheFirstWhoListens) {
  const ThreadedService service(socket_, [this](ServedConnection c) { serve(c); });
  const auto is_told = AllOf(HasSubstr("say 1 quotes come from the service of this machine, by "),
                             HasSubstr(kQuoteEx), HasSubstr("SGX_AESM_ADDR was set"));
  EXPECT_THAT(execute({"load", "trace:0", "target", "target"}), Not(Contains(is_told)));
  EXPECT_THAT(execute({"load", "target", "trace:1", "target", "target"}),
              Contains(is_told).Times(1));
}

TEST_F(OutOfProcess, WordsOfTheLibraryBelowComeAndGoWithTheCallback) {
  const auto is_from_below = HasSubstr("sgx_get_quote_size_ex returns 0x4001");
  const Lines lines = execute(
      {"load", "size", "trace:0", "size", "untrace", "size", "trace:0", "size", "trace:9", "size"});
  EXPECT_THAT(lines, Contains(is_from_below).Times(2));
  EXPECT_THAT(lines, Contains("size 0xe040 77").Times(5));
}

TEST_F(OutOfProcess, LibraryMayBeInstalledLater) {
  std::filesystem::remove(libraries_ / kQuoteEx);
  const ThreadedService service(socket_, [this](ServedConnection c) { serve(c); });
  const std::string link = text("link:", QUOTE_EX_LIBRARY, ":", (libraries_ / kQuoteEx).native());
  const Lines lines = execute({"load", "trace:0", "target", "size", quote_command() + ":16", link,
                               "target", "size", quote_command()});
  EXPECT_THAT(lines, AllOf(Contains("target 0xe040 zero"), Contains("size 0xe040 77"),
                           Contains("quote 0xe040"), Contains("target 0x0000 set"),
                           Contains("size 0x0000 4600"), Contains("quote 0x0000")));
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr("returns 0xe040: libsgx_quote_ex.so.1"),
                                    HasSubstr("cannot open shared object file"),
                                    HasSubstr("package libquoted-quote-ex"), HasSubstr("[QD7100]")))
                         .Times(3));
}

TEST_F(OutOfProcess, IsUnloadedWithWhatItOpened) {
  const ThreadedService service(socket_, [this](ServedConnection c) { serve(c); });
  Commands commands;
  for (int i = 0; i < 3; ++i) {
    commands.insert(commands.end(),
                    {"load", "trace:1", "target", "mapped:libsgx_quote_ex.so", "unload",
                     "mapped:libsgx_quote_ex.so", "mapped:libsgx_dcap_ql.so"});
  }
  const Lines lines = execute(commands);
  EXPECT_THAT(lines, Contains("mapped libsgx_quote_ex.so yes").Times(3));
  EXPECT_THAT(lines, Contains("mapped libsgx_quote_ex.so no").Times(3));
  EXPECT_THAT(lines, Contains("mapped libsgx_dcap_ql.so no").Times(3));
}

// As Open Enclave does.
TEST_F(OutOfProcess, WorksForEverybodyInTheProcess) {
  const ThreadedService service(socket_, [this](ServedConnection c) { serve(c); });
  const Lines lines =
      execute({"load_global", "trace:0", "target", "size", quote_command(), "unload"});
  EXPECT_THAT(lines, ElementsAre("load_global", "trace 0x0000", "target 0x0000 set",
                                 "size 0x0000 4600", "quote 0x0000", "unload"));
}

class ForeignQuoteEx : public OutOfProcess {
 protected:
  ForeignQuoteEx() {
    std::filesystem::remove(libraries_ / kQuoteEx);
    install(kQuoteEx, FAKE_QUOTE_EX);
  }
};

TEST_F(ForeignQuoteEx, EveryStatusHasItsError) {
  const std::vector<std::pair<unsigned, unsigned>> conversions{
      {0x0001, 0xe001}, {0x0002, 0xe002}, {0x0003, 0xe003}, {0x2006, 0xe03f}, {0x4001, 0xe040},
      {0x4007, 0xe041}, {0x4002, 0xe042}, {0x400a, 0xe043}, {0x8001, 0xe00b}, {0x8002, 0xe010},
      {0x8005, 0xe011}, {0x8003, 0xe00f}, {0x2005, 0xe001}, {0x3001, 0xe001}, {0x4003, 0xe001},
      {0x4005, 0xe001}, {0x4006, 0xe001}, {0x4012, 0xe001}, {0x8004, 0xe001}, {0xffffffff, 0xe001}};
  Commands commands{"load"};
  Lines lines{"load"};
  for (const auto& [status, error] : conversions) {
    commands.insert(commands.end(), {"setenv:FAKE_STATUS=" + std::to_string(status), "target",
                                     "size", quote_command() + ":4600"});
    lines.insert(lines.end(), {"setenv", text("target ", base::hex_number(error), " zero"),
                               text("size ", base::hex_number(error), " 4600"),
                               text("quote ", base::hex_number(error))});
  }
  EXPECT_EQ(execute(commands), lines);
}

TEST_F(ForeignQuoteEx, SimplyWorks) {
  EXPECT_THAT(
      execute({"load", "trace:0", "target", "size", quote_command()}),
      ElementsAre("load", "trace 0x0000", "target 0x0000 set", "size 0x0000 4600", "quote 0x0000"));
  set("FAKE_KEY_ID_SIZE", "31");
  EXPECT_THAT(execute({"load", "target"}), ElementsAre("load", "target 0xe001 set"));
  set("FAKE_KEY_ID_SIZE", "32");
  set("FAKE_SECOND_STATUS", "0x8002");
  EXPECT_THAT(execute({"load", "target"}), ElementsAre("load", "target 0xe010 set"));
}

TEST_F(ForeignQuoteEx, FunctionsAreLookedForOneByOne) {
  std::filesystem::remove(libraries_ / kQuoteEx);
  install(kQuoteEx, FAKE_QUOTE_EX_WITHOUT_INIT);
  const Lines lines = execute({"load", "trace:0", "target", "size", quote_command()});
  EXPECT_THAT(lines, AllOf(Contains("target 0xe040 zero"), Contains("size 0x0000 4600"),
                           Contains("quote 0x0000")));
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr("has no function sgx_init_quote_ex"),
                                    HasSubstr((libraries_ / kQuoteEx).native()))));
}

}  // namespace
}  // namespace quoted::test
