#include "simulation/authority/collateral_documents.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "simulation/authority/utc_text.h"
#include "simulation/qe3/qe3.h"

namespace quoted::simulation {
namespace {

using base::text;
using Json = nlohmann::ordered_json;

// Who delivers a component and how; the real documents say it of the first four (pcs-api 5.1).
struct ComponentOrigin {
  std::string_view category;
  std::string_view type;
};
constexpr std::array<ComponentOrigin, 4> kOrigins = {{{"BIOS", "Early Microcode Update"},
                                                      {"OS/VMM", "SGX Late Microcode Update"},
                                                      {"OS/VMM", "TXT SINIT"},
                                                      {"BIOS", ""}}};

// MISCSELECT is fixed; of the ATTRIBUTES, MODE64BIT and XFRM may vary (pcs-api 5.2).
constexpr std::uint32_t kMiscSelectMask = 0xFFFFFFFF;
constexpr std::uint64_t kFlagsMask = ~sgx::flags::kMode64Bit;

std::string upper_case(std::string digits) {
  for (char& c : digits) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  return digits;
}

// The memory image.
template <class Struct>
std::string hex_of(const Struct& value) {
  return upper_case(base::to_hex(base::struct_bytes(value)));
}

Json components_v3(const collateral::TcbComponents& components) {
  Json out = Json::array();
  for (std::size_t i = 0; i < components.size(); ++i) {
    Json& component = out.emplace_back();
    component["svn"] = components[i];
    if (i >= kOrigins.size()) continue;
    component["category"] = kOrigins[i].category;
    if (!kOrigins[i].type.empty()) component["type"] = kOrigins[i].type;
  }
  return out;
}

Json tcb_of(const TcbLevel& level, TcbInfoVersion version) {
  Json out;
  if (version == TcbInfoVersion::k3) {
    out["sgxtcbcomponents"] = components_v3(level.components);
  } else {
    for (std::size_t i = 0; i < level.components.size(); ++i) {
      const std::size_t number = i + 1;
      out[text("sgxtcbcomp", number < 10 ? "0" : "", number, "svn")] = level.components[i];
    }
  }
  out["pcesvn"] = level.pce_svn;
  return out;
}

Json level_of(Json tcb, const TcbVerdict& verdict) {
  Json out;
  out["tcb"] = std::move(tcb);
  out["tcbDate"] = utc_text(verdict.tcb_date);
  out["tcbStatus"] = tcb_status_name(verdict.status);
  if (!verdict.advisory_ids.empty()) out["advisoryIDs"] = verdict.advisory_ids;
  return out;
}

}  // namespace

std::string tcb_info_text(const TcbState& state, const sgx::Fmspc& fmspc, TcbInfoVersion version,
                          const Validity& validity) {
  Json out;
  if (version == TcbInfoVersion::k3) out["id"] = "SGX";
  out["version"] = static_cast<int>(version);
  out["issueDate"] = utc_text(validity.from);
  out["nextUpdate"] = utc_text(validity.to);
  out["fmspc"] = upper_case(fmspc.hex());
  out["pceId"] = sgx::PceId().hex();
  out["tcbType"] = 0;
  out["tcbEvaluationDataNumber"] = state.evaluation_number;
  out["tcbLevels"] = Json::array();
  for (const TcbLevel& level : state.levels) {
    out["tcbLevels"].push_back(level_of(tcb_of(level, version), level.verdict));
  }
  return out.dump();
}

std::string qe_identity_text(const TcbState& state, const Validity& validity) {
  const Secs qe = simulated_qe_secs(kSimulatedQeIsvSvn);
  const sgx::Attributes mask{kFlagsMask, 0};
  const sgx::Attributes attributes{qe.attributes.flags & mask.flags,
                                   qe.attributes.xfrm & mask.xfrm};
  Json out;
  out["id"] = "QE";
  out["version"] = 2;
  out["issueDate"] = utc_text(validity.from);
  out["nextUpdate"] = utc_text(validity.to);
  out["tcbEvaluationDataNumber"] = state.evaluation_number;
  out["miscselect"] = hex_of(qe.misc_select);
  out["miscselectMask"] = hex_of(sgx::Le32(kMiscSelectMask));
  out["attributes"] = hex_of(attributes);
  out["attributesMask"] = hex_of(mask);
  out["mrsigner"] = upper_case(qe.mr_signer.hex());
  out["isvprodid"] = static_cast<std::uint16_t>(qe.isv_prod_id);
  out["tcbLevels"] = Json::array();
  for (const QeLevel& level : state.qe_levels) {
    Json tcb;
    tcb["isvsvn"] = level.isv_svn;
    out["tcbLevels"].push_back(level_of(std::move(tcb), level.verdict));
  }
  return out.dump();
}

std::string signed_document(std::string_view name, std::string_view text,
                            const crypto::P256Signature& signature) {
  return base::text("{\"", name, "\":", text, ",\"signature\":\"", signature.hex(), "\"}");
}

}  // namespace quoted::simulation
