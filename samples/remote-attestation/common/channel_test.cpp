#include "common/channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "aesm/testing/fake_service.h"
#include "test_support/temp_dir.h"

namespace quoted::sample {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

constexpr Milliseconds kShort(150);

class ChannelTest : public testing::Test {
 protected:
  [[nodiscard]] base::Result<Channel> connect() const {
    return Channel::connect(socket_, "relying party", kShort);
  }

  test::TempDir directory_;
  const std::filesystem::path socket_ = directory_ / "s";
};

TEST_F(ChannelTest, PeerThatNeverAcceptsIsWaitedForUntilTheTimeout) {
  const base::UniqueFd listener = aesm::test::listen_on(socket_, 0);
  std::vector<base::UniqueFd> waiting;
  for (auto fd = aesm::test::connect_at_once(socket_); fd.valid();
       fd = aesm::test::connect_at_once(socket_)) {
    waiting.push_back(std::move(fd));
  }
  ASSERT_FALSE(waiting.empty());
  const auto channel = connect();
  ASSERT_FALSE(channel);
  EXPECT_EQ(channel.error().code(), ErrorCode::kPeerTimeout) << channel.error().summary();
  EXPECT_THAT(channel.error().message(), HasSubstr("did not accept the connection within 150 ms"));
}

TEST_F(ChannelTest, PeerThatNeverListensIsNamed) {
  const auto channel = connect();
  ASSERT_FALSE(channel);
  EXPECT_EQ(channel.error().code(), ErrorCode::kConnectFailed) << channel.error().summary();
  EXPECT_THAT(channel.error().message(), HasSubstr(socket_.native()));
}

}  // namespace
}  // namespace quoted::sample
