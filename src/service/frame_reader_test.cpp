#include "service/frame_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "aesm/framing.h"

namespace quoted::service {
namespace {

using base::Bytes;
using base::ByteView;
using base::ErrorCode;
using Phase = FrameReader::Phase;

constexpr std::size_t kMax = std::size_t{64} * 1024;

Bytes body(std::size_t size, unsigned seed) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::byte>((i * 7 + seed) & 0xFFU);
  return out;
}

Bytes frame(ByteView content) {
  const auto prefix = aesm::encode_frame_prefix(static_cast<std::uint32_t>(content.size()));
  Bytes out(prefix.begin(), prefix.end());
  base::append(out, content);
  return out;
}

// Offers `piece` as a socket would: as much as there is room for at a time.
void offer(FrameReader& reader, ByteView piece, std::vector<Bytes>& out) {
  while (true) {
    const auto got = reader.frame();
    ASSERT_TRUE(got) << got.error().summary();
    if (*got) {
      out.push_back(base::to_bytes(**got));
      reader.drop_frame();
      continue;
    }
    if (piece.empty()) return;
    const auto space = reader.space();
    ASSERT_FALSE(space.empty());
    const std::size_t count = std::min(space.size(), piece.size());
    std::copy_n(piece.begin(), count, space.begin());
    reader.added(count);
    piece = piece.subspan(count);
  }
}

TEST(FrameReader, GivesTheSameFramesHoweverTheyArrive) {
  const std::vector<Bytes> bodies = {body(5, 1),    body(0, 0),    body(2044, 2), body(2045, 3),
                                     body(6000, 4), body(kMax, 5), body(1, 6)};
  Bytes stream;
  for (const Bytes& content : bodies) base::append(stream, frame(content));
  for (const std::size_t piece : {1U, 2U, 3U, 5U, 7U, 1000U, 2048U, 4096U, 100000U}) {
    FrameReader reader(kMax);
    std::vector<Bytes> got;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      offer(reader, ByteView(stream).subspan(at, std::min<std::size_t>(piece, stream.size() - at)),
            got);
    }
    EXPECT_EQ(got, bodies) << "in pieces of " << piece;
    EXPECT_EQ(reader.phase(), Phase::kEmpty);
  }
}

TEST(FrameReader, AnySplitInTwoGivesTheSame) {
  const std::vector<Bytes> bodies = {body(40, 1), body(3, 2)};
  Bytes stream = frame(bodies[0]);
  base::append(stream, frame(bodies[1]));
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    FrameReader reader(kMax);
    std::vector<Bytes> got;
    offer(reader, ByteView(stream).first(split), got);
    offer(reader, ByteView(stream).subspan(split), got);
    EXPECT_EQ(got, bodies) << "split at " << split;
  }
}

TEST(FrameReader, TellsThePhase) {
  FrameReader reader(kMax);
  std::vector<Bytes> got;
  const Bytes stream = frame(body(2, 0));
  const Phase expected[] = {Phase::kPrefix, Phase::kPrefix, Phase::kPrefix,
                            Phase::kBody,   Phase::kBody,   Phase::kEmpty};
  EXPECT_EQ(reader.phase(), Phase::kEmpty);
  for (std::size_t i = 0; i < stream.size(); ++i) {
    offer(reader, ByteView(stream).subspan(i, 1), got);
    EXPECT_EQ(reader.phase(), expected[i]) << "after byte " << i;
  }
}

TEST(FrameReader, RefusesWhatIsAboveTheBoundFromThePrefixAlone) {
  for (const std::uint32_t size : {101U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    FrameReader reader(100);
    const auto prefix = aesm::encode_frame_prefix(size);
    std::ranges::copy(prefix, reader.space().begin());
    reader.added(prefix.size());
    const auto got = reader.frame();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), ErrorCode::kFrameTooLarge);
  }
}

TEST(FrameReader, RoomGrowsOnlyWithWhatHasArrived) {
  FrameReader reader(kMax);
  const auto prefix = aesm::encode_frame_prefix(kMax);
  std::ranges::copy(prefix, reader.space().begin());
  reader.added(prefix.size());
  std::size_t filled = prefix.size();
  while (filled < kMax + prefix.size()) {
    const std::size_t room = reader.space().size();
    ASSERT_GT(room, 0U);
    EXPECT_LE(filled + room, std::max<std::size_t>(4096, 2 * filled));
    EXPECT_LE(filled + room, kMax + prefix.size());
    reader.added(room);
    filled += room;
  }
  const auto got = reader.frame();
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((*got)->size(), kMax);
}

}  // namespace
}  // namespace quoted::service
