#include "appraisal/testing/named_verdicts.h"

#include <map>
#include <stdexcept>

#include "verification/testing/vector_cases.h"

namespace quoted::appraisal::testing {
namespace {

using verification::testing::VectorCase;

void make_simulated(Facts& facts) { facts.simulated = true; }

void fill(std::span<std::byte> bytes, std::byte value) {
  std::fill(bytes.begin(), bytes.end(), value);
}

void make_kss(Facts& facts) {
  auto& body = std::get<sgx::ReportBody>(facts.body);
  body.attributes.flags = body.attributes.flags | sgx::flags::kKss;
  fill(body.isv_family_id.mutable_view(), std::byte{0x11});
  fill(body.isv_ext_prod_id.mutable_view(), std::byte{0x22});
  fill(body.config_id.mutable_view().first<32>(), std::byte{0x33});
  body.config_svn = 3;
}

const std::map<std::string, VectorCase>& cases() {
  static const auto all = [] {
    std::map<std::string, VectorCase> out;
    for (VectorCase& one : verification::testing::vector_cases()) {
      const std::string folder = one.directory.substr(0, one.directory.size() - 1);
      out.emplace(folder, std::move(one));
    }
    return out;
  }();
  return all;
}

Facts judge(const VectorCase& one, bool allow_debug) {
  const verification::Verifier verifier({one.trusted_root()});
  const base::Bytes quote = one.file("quote.bin");
  return facts_of(verifier.verify(quote, collateral::ParsedCollateral::parse(one.collateral()),
                                  one.at, {.allow_debug = allow_debug}));
}

}  // namespace

const std::vector<NamedVerdict>& named_verdicts() {
  static const std::vector<NamedVerdict> all{
      {"up-to-date", "verification-synthetic/pck_not_in_crl_other_revoked", nullptr},
      {"sw-hardening", "verification-real/sgx-v3-platform-sw-hardening", nullptr},
      {"config-and-sw-hardening", "verification-real/sgx-v3-processor-config-and-sw-hardening",
       nullptr},
      {"out-of-date", "verification-real/sgx-v3-platform-out-of-date", nullptr},
      {"out-of-date-config", "verification-real/sgx-v3-platform-out-of-date-config-needed",
       nullptr},
      {"qe-configuration", "verification-synthetic/qe_ConfigurationNeeded_level", nullptr},
      {"debug", "verification-real/sgx-v3-processor-tcb-v2-debug-enclave-2022", nullptr},
      {"refused", "verification-real/sgx-v3-platform-expired-crl", nullptr},
      {"simulated", "verification-synthetic/pck_not_in_crl_other_revoked", make_simulated},
      {"kss", "verification-synthetic/pck_not_in_crl_other_revoked", make_kss},
      {"td-up-to-date", "verification-real/tdx-v5-up-to-date", nullptr},
      {"td-v4", "verification-real/tdx-v4-up-to-date", nullptr},
      {"td-relaunch", "verification-real/tdx-v5-td-relaunch-advised", nullptr},
      {"td-out-of-date", "verification-real/tdx-v5-out-of-date", nullptr}};
  return all;
}

Facts facts_named(const std::string& name, bool allow_debug) {
  for (const NamedVerdict& verdict : named_verdicts()) {
    if (verdict.name != name) continue;
    Facts out = judge(cases().at(verdict.vector), allow_debug);
    if (verdict.change != nullptr) verdict.change(out);
    return out;
  }
  throw std::runtime_error("no verdict of the name " + name);
}

}  // namespace quoted::appraisal::testing
