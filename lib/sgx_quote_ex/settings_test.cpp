#include "sgx_quote_ex/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace quoted::quote_ex {
namespace {

using namespace std::chrono_literals;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() { forget(); }
  ~SettingsTest() override { forget(); }

  static void forget() {
    for (const char* name :
         {"QUOTED_SOCKET", "QUOTED_RETRY", "QUOTED_TIMEOUT_MS", "QUOTED_DEBUG"}) {
      ::unsetenv(name);
    }
  }
  static Settings with(const char* name, const char* value) {
    ::setenv(name, value, 1);
    return Settings::from_environment();
  }
};

TEST_F(SettingsTest, WithoutEnvironmentTheyAreThoseOfTheOriginalAndPatient) {
  const Settings settings = Settings::from_environment();
  EXPECT_EQ(settings.socket, "/var/run/aesmd/aesm.socket");
  EXPECT_EQ(settings.client.timeout, 15s);
  EXPECT_EQ(settings.client.retry.longest_absence, 2s);
  EXPECT_EQ(settings.client.retry.lost_answers, 16);
  EXPECT_FALSE(debug_wanted());
}

TEST_F(SettingsTest, SocketMayBeAnother) {
  EXPECT_EQ(with("QUOTED_SOCKET", "/run/other").socket, "/run/other");
  EXPECT_EQ(with("QUOTED_SOCKET", "").socket, "/var/run/aesmd/aesm.socket");
}

TEST_F(SettingsTest, RetryCanBeTurnedOff) {
  EXPECT_EQ(with("QUOTED_RETRY", "off").client.retry.lost_answers, 0);
  EXPECT_EQ(with("QUOTED_RETRY", "off").client.retry.longest_absence, 0s);
  EXPECT_EQ(with("QUOTED_RETRY", "on").client.retry.lost_answers, 16);
}

TEST_F(SettingsTest, AbsenceMayBeLonger) {
  EXPECT_EQ(with("QUOTED_RETRY", "14000").client.retry.longest_absence, 14s);
  EXPECT_EQ(with("QUOTED_RETRY", "14000").client.retry.lost_answers, 16);
  for (const char* nonsense : {"", "0", "on", "-1", "600001", "OFF", "off "}) {
    EXPECT_EQ(with("QUOTED_RETRY", nonsense).client.retry.longest_absence, 2s) << nonsense;
  }
}

TEST_F(SettingsTest, TimeoutIsAPlainNumberInRange) {
  EXPECT_EQ(with("QUOTED_TIMEOUT_MS", "1").client.timeout, 1ms);
  EXPECT_EQ(with("QUOTED_TIMEOUT_MS", "600000").client.timeout, 600s);
  for (const char* nonsense :
       {"", "0", "-1", "600001", "1s", " 1", "+1", "0x10", "99999999999999999999999999"}) {
    EXPECT_EQ(with("QUOTED_TIMEOUT_MS", nonsense).client.timeout, 15s) << nonsense;
  }
}

TEST_F(SettingsTest, DebugIsWantedWhenItsVariableHoldsSomething) {
  ::setenv("QUOTED_DEBUG", "", 1);
  EXPECT_FALSE(debug_wanted());
  ::setenv("QUOTED_DEBUG", "1", 1);
  EXPECT_TRUE(debug_wanted());
}

}  // namespace
}  // namespace quoted::quote_ex
