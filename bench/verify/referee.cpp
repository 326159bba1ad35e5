#include "verify/referee.h"

#include <cstdio>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "base/text.h"
#include "common/scratch.h"

namespace quoted::bench {
namespace {

constexpr int kCount = 20;

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string out;
  for (int c = pipe ? std::fgetc(pipe.get()) : EOF; c != EOF; c = std::fgetc(pipe.get())) {
    out += static_cast<char>(c);
  }
  return out;
}

}  // namespace

RefereeTime ask_referee(const std::string& command,
                        const verification::testing::VectorCase& vector) {
  const Scratch world;
  const collateral::Collateral documents = vector.collateral();
  for (const collateral::CollateralPart& part : collateral::kCollateralParts) {
    world.write(std::string(part.file_names[0]), documents.*part.bytes);
  }
  world.write("quote.bin", vector.file("quote.bin"));
  world.write("root.pem", base::as_bytes(vector.root().pem()));
  world.write("time", base::as_bytes(std::to_string(vector.at.time_since_epoch().count())));
  std::istringstream answer(
      output_of(base::text(command, ' ', world.path().string(), ' ', kCount)));
  RefereeTime out;
  if (!(answer >> out.microseconds) || !std::getline(answer >> std::ws, out.name)) {
    throw std::runtime_error(base::text("'", command, "' names no time"));
  }
  return out;
}

}  // namespace quoted::bench
