#include "recording/transcript.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "test_support/vectors.h"

namespace quoted::recording {
namespace {

using test::unhex;
using testing::ElementsAre;

// A conversation, written down event by event, and its transcript in short.
class Script {
 public:
  Script& open(std::uint32_t connection) { return add(connection, Event::Kind::kOpen, {}, {}); }
  Script& client(std::string_view hex, std::uint32_t connection = 1) {
    return add(connection, Event::Kind::kData, Side::kClient, unhex(hex));
  }
  Script& daemon(std::string_view hex, std::uint32_t connection = 1) {
    return add(connection, Event::Kind::kData, Side::kDaemon, unhex(hex));
  }
  Script& end(Side side, std::uint32_t connection = 1) {
    return add(connection, Event::Kind::kEnd, side, {});
  }

  [[nodiscard]] std::vector<std::string> transcript() const {
    std::vector<std::string> out;
    const std::vector<Item> items = transcript_of(events_).value();
    for (const Item& item : items) {
      const std::string who = base::text(item.connection, ' ', name_of(item.from), ' ');
      switch (item.kind) {
        case Item::Kind::kOpened:
          out.push_back(base::text(item.connection, " opened"));
          break;
        case Item::Kind::kFrame:
          out.push_back(who + base::to_hex(item.bytes));
          break;
        case Item::Kind::kDamaged:
          out.push_back(who + base::to_hex(item.bytes) + ": " + item.reason);
          break;
        case Item::Kind::kEnded:
          out.push_back(who + "ended");
          break;
      }
    }
    return out;
  }

 private:
  Script& add(std::uint32_t connection, Event::Kind kind, Side from, base::Bytes bytes) {
    events_.push_back({.connection = connection,
                       .time_us = events_.size(),
                       .kind = kind,
                       .from = from,
                       .bytes = std::move(bytes)});
    return *this;
  }

  std::vector<Event> events_;
};

TEST(Transcript, PutsPiecesTogetherAndTakesFramesApart) {
  const auto script =
      Script().open(1).client("02000000").client("aa").client("bb010000").client("00cc00000000");
  EXPECT_THAT(script.transcript(),
              ElementsAre("1 opened", "1 client aabb", "1 client cc", "1 client "));
}

TEST(Transcript, KeepsConnectionsAndSidesApart) {
  const auto script = Script()
                          .open(1)
                          .open(2)
                          .client("01000000", 1)
                          .client("01000000aa", 2)
                          .daemon("01000000bb", 2)
                          .client("cc", 1)
                          .end(Side::kClient, 2)
                          .end(Side::kDaemon, 2);
  EXPECT_THAT(script.transcript(), ElementsAre("1 opened", "2 opened", "2 client aa", "2 daemon bb",
                                               "1 client cc", "2 client ended", "2 daemon ended"));
}

TEST(Transcript, WhatIsLeftAtTheEndIsDamagedWithTheReason) {
  EXPECT_THAT(Script().open(1).client("0100").end(Side::kClient).transcript(),
              ElementsAre("1 opened", "1 client 0100: only 2 of the 4 bytes of a length were sent",
                          "1 client ended"));
  EXPECT_THAT(Script().open(1).daemon("03000000aabb").transcript(),
              ElementsAre("1 opened",
                          "1 daemon 03000000aabb: only 2 of the 3 bytes of a message were sent"));
}

TEST(Transcript, NothingIsReadAfterAFrameThatIsTooLarge) {
  const auto script = Script()
                          .open(1)
                          .client("00000000ffffffff")
                          .client("00000000")
                          .end(Side::kDaemon)
                          .client("aa")
                          .end(Side::kClient);
  EXPECT_THAT(
      script.transcript(),
      ElementsAre("1 opened", "1 client ",
                  "1 client ffffffff00000000: the frame announces 4294967295 bytes, at most 65536 "
                  "are allowed",
                  "1 daemon ended", "1 client aa: it follows bytes that are no frame",
                  "1 client ended"));
}

TEST(Transcript, AnswerMayComeAfterTheClientHasSaidEverything) {
  const auto script = Script()
                          .open(1)
                          .client("01000000aa")
                          .daemon("02000000bb")
                          .end(Side::kClient)
                          .daemon("cc")
                          .end(Side::kDaemon);
  EXPECT_THAT(script.transcript(), ElementsAre("1 opened", "1 client aa", "1 client ended",
                                               "1 daemon bbcc", "1 daemon ended"));
}

TEST(Transcript, ItemsAreBounded) {
  // As many empty frames as an event holds.
  constexpr std::size_t kFrames = kMaxEventBytes / 4;
  const Event frames = {.connection = 1,
                        .time_us = 0,
                        .kind = Event::Kind::kData,
                        .from = Side::kClient,
                        .bytes = base::Bytes(kMaxEventBytes)};
  std::vector<Event> events(kMaxItems / kFrames, frames);
  const auto fitting = transcript_of(events);
  ASSERT_TRUE(fitting) << fitting.error().summary();
  EXPECT_EQ(fitting->size(), kMaxItems);
  events.push_back(frames);
  events.back().bytes.resize(4);
  events.push_back(frames);
  const auto beyond = transcript_of(events);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code(), base::ErrorCode::kMalformed);
  EXPECT_THAT(beyond.error().message(),
              testing::StartsWith(base::text("line ", events.size(), ": ")));
}

}  // namespace
}  // namespace quoted::recording
