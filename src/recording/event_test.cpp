#include "recording/event.h"

#include <gmock/gmock.h>

#include "base/text.h"

namespace quoted::recording {
namespace {

using base::text;
using testing::HasSubstr;
using testing::StartsWith;

const Event kOpen = {.connection = 1, .time_us = 5, .kind = Event::Kind::kOpen, .bytes = {}};
const Event kData = {.connection = 1,
                     .time_us = 6,
                     .kind = Event::Kind::kData,
                     .from = Side::kClient,
                     .bytes = {std::byte{0}, std::byte{0xAF}}};
const Event kEnd = {
    .connection = 1, .time_us = 7, .kind = Event::Kind::kEnd, .from = Side::kDaemon, .bytes = {}};

std::string recording_of(const std::string& lines) { return header_line() + lines; }

std::string refusal_of(const std::string& content) {
  const auto parsed = parse_recording(content);
  return parsed ? "accepted" : parsed.error().message();
}

TEST(RecordingEvents, AreLinesOfReadableJson) {
  EXPECT_EQ(header_line(), "{\"format\":\"quoted-wire-recording\",\"version\":1}\n");
  EXPECT_EQ(event_line(kOpen), "{\"connection\":1,\"time_us\":5,\"event\":\"open\"}\n");
  EXPECT_EQ(event_line(kData),
            "{\"connection\":1,\"time_us\":6,\"event\":\"data\",\"from\":\"client\","
            "\"hex\":\"00af\"}\n");
  EXPECT_EQ(event_line(kEnd),
            "{\"connection\":1,\"time_us\":7,\"event\":\"end\",\"from\":\"daemon\"}\n");
}

TEST(RecordingEvents, AreReadAsTheyWereWritten) {
  Event large = kData;
  large.bytes.assign(kMaxEventBytes, std::byte{0x5A});
  const auto parsed =
      parse_recording(recording_of(event_line(kOpen) + event_line(large) + event_line(kEnd)));
  ASSERT_TRUE(parsed) << parsed.error().summary();
  EXPECT_THAT(*parsed, testing::ElementsAre(kOpen, large, kEnd));
  EXPECT_TRUE(parse_recording(header_line()).value().empty());
}

TEST(RecordingEvents, UnknownKeysArePassedOver) {
  const auto parsed = parse_recording(recording_of(
      "{\"connection\":1,\"time_us\":5,\"event\":\"open\",\"note\":\"by a later version\"}\n"));
  ASSERT_TRUE(parsed) << parsed.error().summary();
  EXPECT_THAT(*parsed, testing::ElementsAre(kOpen));
}

TEST(RecordingEvents, EveryCutIsRefusedWithItsLine) {
  const std::string whole = recording_of(event_line(kOpen) + event_line(kData));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    const auto lines = std::ranges::count(cut, '\n');
    if (size > 0 && cut.back() == '\n') {
      EXPECT_TRUE(parse_recording(cut)) << size;
    } else {
      EXPECT_THAT(refusal_of(cut), StartsWith(text("line ", lines + 1, ": "))) << size;
    }
  }
}

TEST(RecordingEvents, HeadersOfOtherFilesAreRefused) {
  EXPECT_THAT(refusal_of("garbage\n"), HasSubstr("line 1: it is not one flat JSON object"));
  EXPECT_THAT(refusal_of("{}\n"), HasSubstr("line 1: it has no text 'format'"));
  EXPECT_THAT(refusal_of("{\"format\":\"har\",\"version\":1}\n"),
              HasSubstr("line 1: it is no recording"));
  EXPECT_THAT(refusal_of("{\"format\":\"quoted-wire-recording\",\"version\":2}\n"),
              HasSubstr("line 1: the recording has version 2, this program reads version 1"));
  EXPECT_THAT(refusal_of("{\"format\":\"quoted-wire-recording\",\"version\":-1}\n"),
              HasSubstr("'version'"));
}

TEST(RecordingEvents, DamagedLinesAreRefusedWithTheReason) {
  const struct {
    std::string line;
    const char* reason;
  } cases[] = {
      {"", "not one flat JSON object"},
      {"[1]", "not one flat JSON object"},
      {"{\"connection\":{\"connection\":1}}", "not one flat JSON object"},
      {std::string(1000, '['), "not one flat JSON object"},
      {"{\"connection\":1,", "not one flat JSON object"},
      {"{\"connection\":\"\xFF\"}", "not one flat JSON object"},
      {"{\"time_us\":1}", "no number 'connection'"},
      {"{\"connection\":-1}", "no number 'connection'"},
      {"{\"connection\":1.5}", "no number 'connection'"},
      {"{\"connection\":4294967296}", "at most 4294967295"},
      {"{\"connection\":1}", "no number 'time_us'"},
      {"{\"connection\":1,\"time_us\":1}", "no text 'event'"},
      {"{\"connection\":1,\"time_us\":1,\"event\":\"x\"}", "'event' is not"},
      {"{\"connection\":1,\"time_us\":1,\"event\":\"end\"}", "no text 'from'"},
      {"{\"connection\":1,\"time_us\":1,\"event\":\"end\",\"from\":\"me\"}", "'from' is not"},
      {"{\"connection\":1,\"time_us\":1,\"event\":\"data\",\"from\":\"client\"}", "no text 'hex'"},
      {"{\"connection\":1,\"time_us\":1,\"event\":\"data\",\"from\":\"client\",\"hex\":\"0\"}",
       "hexadecimal"},
      {"{\"connection\":1,\"time_us\":1,\"event\":\"data\",\"from\":\"client\",\"hex\":\"\"}",
       "'hex' has 0 bytes"},
      {std::string(300000, ' '), "it has 300000 bytes, at most"},
  };
  for (const auto& bad : cases) {
    const std::string refusal = refusal_of(recording_of(bad.line + "\n"));
    EXPECT_THAT(refusal, StartsWith("line 2: ")) << bad.line.substr(0, 100);
    EXPECT_THAT(refusal, HasSubstr(bad.reason)) << bad.line.substr(0, 100);
  }
}

TEST(RecordingEvents, PiecesThatAreTooLargeAreRefused) {
  Event large = kData;
  large.bytes.assign(kMaxEventBytes + 1, std::byte{1});
  EXPECT_THAT(refusal_of(recording_of(event_line(kOpen) + event_line(large))),
              HasSubstr("line 3: 'hex' has 65537 bytes"));
}

TEST(RecordingEvents, WhatCannotHaveHappenedIsRefused) {
  EXPECT_THAT(refusal_of(recording_of(event_line(kData))),
              HasSubstr("line 2: connection 1 was not opened"));
  EXPECT_THAT(refusal_of(recording_of(event_line(kOpen) + event_line(kOpen))),
              HasSubstr("line 3: connection 1 is opened a second time"));
  EXPECT_THAT(refusal_of(recording_of(event_line(kOpen) + event_line(kEnd) + event_line(kEnd))),
              HasSubstr("line 4: the daemon of connection 1 had ended already"));
  Event earlier = kData;
  earlier.time_us = 4;
  EXPECT_THAT(refusal_of(recording_of(event_line(kOpen) + event_line(earlier))),
              HasSubstr("line 3: 'time_us' is 4, but 5 came before"));
}

TEST(RecordingEvents, AreBounded) {
  std::string lines = event_line(kOpen);
  for (std::size_t i = 1; i < kMaxRecordingEvents; ++i) lines += event_line(kData);
  const auto whole = parse_recording(recording_of(lines));
  ASSERT_TRUE(whole) << whole.error().summary();
  EXPECT_EQ(whole->size(), kMaxRecordingEvents);
  EXPECT_EQ(refusal_of(recording_of(lines + event_line(kData))),
            text("line ", kMaxRecordingEvents + 2, ": a recording has at most ",
                 kMaxRecordingEvents, " events"));
}

}  // namespace
}  // namespace quoted::recording
