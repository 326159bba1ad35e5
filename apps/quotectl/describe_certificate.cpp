#include "quotectl/describe_certificate.h"

#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "collateral/pck_certificate.h"
#include "crypto/digest.h"
#include "quotectl/option_values.h"

namespace quoted::quotectl {
namespace {

using collateral::SgxType;

std::string_view sgx_type_name(SgxType type) {
  switch (type) {
    case SgxType::kStandard:
      return "standard";
    case SgxType::kScalable:
      return "scalable";
    case SgxType::kScalableWithIntegrity:
      return "scalable with integrity";
  }
  return "unknown";
}

template <class T>
Json optional_json(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json describe_configuration(const collateral::PlatformConfiguration& configuration) {
  return {{"dynamic_platform", optional_json(configuration.dynamic_platform)},
          {"cached_keys", optional_json(configuration.cached_keys)},
          {"smt_enabled", optional_json(configuration.smt_enabled)}};
}

Json key_usage_names(const crypto::Certificate& certificate) {
  Json out = Json::array();
  const auto add = [&](std::uint32_t bit, const char* name) {
    if (certificate.has_key_usage(bit)) out.push_back(name);
  };
  add(crypto::kKeyUsageDigitalSignature, "digitalSignature");
  add(crypto::kKeyUsageNonRepudiation, "nonRepudiation");
  add(crypto::kKeyUsageCertSign, "keyCertSign");
  add(crypto::kKeyUsageCrlSign, "cRLSign");
  return out;
}

std::string fingerprint(const crypto::Certificate& certificate) {
  const auto digest = crypto::sha256(certificate.der());
  return digest ? digest->hex() : digest.error().summary();
}

}  // namespace

Json describe_sgx_extension(const collateral::SgxExtension& extension) {
  return {{"ppid", extension.ppid.hex()},
          {"fmspc", extension.fmspc.hex()},
          {"pce_id", extension.pce_id.hex()},
          {"pce_svn", extension.pce_svn},
          {"cpu_svn", extension.cpu_svn.hex()},
          {"tcb_components", extension.components},
          {"sgx_type", sgx_type_name(extension.sgx_type)},
          {"platform_instance_id",
           extension.platform_instance_id ? Json(extension.platform_instance_id->hex()) : Json()},
          {"configuration",
           extension.configuration ? describe_configuration(*extension.configuration) : Json()}};
}

Json describe_certificate(const crypto::Certificate& certificate) {
  Json out = {
      {"subject", certificate.subject()},
      {"issuer", certificate.issuer()},
      {"serial", base::to_hex(certificate.serial())},
      {"not_before", format_time(certificate.not_before())},
      {"not_after", format_time(certificate.not_after())},
      {"public_key",
       certificate.has_p256_key() ? Json(certificate.public_key().point().hex()) : Json(nullptr)},
      {"ca", certificate.is_ca()},
      {"path_length", optional_json(certificate.path_length())},
      {"key_usage", key_usage_names(certificate)},
      {"subject_key_id", base::to_hex(certificate.subject_key_id())},
      {"authority_key_id", base::to_hex(certificate.authority_key_id())},
      {"crl_urls", certificate.crl_urls()},
      {"extension_count", certificate.extension_count()},
      {"sha256", fingerprint(certificate)},
      {"simulated", collateral::is_marked_simulated(certificate)}};
  if (const auto content = certificate.extension(collateral::kSgxExtensionOid)) {
    const auto sgx = collateral::SgxExtension::parse(*content);
    out["sgx_extension"] = sgx ? describe_sgx_extension(*sgx)
                               : Json::object({{"unreadable", sgx.error().summary()},
                                               {"raw", base::to_hex(*content)}});
  }
  return out;
}

Json describe_certificates(const std::vector<crypto::Certificate>& certificates) {
  Json out = Json::array();
  for (const auto& certificate : certificates) out.push_back(describe_certificate(certificate));
  return out;
}

}  // namespace quoted::quotectl
