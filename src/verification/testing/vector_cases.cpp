#include "verification/testing/vector_cases.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "test_support/vectors.h"

namespace quoted::verification::testing {
namespace {

using Json = nlohmann::json;

constexpr const char* kReal = "verification-real/";
constexpr const char* kSynthetic = "verification-synthetic/";

std::uint32_t hex(const Json& value) {
  return static_cast<std::uint32_t>(std::stoul(value.get<std::string>(), nullptr, 16));
}

// "TCB_REVOKED(46)" -> 46
int step(const Json& value) {
  const auto text = value.get<std::string>();
  return std::stoi(text.substr(text.find('(') + 1));
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out;
  std::istringstream stream(list);
  for (std::string item; std::getline(stream, item, ',');) out.push_back(item);
  return out;
}

VectorCase read_case(const Json& entry, const std::string& parent) {
  const Json& expected = entry.at("expected");
  VectorCase out;
  out.name = entry.at("name");
  out.directory = parent + out.name + '/';
  out.at = base::UnixTime(std::chrono::seconds(entry.at("verification_time").get<std::int64_t>()));
  out.qv_return = hex(expected.at("return_code"));
  out.qv_result = hex(expected.at("result"));
  out.expiration_status = expected.at("collateral_expiration_status");
  out.advisories = split(expected.at("advisories"));
  out.evaluation_number = expected.at("tcb_eval_ref_num");
  out.tcb_date = expected.at("tcb_level_date_tag");
  out.pck_step = step(expected.at("qvl_pck_chain"));
  out.tcb_info_step = step(expected.at("qvl_tcb_info"));
  out.qe_identity_step = step(expected.at("qvl_qe_identity"));
  out.quote_step = step(expected.at("qvl_quote"));
  out.own_root = parent == kSynthetic || out.has_file("root.pem");
  if (parent == kSynthetic) out.base_directory = parent + std::string("base/");
  return out;
}

bool exists(const std::string& name) {
  return std::filesystem::exists(std::string(QUOTED_VECTORS_DIR "/") + name);
}

}  // namespace

base::Bytes VectorCase::file(const std::string& file_name) const {
  const bool own = base_directory.empty() || exists(directory + file_name);
  return test::read_vector((own ? directory : base_directory) + file_name);
}

bool VectorCase::has_file(const std::string& file_name) const {
  return exists(directory + file_name);
}

collateral::Collateral VectorCase::collateral() const {
  collateral::Collateral out;
  for (const auto& part : collateral::kCollateralParts) {
    out.*part.bytes = file(std::string(part.file_names.front()));
  }
  return out;
}

crypto::Certificate VectorCase::root() const {
  const base::Bytes pem =
      own_root ? file("root.pem") : test::read_vector(std::string(kReal) + "intel-root.pem");
  return crypto::Certificate::parse_pem(base::as_text(pem)).value();
}

TrustedRoot VectorCase::trusted_root() const {
  return own_root ? TrustedRoot{"root.pem", root().public_key()} : intel_root();
}

std::vector<VectorCase> vector_cases() {
  std::vector<VectorCase> out;
  const Json real = Json::parse(test::read_text_vector(std::string(kReal) + "index.json"));
  for (const Json& entry : real) out.push_back(read_case(entry, kReal));
  const Json synthetic =
      Json::parse(test::read_text_vector(std::string(kSynthetic) + "expected.json"));
  for (const Json& entry : synthetic) out.push_back(read_case(entry, kSynthetic));
  return out;
}

}  // namespace quoted::verification::testing
