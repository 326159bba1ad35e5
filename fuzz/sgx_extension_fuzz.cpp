// Hostile bytes as the SGX certificate extension: nothing crashes, and what is accepted keeps its
// value through our own encoding. The same bytes as the values of its fields: every value can be
// encoded, and read back.
#include "collateral/sgx_extension.h"
#include "fuzz.h"
#include "splitter.h"

using namespace quoted;

namespace {

template <class T>
T fixed(fuzz::Splitter& input) {
  base::Bytes bytes = base::to_bytes(input.take(T::kSize));
  bytes.resize(T::kSize);
  return T::parse(bytes).value();
}

std::optional<bool> maybe(fuzz::Splitter& input) {
  const std::uint8_t choice = input.byte();
  return choice % 3U == 2 ? std::nullopt : std::optional<bool>(choice % 3U == 1);
}

collateral::SgxExtension built_from(fuzz::Splitter input) {
  collateral::SgxExtension out;
  out.sgx_type = static_cast<collateral::SgxType>(input.byte() % 3U);
  const bool on_platform = input.flag();
  if (input.flag()) out.platform_instance_id = fixed<sgx::PlatformInstanceId>(input);
  if (on_platform) {
    out.configuration = {
        .dynamic_platform = maybe(input), .cached_keys = maybe(input), .smt_enabled = maybe(input)};
  }
  out.pce_svn = input.u16();
  for (std::uint8_t& component : out.components) component = input.byte();
  out.ppid = fixed<sgx::Ppid>(input);
  out.cpu_svn = fixed<sgx::CpuSvn>(input);
  out.pce_id = fixed<sgx::PceId>(input);
  out.fmspc = fixed<sgx::Fmspc>(input);
  return out;
}

void require_round_trip(const collateral::SgxExtension& extension) {
  const base::Bytes encoded = extension.serialize();
  const auto again = collateral::SgxExtension::parse(encoded);
  fuzz::require(again && *again == extension && again->serialize() == encoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes = fuzz::input(data, size);
  if (const auto extension = collateral::SgxExtension::parse(bytes)) {
    require_round_trip(*extension);
  }
  require_round_trip(built_from(fuzz::Splitter(bytes)));
  return 0;
}
