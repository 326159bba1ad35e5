#include "quoted_inproc/devices.h"

#include <gmock/gmock.h>

#include <fstream>

#include "test_support/temp_dir.h"

namespace quoted::inproc {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

TEST(Devices, FirstIsTheFirstThatIsADevice) {
  const test::TempDir directory;
  const fs::path file = directory / "sgx";
  std::ofstream(file) << "no device";
  EXPECT_EQ(first_device({directory / "nothing", directory.path(), file, "/dev/null", "/dev/zero"}),
            fs::path("/dev/null"));
  EXPECT_EQ(first_device({directory / "nothing", directory.path(), file}), std::nullopt);
  EXPECT_EQ(first_device({}), std::nullopt);
}

TEST(Devices, AreTheNodesOfTheDriversThatQuoteEcdsa) {
  const Devices usual;
  EXPECT_THAT(usual.enclave,
              testing::ElementsAre("/dev/sgx/enclave", "/dev/sgx_enclave", "/dev/sgx"));
  EXPECT_THAT(usual.provision,
              testing::ElementsAre("/dev/sgx/provision", "/dev/sgx_provision", "/dev/sgx_prv"));
}

TEST(Devices, ObstacleIsAMissingOrClosedNode) {
  const test::TempDir directory;
  Devices devices;
  devices.provision = {"/dev/null"};
  EXPECT_EQ(provisioning_obstacle(devices), std::nullopt);
  devices.provision = {directory / "one", directory / "other"};
  const auto obstacle = provisioning_obstacle(devices);
  ASSERT_TRUE(obstacle.has_value());
  EXPECT_THAT(*obstacle, HasSubstr("there is no provisioning device ("));
  EXPECT_THAT(*obstacle,
              HasSubstr((directory / "one").native() + ", " + (directory / "other").native()));
}

}  // namespace
}  // namespace quoted::inproc
