#include "conformance/corpus.h"

#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "base/text.h"
#include "test_support/temp_dir.h"
#include "test_support/vectors.h"

namespace quoted::conformance {
namespace {

using base::text;
using test::unhex;
using ::testing::HasSubstr;

constexpr const char* kHeader = R"({"format":"quoted-wire-corpus","version":1,"client":"somebody"})"
                                "\n";

std::string step(const std::string& send, const std::string& expect, const std::string& more = "") {
  return text(R"({"conversation":"a quote","step":"one","send":[)", send, R"(],"expect":[)", expect,
              "]", more, "}\n");
}

TEST(Corpus, ReadsStepsOfConversations) {
  const auto corpus =
      parse_client(kHeader +
                   step(R"("06000000","aa0103{quote_size+10}ff")",
                        R"("answer getQuoteSizeExRes","errorCode value 0","quote_size range 1 9",)"
                        R"("save quote_size quote_size")") +
                   step("", R"("closed")", R"(,"half_close":true,"weight":"should")"))
          .value();
  ASSERT_EQ(corpus.size(), 1U);
  EXPECT_EQ(corpus[0].client, "somebody");
  ASSERT_EQ(corpus[0].steps.size(), 2U);
  const Step& first = corpus[0].steps[0];
  ASSERT_EQ(first.writes.size(), 2U);
  ASSERT_EQ(first.writes[1].size(), 3U);
  EXPECT_EQ(first.writes[1][0].bytes, unhex("aa0103"));
  EXPECT_EQ(first.writes[1][1].quantity.number, 10);
  EXPECT_EQ(first.writes[1][1].quantity.told, Told::kQuoteSize);
  EXPECT_TRUE(first.required);
  EXPECT_EQ(first.expectation.shape->number, 16U);
  ASSERT_EQ(first.expectation.rules.size(), 2U);
  EXPECT_EQ(first.expectation.rules[1].most, 9);
  EXPECT_EQ(first.expectation.saves.size(), 1U);
  const Step& second = corpus[0].steps[1];
  EXPECT_TRUE(second.half_close);
  EXPECT_FALSE(second.required);
  EXPECT_EQ(second.expectation.form, Expectation::Form::kClosed);
}

TEST(Corpus, ReadsWhatTheProgramWasBuiltWith) {
  const auto corpus = built_in_corpus();
  ASSERT_TRUE(corpus) << corpus.error().summary();
  std::set<std::string> clients;
  for (const Conversation& conversation : *corpus) clients.insert(conversation.client);
  EXPECT_THAT(clients,
              ::testing::ElementsAre("edges", "enarx", "fortanix", "gramine", "intel-dcap-ql",
                                     "intel-quote-ex", "legacy", "open-enclave", "quoted"));
  const auto files = load_corpus(QUOTED_VECTORS_DIR "/wire");
  ASSERT_TRUE(files) << files.error().summary();
  EXPECT_EQ(files->size(), corpus->size());
}

TEST(Corpus, RefusesWhatIsNoCorpusAndNamesTheLine) {
  const std::string good = step(R"("00")", R"("closed")");
  struct Case {
    std::string content;
    const char* why;
  };
  for (const auto& [content, why] : {
           Case{"", "no conversation"},
           Case{kHeader, "no conversation"},
           Case{good, "line 1: it has no text 'format'"},
           Case{R"({"format":"x","version":1,"client":"a"})"
                "\n",
                "'format' is not"},
           Case{R"({"format":"quoted-wire-corpus","version":2,"client":"a"})"
                "\n",
                "'version' is not 1"},
           Case{text(kHeader, good, "{}"), "line 3: it is cut off"},
           Case{text(kHeader, "[]\n"), "line 2: it is not one JSON object"},
           Case{text(kHeader, std::string(100'000, '['), "\n"), "not one JSON object"},
           Case{text(kHeader, std::string(300'000, ' '), "\n"), "at most"},
           Case{text(kHeader, step(R"("0")", R"("closed")")), "line 2"},
           Case{text(kHeader, step(R"("{report")", R"("closed")")), "closing brace"},
           Case{text(kHeader, step(R"("{secret}")", R"("closed")")), "'secret' is not a number"},
           Case{text(kHeader, step(R"("{12}")", R"("closed")")), "no placeholder"},
           Case{text(kHeader, step(R"("{quote_size*2}")", R"("closed")")), "neither + nor -"},
           Case{text(kHeader, step(R"("{quote_size+9999999}")", R"("closed")")), "more than"},
           Case{text(kHeader, step(R"("")", R"("closed")")), "nothing to be written"},
           Case{text(kHeader, step("1", R"("closed")")), "no text"},
           Case{text(kHeader, step(R"("00")", "")), "'expect' is empty"},
           Case{text(kHeader, step(R"("00")", R"("may-close")")), "0 times, not once"},
           Case{text(kHeader, step(R"("00")", R"("closed","bytes 00")")), "2 times, not once"},
           Case{text(kHeader, step(R"("00")", R"("bytes zz")")), "line 2"},
           Case{text(kHeader, step(R"("00")", R"("bytes ")")), "names none"},
           Case{text(kHeader, step(R"("00")", R"("closed"],"hostile":["")")),
                "'hostile' is neither"},
           Case{text(kHeader, step(R"("00")", R"("closed"],"neighbours":["x")")), "line 2"},
           Case{text(kHeader, step(R"("00")", R"("closed"],"within":["")")), "'within' is not"},
           Case{text(kHeader, step(R"("00")", R"("answer getQuote")")), "no response 'getQuote'"},
           Case{text(kHeader, step(R"("00")", R"("errorCode value 1","closed")")),
                "stands before 'answer'"},
           Case{text(kHeader, step(R"("00")", R"("answer getQuoteExRes","gid size 1")")),
                "has no field 'gid'"},
           Case{text(kHeader, step(R"("00")", R"("answer getQuoteExRes","quote value 1")")),
                "cannot be said of quote"},
           Case{text(kHeader, step(R"("00")", R"("answer getQuoteExRes","errorCode size 1")")),
                "cannot be said of errorCode"},
           Case{text(kHeader, step(R"("00")", R"("answer getQuoteExRes","quote is-nice")")),
                "no rule 'is-nice'"},
           Case{text(kHeader, step(R"("00")", R"("answer getQuoteExRes","quote size 1 2")")),
                "'2' has no meaning"},
           Case{text(kHeader, step(R"("00")", R"("answer getQuoteExRes","quote nonzero 2")")),
                "'2' has no meaning"},
           Case{text(kHeader, step(R"("00")", R"("answer getQuoteExRes","save quote quote")")),
                "nothing that can be saved"},
           Case{text(kHeader, step(R"("00")",
                                   R"("answer getQuoteExRes","save quote_size errorCode 99999")")),
                "too large a factor"},
           Case{text(kHeader, step(R"("00")", R"("closed")", R"(,"half_close":1)")),
                "neither true nor false"},
           Case{text(kHeader, step(R"("00")", R"("closed")", R"(,"weight":"may")")),
                "'weight' is not"},
       }) {
    const auto corpus = parse_client(content);
    ASSERT_FALSE(corpus) << content.substr(0, 200);
    EXPECT_EQ(corpus.error().code(), base::ErrorCode::kMalformed);
    EXPECT_THAT(corpus.error().message(), HasSubstr(why));
  }
}

TEST(Corpus, RefusesTooManySteps) {
  std::string content = kHeader;
  for (std::size_t i = 0; i <= kMaxStepsInFile; ++i) content += step(R"("00")", R"("closed")");
  EXPECT_THAT(parse_client(content).error().message(), HasSubstr("at most 1024 steps"));
}

TEST(Corpus, ADirectoryWithoutConversationsIsAnError) {
  const test::TempDir dir;
  EXPECT_THAT(load_corpus(dir.path()).error().message(), HasSubstr("no files *.jsonl"));
  EXPECT_EQ(load_corpus(dir / "missing").error().code(), base::ErrorCode::kFileUnreadable);
  std::ofstream(dir / "a.jsonl") << kHeader;
  EXPECT_THAT(load_corpus(dir.path()).error().summary(), HasSubstr("a.jsonl"));
}

}  // namespace
}  // namespace quoted::conformance
