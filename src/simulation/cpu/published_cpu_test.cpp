#include "simulation/cpu/published_cpu.h"

#include <gtest/gtest.h>

#include "simulation/testing/samples.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using sgx::KeyName;
using test::named;
using test::outcome;

constexpr std::array<std::string_view, 5> kKeys = {"format", "cpu_svn", "owner_epoch",
                                                   "report_key_id", "report_base_key"};

std::string published(const test::CpuParts& cpu = {}) {
  return std::string(base::as_text(serialize_published_cpu(cpu.make())));
}

base::Result<PlatformCpu> parse(std::string_view text) {
  return parse_published_cpu(base::as_bytes(text));
}

// The line "key value" for `key`, with its line feed.
std::string line_of(const std::string& text, std::string_view key) {
  const std::size_t begin = text.find("\n" + std::string(key) + " ") + 1;
  EXPECT_NE(begin, 0U) << key;
  return text.substr(begin, text.find('\n', begin) + 1 - begin);
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

TEST(PublishedCpu, SurvivesTheFile) {
  const test::CpuParts parts;
  const auto parsed = parse(published());
  ASSERT_TRUE(parsed) << parsed.error().summary();
  EXPECT_EQ(parsed->cpu_svn(), parts.cpu_svn);
  EXPECT_EQ(parsed->owner_epoch(), parts.owner_epoch);
  EXPECT_EQ(parsed->report_key_id(), parts.report_key_id);
  EXPECT_TRUE(base::equal(parsed->report_base_key().view(), parts.make().report_base_key().view()));
  EXPECT_EQ(base::as_text(serialize_published_cpu(*parsed)), published());
}

TEST(PublishedCpu, ReportsVerifyBothWays) {
  const PlatformCpu whole = test::CpuParts{}.make();
  const PlatformCpu part = parse(published()).value();
  const Secs target = test::kss_enclave();
  for (const auto& [maker, verifier] : {std::pair(&part, &whole), std::pair(&whole, &part)}) {
    const sgx::Report report =
        maker->ereport(test::app_enclave(), test::target_of(target), sgx::ReportData{}).value();
    EXPECT_TRUE(report_verifies(*verifier, target, report).value());
    EXPECT_FALSE(report_verifies(*verifier, test::app_enclave(), report).value());
  }
}

TEST(PublishedCpu, GivesNoKeyButReportKeys) {
  const PlatformCpu part = parse(published()).value();
  Secs secs = test::app_enclave();
  secs.attributes.flags =
      secs.attributes.flags | sgx::flags::kProvisionKey | sgx::flags::kEinitTokenKey;
  for (const KeyName name : test::kAllKeyNames) {
    EXPECT_EQ(outcome(part.egetkey(secs, test::key_request(name))),
              name == KeyName::kReport ? "OK" : named(ErrorCode::kCpuInvalidKeyName));
  }
}

// The base keys computed here as platform_cpu.cpp does; the first check proves it is the same way.
TEST(PublishedCpu, HoldsTheReportBaseKeyAndNoOtherSecret) {
  const Fuses fuses = test::CpuParts{}.fuses;
  const auto base_key = [](const crypto::Key128& fuse, KeyName name) {
    base::Bytes label = base::to_bytes(base::as_bytes("quoted CPU base"));
    label.push_back(static_cast<std::byte>(name));
    return crypto::derive_key128(fuse, label).value();
  };
  const std::string text = published();
  const auto is_in_file = [&text](const crypto::Key128& key) {
    return text.find(base::to_hex(key.view())) != std::string::npos;
  };
  EXPECT_TRUE(is_in_file(base_key(fuses.seal, KeyName::kReport)));

  const crypto::Key128 provision_seal = base_key(fuses.seal, KeyName::kProvisionSeal);
  EXPECT_FALSE(is_in_file(fuses.seal));
  EXPECT_FALSE(is_in_file(fuses.provisioning));
  EXPECT_FALSE(is_in_file(base_key(fuses.seal, KeyName::kSeal)));
  EXPECT_FALSE(is_in_file(base_key(fuses.seal, KeyName::kEinitToken)));
  EXPECT_FALSE(is_in_file(base_key(fuses.provisioning, KeyName::kProvision)));
  EXPECT_FALSE(is_in_file(provision_seal));
  EXPECT_FALSE(
      is_in_file(crypto::derive_key128(provision_seal, fuses.provisioning.view()).value()));
}

// The published key in place of each fuse, the most a reader of the file can try with this model.
TEST(PublishedCpu, PublishedKeyDoesNotReplaceTheFuses) {
  const test::CpuParts parts;
  test::CpuParts forged = parts;
  forged.fuses = {parts.make().report_base_key(), parts.make().report_base_key()};
  Secs secs = test::app_enclave();
  secs.attributes.flags =
      secs.attributes.flags | sgx::flags::kProvisionKey | sgx::flags::kEinitTokenKey;
  for (const KeyName name : test::kAllKeyNames) {
    const auto real = parts.make().egetkey(secs, test::key_request(name)).value();
    const auto guess = forged.make().egetkey(secs, test::key_request(name)).value();
    EXPECT_FALSE(base::equal(real.view(), guess.view())) << static_cast<unsigned>(name);
  }
}

TEST(PublishedCpu, SaysWhatItIs) {
  EXPECT_TRUE(published().starts_with("# "));
  EXPECT_NE(published().find("SIMULATED-NO-SECURITY"), std::string::npos);
}

TEST(PublishedCpu, EveryFieldIsNeededOnce) {
  for (const std::string_view key : kKeys) {
    const std::string text = published();
    const std::string line = line_of(text, key);
    const auto missing = parse(replaced(text, line, ""));
    ASSERT_EQ(outcome(missing), named(ErrorCode::kMalformed)) << key;
    EXPECT_NE(missing.error().summary().find(key == "format" ? "format" : key), std::string::npos)
        << missing.error().summary();

    const auto twice = parse(text + line);
    ASSERT_EQ(outcome(twice), named(ErrorCode::kMalformed)) << key;
    EXPECT_NE(twice.error().message().find("line 8"), std::string::npos) << twice.error().message();
  }
}

TEST(PublishedCpu, ValuesMustBeHexadecimalOfTheRightSize) {
  for (const std::string_view key : kKeys) {
    const std::string text = published();
    const std::string line = line_of(text, key);
    const std::string name(key);
    for (const std::string& value :
         {std::string(), std::string("zz"), line.substr(name.size() + 1, 6),
          "00" + line.substr(name.size() + 1, line.size() - name.size() - 2),
          "xx" + line.substr(name.size() + 3, line.size() - name.size() - 4),
          line.substr(name.size() + 1, line.size() - name.size() - 2) + "\r"}) {
      const auto refused = parse(replaced(text, line, name + " " + value + "\n"));
      ASSERT_EQ(outcome(refused), named(ErrorCode::kMalformed)) << name << " " << value;
      EXPECT_NE(refused.error().summary().find(name), std::string::npos);
    }
    EXPECT_EQ(outcome(parse(replaced(text, line, name + "\n"))), named(ErrorCode::kMalformed));
  }
}

TEST(PublishedCpu, OtherFormatsAreRefused) {
  EXPECT_EQ(outcome(parse("")), named(ErrorCode::kMalformed));
  EXPECT_EQ(outcome(parse("\n\n")), named(ErrorCode::kMalformed));
  EXPECT_EQ(outcome(parse(std::string_view("\0\0\0 \0\n", 6))), named(ErrorCode::kMalformed));
  EXPECT_EQ(outcome(parse(replaced(published(), "simulated-cpu-1", "simulated-cpu-2"))),
            named(ErrorCode::kMalformed));
  EXPECT_EQ(outcome(parse(R"({"format": "quoted-simulated-cpu-1"})")),
            named(ErrorCode::kMalformed));
}

TEST(PublishedCpu, HugeFilesAreRefused) {
  std::string lines = published();
  for (int i = 0; i < 100'000; ++i) lines += "key" + std::to_string(i) + " value\n";
  EXPECT_EQ(outcome(parse(lines)), named(ErrorCode::kMalformed));
  EXPECT_EQ(outcome(parse(std::string(10'000'000, 'a'))), named(ErrorCode::kMalformed));
  EXPECT_EQ(outcome(parse(std::string(10'000'000, '\n') + published())),
            named(ErrorCode::kMalformed));
}

TEST(PublishedCpu, LinesOfALaterVersionArePassedOver) {
  EXPECT_EQ(outcome(parse(published() + "note anything at all\n# and a comment\n")), "OK");
}

// Every truncation is refused or, when only the last line feed is gone, read in full.
TEST(PublishedCpu, TruncationIsNoticed) {
  const std::string whole = published();
  for (std::size_t size = 0; size < whole.size() - 1; ++size) {
    ASSERT_EQ(outcome(parse(whole.substr(0, size))), named(ErrorCode::kMalformed)) << size;
  }
  EXPECT_EQ(outcome(parse(whole.substr(0, whole.size() - 1))), "OK");
}

}  // namespace
}  // namespace quoted::simulation
