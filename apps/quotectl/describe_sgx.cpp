#include "quotectl/describe_sgx.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "simulation/cpu/sdk_sim_cpu.h"

namespace quoted::quotectl {
namespace {

using base::hex_number;
using base::text;

struct BitName {
  unsigned bit;
  std::string_view name;
};

// sgx-cpu-model 1.1.
constexpr BitName kFlagNames[] = {{0, "INIT"},          {1, "DEBUG"},          {2, "MODE64BIT"},
                                  {4, "PROVISION_KEY"}, {5, "EINITTOKEN_KEY"}, {6, "CET"},
                                  {7, "KSS"},           {10, "AEX_NOTIFY"}};
constexpr BitName kXfrmNames[] = {{0, "X87"},      {1, "SSE"},    {2, "AVX"},       {3, "BNDREGS"},
                                  {4, "BNDCSR"},   {5, "OPMASK"}, {6, "ZMM_HI256"}, {7, "HI16_ZMM"},
                                  {9, "PKRU"},     {11, "CET_U"}, {12, "CET_S"},    {17, "TILECFG"},
                                  {18, "TILEDATA"}};
constexpr BitName kMiscNames[] = {{0, "EXINFO"}, {1, "CPINFO"}};

// Bits without a name are named by their number, so that none goes unseen.
Json names_of(std::uint64_t bits, std::span<const BitName> known) {
  Json out = Json::array();
  for (unsigned bit = 0; bit < 64; ++bit) {
    if (((bits >> bit) & 1U) == 0) continue;
    const auto found = std::ranges::find(known, bit, &BitName::bit);
    out.push_back(found == known.end() ? text("bit ", bit) : std::string(found->name));
  }
  return out;
}

Json describe_attributes(const sgx::Attributes& attributes) {
  return {{"flags", hex_number(attributes.flags, 16)},
          {"flag_names", names_of(attributes.flags, kFlagNames)},
          {"debug", attributes.has(sgx::flags::kDebug)},
          {"xfrm", hex_number(attributes.xfrm, 16)},
          {"xfrm_names", names_of(attributes.xfrm, kXfrmNames)}};
}

Json describe_misc_select(std::uint32_t misc_select) {
  return {{"value", hex_number(misc_select, 8)}, {"names", names_of(misc_select, kMiscNames)}};
}

std::string reserved(base::ByteView bytes) {
  return base::all_zero(bytes) ? "zero" : base::to_hex(bytes);
}

std::string byte_hex(std::byte value) {
  return hex_number(std::to_integer<std::uint64_t>(value), 2);
}

std::string_view level_name(simulation::SdkSimLevel level) {
  switch (level) {
    case simulation::SdkSimLevel::kDowngraded:
      return "downgraded";
    case simulation::SdkSimLevel::kDefault:
      return "default";
    case simulation::SdkSimLevel::kUpgraded:
      return "upgraded";
  }
  return "unknown";
}

template <class Unsigned>
Unsigned number(const base::LittleEndian<Unsigned>& value) {
  return value;
}

}  // namespace

Json describe_report_body(const sgx::ReportBody& body) {
  Json out = Json::object();
  out["cpu_svn"] = body.cpu_svn.hex();
  if (const auto level = simulation::sdk_sim_level(body.cpu_svn)) {
    out["cpu"] = text(collateral::kSimulatedMarker, ": the Intel SDK's simulation mode, level ",
                      level_name(*level));
  }
  out.update({{"misc_select", describe_misc_select(body.misc_select)},
              {"cet_attributes", byte_hex(body.cet_attributes)},
              {"reserved1", reserved(body.reserved1)},
              {"isv_ext_prod_id", body.isv_ext_prod_id.hex()},
              {"attributes", describe_attributes(body.attributes)},
              {"mr_enclave", body.mr_enclave.hex()},
              {"reserved2", reserved(body.reserved2)},
              {"mr_signer", body.mr_signer.hex()},
              {"reserved3", reserved(body.reserved3)},
              {"config_id", body.config_id.hex()},
              {"isv_prod_id", number(body.isv_prod_id)},
              {"isv_svn", number(body.isv_svn)},
              {"config_svn", number(body.config_svn)},
              {"reserved4", reserved(body.reserved4)},
              {"isv_family_id", body.isv_family_id.hex()},
              {"report_data", body.report_data.hex()}});
  return out;
}

Json describe_report(const sgx::Report& report) {
  return {{"body", describe_report_body(report.body)},
          {"key_id", report.key_id.hex()},
          {"mac", report.mac.hex()}};
}

Json describe_target_info(const sgx::TargetInfo& target) {
  return {{"mr_enclave", target.mr_enclave.hex()},
          {"attributes", describe_attributes(target.attributes)},
          {"cet_attributes", byte_hex(target.cet_attributes)},
          {"reserved1", reserved(target.reserved1)},
          {"config_svn", number(target.config_svn)},
          {"misc_select", describe_misc_select(target.misc_select)},
          {"reserved2", reserved(target.reserved2)},
          {"config_id", target.config_id.hex()},
          {"reserved3", reserved(target.reserved3)}};
}

}  // namespace quoted::quotectl
