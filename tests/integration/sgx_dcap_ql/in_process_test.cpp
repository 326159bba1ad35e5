// In-process: that libquoted_inproc is the right one, what it is asked, and what it refuses itself
// (aesm-protocol 7.2, 7.4).
#include "base/text.h"
#include "client_test.h"

namespace quoted::test {
namespace {

using base::text;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class InProcess : public ClientTest {
 protected:
  InProcess() { write_report(report_); }
  [[nodiscard]] std::string quote_command() const {
    return text("quote:", report_.native(), ":", (directory_ / "quote").native());
  }
  [[nodiscard]] std::string file() const { return libraries_ / kInproc; }

  std::filesystem::path report_ = directory_ / "report";
};

TEST_F(InProcess, NothingIsInstalled) {
  const Lines lines = execute({"load", "trace:0", "policy:0", "policy:7", "cleanup",
                               "path:0:/dev/null", "target", "size", quote_command() + ":4600"});
  EXPECT_THAT(lines, AllOf(Contains("policy 0xe00d").Times(2), Contains("cleanup 0x0000"),
                           Contains("path 0xe00d"), Contains("target 0xe00d zero"),
                           Contains("size 0xe00d 77"), Contains("quote 0xe00d")));
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr("returns 0xe00d: libquoted_inproc.so.1"),
                                    HasSubstr("package libquoted-inproc"),
                                    HasSubstr("SGX_AESM_ADDR=1"), HasSubstr("[QD7100]")))
                         .Times(6));
}

TEST_F(InProcess, ForeignLibrariesAreNamed) {
  const std::pair<const char*, const char*> kinds[] = {
      {FAKE_INPROC_WITHOUT_SYMBOL, "it has no function quoted_inproc_open"},
      {FAKE_INPROC_OTHER_ABI, "it has a table of version 7, not of version 1"},
      {FAKE_INPROC_OTHER_SIZE, "it has a table of 8 bytes, not of 64"}};
  for (const auto& [library, words] : kinds) {
    std::filesystem::remove(file());
    install(kInproc, library);
    EXPECT_THAT(execute({"load", "trace:0", "target", "mapped:fake_inproc"}),
                AllOf(Contains("target 0xe001 zero"), Contains("mapped fake_inproc no"),
                      Contains(AllOf(HasSubstr("returns 0xe001: " + file()), HasSubstr(words),
                                     HasSubstr("remove that file"), HasSubstr("[QD7101]")))));
  }
}

TEST_F(InProcess, LibraryThatRefusesTheVersionIsForeign) {
  install(kInproc, FAKE_INPROC_OTHER_ABI);
  set("FAKE_REFUSES", "1");
  EXPECT_THAT(execute({"load", "trace:0", "target"}),
              Contains(HasSubstr("does not have version 1 of the interface between the two")));
}

TEST_F(InProcess, OtherReleasesAreNamed) {
  const std::pair<const char*, const char*> kinds[] = {{FAKE_INPROC_OTHER_RELEASE, "9.8.7"},
                                                       {FAKE_INPROC_WITHOUT_RELEASE, "unknown"}};
  for (const auto& [library, release] : kinds) {
    std::filesystem::remove(file());
    install(kInproc, library);
    EXPECT_THAT(
        execute({"load", "trace:0", "target"}),
        AllOf(Contains("target 0xe001 zero"),
              Contains(AllOf(HasSubstr("libsgx_dcap_ql is release " QUOTED_VERSION ", but "),
                             HasSubstr(file() + " is release " + release),
                             HasSubstr("packages libquoted-dcap-ql and libquoted-inproc"),
                             HasSubstr("[QD7102]")))));
  }
}

TEST_F(InProcess, RightLibraryMayBeInstalledLater) {
  install(kInproc, FAKE_INPROC_WITHOUT_SYMBOL);
  EXPECT_THAT(execute({"load", "target", "unlink:" + file(), "target",
                       text("link:", FAKE_INPROC_EXPECTED, ":", file()), "target", "target"}),
              ElementsAre("load", "target 0xe001 zero", "unlink", "target 0xe00d zero", "link",
                          "asked log function", "asked target", "target 0x0000 set", "asked target",
                          "target 0x0000 set", "asked log NULL"));
}

TEST_F(InProcess, EveryCallIsPassedOnWithItsArguments) {
  install(kInproc, FAKE_INPROC_EXPECTED);
  EXPECT_THAT(
      execute({"load", "policy:0", "policy:9", "path:3:/some/file", "path:8:NULL", "target", "size",
               quote_command(), "zero_size", "cleanup", "unload"}),
      ElementsAre("load", "asked log function", "asked policy 0", "policy 0x0000", "asked policy 9",
                  "policy 0x0000", "asked path 3 /some/file", "path 0x0000", "asked path 8 NULL",
                  "path 0x0000", "asked target", "target 0x0000 set", "asked size",
                  "size 0x0000 1456", "asked quote 1456", "quote 0x0000", "asked quote 0",
                  "zero_size 0x0000", "cleanup 0x0000", "asked log NULL", "unload"));
}

