// Hostile bytes as the SGX certificate extension: nothing crashes, and what is accepted keeps its
// value through our own encoding.
#include "collateral/sgx_extension.h"
#include "fuzz.h"

using namespace quoted;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto extension = collateral::SgxExtension::parse(fuzz::input(data, size));
  if (!extension) return 0;
  const auto again = collateral::SgxExtension::parse(extension->serialize());
  fuzz::require(again && *again == *extension);
  return 0;
}
