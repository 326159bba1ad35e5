// The command line of quotectl, and where its output goes.
#include <fcntl.h>

#include "quotectl_fixture.h"

namespace quoted::quotectl {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

using CommandLine = QuotectlTest;

TEST_F(CommandLine, HelpAndVersionSucceed) {
  const auto help = quotectl({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* const command : {"report", "quote", "inspect", "verify", "sim", "wire"}) {
    EXPECT_THAT(help.out, HasSubstr(command));
  }
  const auto report_help = quotectl({"report", "--help"});
  EXPECT_EQ(report_help.exit_code, 0);
  EXPECT_THAT(report_help.out, HasSubstr("QUOTED_SOCKET"));
  EXPECT_THAT(report_help.out, HasSubstr("/var/run/aesmd/aesm.socket"));
  const auto version = quotectl({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.out, "quotectl " QUOTED_VERSION "\n");
}

TEST_F(CommandLine, AFileMayBeNamedLikeACommand) {
  for (const auto& command : {std::vector<std::string>{"inspect", "quote"},
                              {"verify", "report", "--json"},
                              {"wire", "show", "replay"},
                              {"collateral", "show", "bundle"}}) {
    EXPECT_THAT(quotectl(command), IsErrorSaying("No such file"))
        << testing::PrintToString(command);
  }
}

TEST_F(CommandLine, EveryMistakeIsAnErrorThatNamesIt) {
  const struct {
    std::vector<std::string> arguments;
    const char* named;
  } mistakes[] = {
      {{}, "no command"},
      {{"frobnicate"}, "'frobnicate'"},
      {{"sim"}, "no command"},
      {{"--bogus"}, "'--bogus'"},
      {{"report", "--bogus"}, "'--bogus'"},
      {{"report", "--out", "x", "--bogus", "y"}, "'--bogus'"},
      {{"report"}, "--out"},
      {{"report", "--out"}, "--out"},
      {{"report", "--out", "a", "--out", "b"}, "--out"},
      {{"report", "--out", "x", "--cpu", "fast"}, "--cpu"},
      {{"report", "--out", "x", "--isv-svn", "65536"}, "--isv-svn"},
      {{"report", "--out", "x", "--isv-prod-id", "-1"}, "--isv-prod-id"},
      {{"quote", "--out", "x"}, "REPORT"},
      {{"quote", "r"}, "--out"},
      {{"inspect"}, "FILE"},
      {{"verify"}, "QUOTE"},
      {{"verify", "a", "b"}, "'b'"},
      {{"verify", "q", "--root"}, "--root"},
      {{"verify", "q", "--time", "yesterday"}, "--time"},
      {{"sim", "root"}, "--out"},
  };
  for (const auto& mistake : mistakes) {
    EXPECT_THAT(quotectl(mistake.arguments), IsErrorSaying(mistake.named))
        << testing::PrintToString(mistake.arguments);
  }
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(CommandLine, SocketOfTheEnvironmentUnlessNamed) {
  auto variables = environment();
  variables["QUOTED_SOCKET"] = daemon().socket();
  const std::vector<std::string> report = {"report", "--out", file("r")};
  EXPECT_EQ(quotectl(report, variables).exit_code, 0);

  variables["QUOTED_SOCKET"] = file("nowhere");
  EXPECT_THAT(quotectl(report, variables), IsErrorSaying(file("nowhere")));
  EXPECT_EQ(
      quotectl({"report", "--socket", daemon().socket(), "--out", file("r")}, variables).exit_code,
      0);
}

class Output : public QuotectlTest {
 protected:
  // Runs with standard output given to `fd`.
  static test::ProcessResult run_into(int fd, const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {QUOTECTL_BINARY};
    command.insert(command.end(), arguments.begin(), arguments.end());
    test::Process process(command, {}, fd);
    const int exit_code = process.wait();
    return {exit_code, process.out(), process.err()};
  }
};

TEST_F(Output, FullDiskIsAnError) {
  const base::UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.valid());
  const std::string root = make_root("root.pem");
  const std::vector<std::vector<std::string>> commands = {
      {"--version"}, {"--help"}, {"inspect", root}, {"verify", root}};
  for (const auto& command : commands) {
    EXPECT_THAT(run_into(full.get(), command), IsErrorSaying("No space left on device"));
  }
}

TEST_F(Output, ReaderThatLeftIsAnError) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const base::UniqueFd reader(ends[0]);
  const base::UniqueFd writer(ends[1]);
  base::UniqueFd gone(reader.get());
  gone.reset();
  EXPECT_THAT(run_into(writer.get(), {"--version"}), IsErrorSaying("Broken pipe"));
}

TEST_F(Output, ClosedOutputIsAnErrorAndNoFileIsTakenForIt) {
  const std::string shell =
      "exec '" QUOTECTL_BINARY "' inspect '" + make_root("root.pem") + "' >&-";
  EXPECT_THAT(test::run({"/bin/sh", "-c", shell}), IsErrorSaying("Bad file descriptor"));

  // With errors closed as well the message is lost, but it is in no file.
  const std::string silent =
      "exec '" QUOTECTL_BINARY "' sim root --out '" + file("new.pem") + "' <&- >&- 2>&-";
  EXPECT_EQ(test::run({"/bin/sh", "-c", silent}).exit_code, 0);
  EXPECT_THAT(std::string(base::as_text(read(file("new.pem")))),
              testing::StartsWith("-----BEGIN CERTIFICATE-----"));
}

TEST_F(Output, FailedWriteLeavesTheOldFileAndNothingElse) {
  const std::string old = write("quote", base::as_bytes("old content"));
  const std::string report = make_report("report");
  // One block of 512 bytes: room for the message, not for the quote.
  const std::string shell = "ulimit -f 1; trap '' XFSZ; exec '" QUOTECTL_BINARY "' quote '" +
                            report + "' --socket '" + daemon().socket() + "' --out '" + old + "'";
  EXPECT_THAT(test::run({"/bin/sh", "-c", shell}), IsErrorSaying("File too large"));
  EXPECT_EQ(base::as_text(read(old)), "old content");
  EXPECT_THAT(files(), testing::ElementsAre("quote", "report"));
}

TEST_F(Output, UnusableTargetsAreErrors) {
  const std::string plain = write("plain", {});
  const std::string directory = file("directory");
  std::filesystem::create_directory(directory);
  for (const auto& out : {file("missing/x"), plain + "/x", directory, std::string("/dev/null")}) {
    EXPECT_THAT(quotectl({"report", "--socket", daemon().socket(), "--out", out}),
                IsErrorSaying("cannot write " + out));
    EXPECT_THAT(quotectl({"sim", "root", "--out", out}), IsErrorSaying("cannot write " + out));
  }
  EXPECT_THAT(files(), testing::ElementsAre("directory", "plain"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace quoted::quotectl
