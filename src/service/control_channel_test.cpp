#include "service/control_channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>

namespace quoted::service {
namespace {

using base::Error;
using base::ErrorCode;

class ControlChannelTest : public ::testing::Test {
 protected:
  void send_raw(std::string_view message) {
    ASSERT_EQ(::send(child_.fd(), message.data(), message.size(), 0),
              static_cast<ssize_t>(message.size()));
  }

  std::pair<ControlChannel, ControlChannel> ends_ = ControlChannel::create().value();
  ControlChannel& supervisor_ = ends_.first;
  ControlChannel& child_ = ends_.second;
};

TEST_F(ControlChannelTest, ReportsReady) {
  EXPECT_FALSE(supervisor_.receive()->has_value());
  child_.send({});
  const auto report = supervisor_.receive();
  ASSERT_TRUE(report && *report);
  EXPECT_FALSE((*report)->failure);
  EXPECT_FALSE(supervisor_.receive()->has_value());
}

TEST_F(ControlChannelTest, ReportsAFailureWithItsContext) {
  child_.send({Error(ErrorCode::kStateDirectoryUnusable, "it is full").with_context("starting")});
  const auto report = supervisor_.receive();
  ASSERT_TRUE(report && *report && (*report)->failure);
  EXPECT_EQ((*report)->failure->code(), ErrorCode::kStateDirectoryUnusable);
  EXPECT_EQ((*report)->failure->summary(), "starting: it is full");
}

TEST_F(ControlChannelTest, CutsALongSentence) {
  child_.send({Error(ErrorCode::kInternal, std::string(100'000, 'x'))});
  const auto report = supervisor_.receive();
  ASSERT_TRUE(report && *report && (*report)->failure);
  EXPECT_EQ((*report)->failure->summary(), std::string(4094, 'x'));
}

TEST_F(ControlChannelTest, RefusesWhatIsNotAReport) {
  for (const std::string_view message : {"X", "RR", "F", "F\xFFsentence"}) {
    send_raw(message);
    const auto report = supervisor_.receive();
    ASSERT_FALSE(report) << message;
    EXPECT_EQ(report.error().code(), ErrorCode::kMalformed);
  }
}

TEST_F(ControlChannelTest, TellsWhenTheChildIsGone) {
  {
    const ControlChannel gone = std::move(child_);
  }
  const auto report = supervisor_.receive();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::kPeerClosed);
}

TEST_F(ControlChannelTest, AChildWithoutSupervisorIsNotHarmed) {
  {
    const ControlChannel gone = std::move(supervisor_);
  }
  child_.send({});
}

}  // namespace
}  // namespace quoted::service
