#include "simulation/authority/world_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "simulation/testing/authority_fixture.h"

namespace quoted::simulation {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

PlatformIdentity identity(std::string name) {
  PlatformIdentity out;
  out.name = std::move(name);
  out.fmspc = default_platform_model().fmspc;
  return out;
}

// Every member away from its default.
World moved() {
  World out = default_world();
  out.earlier = {out.present};
  out.present.state.evaluation_number = 7;
  out.present.recovery_event = test::midnight(2026, 6, 1);
  out.present.standard_from = test::midnight(2026, 9, 1);
  out.retired_numbers = {0, 3};
  EXPECT_TRUE(add_platform(out, identity("a"), test::filled<sgx::Ppid>(1), test::kNow).value());
  EXPECT_TRUE(remember_qe_id(out, test::filled<sgx::QeId>(9), test::filled<sgx::Ppid>(1)));
  out.faults = {{ServiceEndpoint::kTcb, FaultKind::kSlow, 3U, 10},
                {ServiceEndpoint::kPckCert, FaultKind::kWrongDialect, std::nullopt, 1}};
  return out;
}

void expect_same(const World& a, const World& b) {
  EXPECT_EQ(a.present, b.present);
  EXPECT_EQ(a.earlier, b.earlier);
  EXPECT_EQ(a.retired_numbers, b.retired_numbers);
  EXPECT_EQ(a.platforms, b.platforms);
  EXPECT_EQ(a.faults, b.faults);
}

Json json_of(const World& world) { return Json::parse(format_world(world)); }

std::string content_of(const std::filesystem::path& path) {
  return std::string(base::as_text(base::read_file(path, std::size_t{1} << 20U).value()));
}

TEST(WorldFile, WhatIsWrittenComesBack) {
  for (const World& world : {default_world(), moved()}) {
    const auto again = parse_world(format_world(world));
    ASSERT_TRUE(again) << again.error().summary();
    expect_same(*again, world);
  }
}

TEST(WorldFile, EveryMemberIsNeededAndOfItsKind) {
  const Json good = json_of(moved());
  for (const auto& [name, unused] : good.items()) {
    if (name == "notice") continue;
    Json without = good;
    without.erase(name);
    EXPECT_FALSE(parse_world(without.dump())) << name;
    Json other = good;
    other[name] = true;
    EXPECT_FALSE(parse_world(other.dump())) << name;
  }
  for (const char* const place :
       {"/present/tcbState/validDays", "/present/standardFrom", "/platforms/0/name",
        "/platforms/0/fmspc", "/platforms/0/pckCa", "/platforms/0/sgxType", "/platforms/0/qeIds/0",
        "/faults/0/kind", "/faults/0/endpoint", "/faults/0/seconds", "/faults/0/remaining",
        "/retiredEvaluationNumbers/0", "/earlier/0/tcbState/version"}) {
    Json other = good;
    other[Json::json_pointer(place)] = "../x";
    EXPECT_FALSE(parse_world(other.dump())) << place;
  }
}

TEST(WorldFile, DamageIsToldAndNeverOverwritten) {
  const quoted::test::TempDir dir;
  const WorldFile file(dir.path());
  std::string deep(100'000, '[');
  for (const std::string& damage : {std::string(), std::string("{"), std::string("[]"), deep,
                                    "{\"a\":" + deep, format_world(moved()).substr(0, 300)}) {
    ASSERT_TRUE(base::write_file(file.path(), base::as_bytes(damage), 0644));
    EXPECT_EQ(test::outcome(file.load()), test::named(base::ErrorCode::kMalformed));
    EXPECT_FALSE(file.update([](World&) -> base::Status { return {}; }));
    EXPECT_TRUE(file.create_if_missing(default_world()));
    EXPECT_EQ(content_of(file.path()), damage);
  }
}

TEST(WorldFile, ANewerMajorVersionIsRefusedWithTheRemedy) {
  Json newer = json_of(moved());
  newer["majorVersion"] = 2;
  newer.erase("platforms");
  const auto refused = parse_world(newer.dump());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kConfigurationInvalid);
  EXPECT_THAT(refused.error().message(), HasSubstr("use the program that wrote it"));
}

// A program that was rolled back must not destroy what the newer one wrote.
TEST(WorldFile, WhatANewerMinorVersionAddedStays) {
  const quoted::test::TempDir dir;
  const WorldFile file(dir.path());
  Json newer = json_of(moved());
  newer["minorVersion"] = 5;
  for (const char* const place : {"/added", "/present/added", "/present/tcbState/added",
                                  "/present/tcbState/tcbLevels/1/added", "/earlier/0/added",
                                  "/platforms/0/added", "/faults/1/added"}) {
    newer[Json::json_pointer(place)] = {{"any", {1, 2, place}}};
  }
  const std::string text = newer.dump();
  ASSERT_TRUE(base::write_file(file.path(), base::as_bytes(text), 0644));
  const auto updated = file.update([](World& world) -> base::Status {
    // Something new before it, something gone, something changed.
    TcbLevel best = world.present.state.levels.front();
    ++best.components[0];
    world.present.state.levels.insert(world.present.state.levels.begin(), best);
    world.faults.erase(world.faults.begin());
    world.platforms[0].qe_ids.clear();
    return {};
  });
  ASSERT_TRUE(updated) << updated.error().summary();
  const Json after = Json::parse(content_of(file.path()));
  EXPECT_EQ(after["minorVersion"], 5);
  EXPECT_EQ(after["added"], newer["added"]);
  EXPECT_EQ(after["present"]["added"], newer["present"]["added"]);
  EXPECT_EQ(after["present"]["tcbState"]["added"], newer["present"]["tcbState"]["added"]);
  EXPECT_EQ(after["present"]["tcbState"]["tcbLevels"][2]["added"],
            newer["present"]["tcbState"]["tcbLevels"][1]["added"]);
  EXPECT_FALSE(after["present"]["tcbState"]["tcbLevels"][0].contains("added"));
  EXPECT_EQ(after["earlier"][0]["added"], newer["earlier"][0]["added"]);
  EXPECT_EQ(after["platforms"][0]["added"], newer["platforms"][0]["added"]);
  EXPECT_EQ(after["faults"].size(), 1U);
  EXPECT_EQ(after["faults"][0]["added"], newer["faults"][1]["added"]);
}

TEST(WorldFile, AChangeThatFailsWritesNothing) {
  const quoted::test::TempDir dir;
  const WorldFile file(dir.path());
  EXPECT_EQ(test::outcome(file.load()), test::named(base::ErrorCode::kFileUnreadable));
  EXPECT_FALSE(file.stamp());
  ASSERT_TRUE(file.create_if_missing(moved()));
  const auto stamp = file.stamp();
  EXPECT_FALSE(file.update([](World& world) -> base::Status {
    world.platforms.clear();
    return base::fail(base::ErrorCode::kInvalidArgument, "no");
  }));
  EXPECT_FALSE(file.update([](World& world) -> base::Status {
    world.present.state.levels.clear();
    return {};
  }));
  EXPECT_TRUE(file.update([](World&) -> base::Status { return {}; }));
  EXPECT_EQ(file.stamp(), stamp);
  expect_same(file.load().value(), moved());
}

TEST(WorldFile, ProgramsAtTheSameTimeLoseNothingOfEachOther) {
  const quoted::test::TempDir dir;
  const WorldFile file(dir.path());
  ASSERT_TRUE(file.create_if_missing(default_world()));
  constexpr int kPrograms = 4;
  constexpr int kEach = 10;
  std::vector<pid_t> children;
  for (int program = 0; program < kPrograms; ++program) {
    const pid_t pid = ::fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      int failures = 0;
      for (int i = 0; i < kEach; ++i) {
        const auto number = static_cast<std::uint8_t>(program * kEach + i + 1);
        const auto done = WorldFile(dir.path()).update([&](World& world) -> base::Status {
          const auto ppid = test::filled<sgx::Ppid>(number);
          return add_platform(world, identity(base::text("p", number)), ppid, test::kNow)
              .map([](bool) {});
        });
        if (!done) ++failures;
      }
      ::_exit(failures);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(file.load().value().platforms.size(), std::size_t{kPrograms * kEach});
}

TEST(World, StandardIsTheNewestWhosePeriodHasPassed) {
  const World world = moved();
  EXPECT_EQ(world.standard(test::midnight(2026, 8, 31)).state.evaluation_number, 1U);
  EXPECT_EQ(world.standard(test::midnight(2026, 9, 1)).state.evaluation_number, 7U);
  EXPECT_EQ(world.edition(1), &world.earlier[0]);
  EXPECT_EQ(world.edition(7), &world.present);
  EXPECT_EQ(world.edition(2), nullptr);
}

TEST(World, AQeIdStandsForOnePlatformAndTheOldestIsForgotten) {
  World world = moved();
  const auto a = test::filled<sgx::Ppid>(1);
  const auto b = test::filled<sgx::Ppid>(2);
  EXPECT_TRUE(add_platform(world, identity("b"), b, test::kNow).value());
  EXPECT_FALSE(add_platform(world, identity("b"), b, test::kNow).value());
  const auto qe = test::filled<sgx::QeId>(9);
  EXPECT_FALSE(remember_qe_id(world, qe, a));
  EXPECT_TRUE(remember_qe_id(world, qe, b));
  EXPECT_EQ(world.platform_of(qe)->ppid, b);
  for (std::uint8_t i = 20; i < 20 + kMaxQeIds; ++i) {
    EXPECT_TRUE(remember_qe_id(world, test::filled<sgx::QeId>(i), b));
  }
  EXPECT_EQ(world.platform_of(qe), nullptr);
  EXPECT_FALSE(remember_qe_id(world, qe, test::filled<sgx::Ppid>(3)));
}

}  // namespace
}  // namespace quoted::simulation