TEST_F(InProcess, CodesAndReasonsPassThrough) {
  install(kInproc, FAKE_INPROC_EXPECTED);
  set("FAKE_CODE", "0xe00f");
  EXPECT_THAT(execute({"load", "trace:0", "size", "trace:9", "size"}),
              ElementsAre("load", "trace 0x0000", "asked log function", "asked size",
                          "say 0 it returns what it was told to", "size 0xe00f 1456",
                          "trace 0x0000", "asked size", "size 0xe00f 1456", "asked log NULL"));
  for (const std::string code : {"0xe014", "0xe019", "0xe049", "0xe065", "0x1234"}) {
    set("FAKE_CODE", code);
    EXPECT_THAT(execute({"load", "target"}), Contains("target " + code + " zero"));
  }
}

TEST_F(InProcess, WhatServesIsToldOnceAndToTheFirstWhoListens) {
  install(kInproc, FAKE_INPROC_EXPECTED);
  const auto is_told = AllOf(HasSubstr("say 1 quotes are made in this process, by " + file()),
                             HasSubstr("SGX_AESM_ADDR was not set"));
  EXPECT_THAT(execute({"load", "trace:1", "target", "target", "size"}), Contains(is_told).Times(1));
  EXPECT_THAT(execute({"load", "trace:0", "target"}), Not(Contains(is_told)));
}

TEST_F(InProcess, IsUnloadedWithWhatItOpened) {
  install(kInproc, INPROC_LIBRARY);
  set("QUOTED_PLATFORM", "nonsense");
  const Commands once{"load",
                      "target",
                      "mapped:libquoted_inproc",
                      "unload",
                      "mapped:libquoted_inproc",
                      "mapped:libsgx_dcap_ql"};
  Commands commands = once;
  commands.insert(commands.end(), once.begin(), once.end());
  const Lines lines = execute(commands);
  EXPECT_THAT(lines, AllOf(Contains("mapped libquoted_inproc yes").Times(2),
                           Contains("mapped libquoted_inproc no").Times(2),
                           Contains("mapped libsgx_dcap_ql no").Times(2)));
}

class RealInproc : public InProcess {
 protected:
  RealInproc() { install(kInproc, INPROC_LIBRARY); }
};

TEST_F(RealInproc, RefusesPoliciesAndPathsByItself) {
  const std::string directory = directory_.path();
  const std::string missing = directory_ / "missing";
  EXPECT_THAT(execute({"load", "policy:2", "policy:3", "policy:4294967295", "path:0:NULL",
                       "path:1:" + directory, "path:2:" + missing, "path:4:/dev/null",
                       "path:3:" + std::string(250, '/') + "/dev/null"}),
              ElementsAre("load", "policy 0xe00c", "policy 0xe00c", "policy 0xe00c", "path 0xe002",
                          "path 0xe002", "path 0xe002", "path 0xe002",
                          // 259 characters: taken as a path, and then there is no platform or it
                          // has no such function
                          testing::AnyOf("path 0xe00d", "path 0x0000")));
  EXPECT_THAT(execute({"load", "trace:0", "path:3:" + std::string(251, '/') + "/dev/null"}),
              AllOf(Contains("path 0xe002"),
                    Contains(HasSubstr("say 0 sgx_ql_set_path returns 0xe002: a path of 260"))));
}

TEST_F(RealInproc, PlatformThatNobodyKnowsIsNamed) {
  set("QUOTED_PLATFORM", "Simulated");
  EXPECT_THAT(
      execute({"load", "trace:0", "target", "size", quote_command() + ":4600", "policy:0"}),
      AllOf(Contains("target 0xe00d zero"), Contains("size 0xe00d 77"), Contains("quote 0xe00d"),
            Contains("policy 0xe00d"),
            Contains(AllOf(HasSubstr("QUOTED_PLATFORM is 'Simulated'"), HasSubstr("[QD7103]")))
                .Times(4)));
}

TEST_F(RealInproc, StandardErrorGetsTheReasonsToo) {
  set("QUOTED_PLATFORM", "Simulated");
  set("QUOTED_DEBUG", "1");
  EXPECT_THAT(execute({"load", "target"}), ElementsAre("load", "target 0xe00d zero"));
  EXPECT_THAT(err_, HasSubstr("libsgx_dcap_ql: sgx_qe_get_target_info returns 0xe00d: "
                              "QUOTED_PLATFORM is 'Simulated'"));
}

}  // namespace
}  // namespace quoted::test
