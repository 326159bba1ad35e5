// What the tests of libsgx_dcap_quoteverify share: recorded cases as its parameters.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "quoted/sgx_dcap_quoteverify.h"
#include "verification/testing/vector_cases.h"

namespace quoted::test {

using verification::testing::VectorCase;

inline VectorCase vector_named(const std::string& name) {
  for (VectorCase& candidate : verification::testing::vector_cases()) {
    if (candidate.name == name) return candidate;
  }
  throw std::runtime_error("there is no vector " + name);
}

// Collateral as C has it. Texts have their NUL; behind everything is room for a size too large.
class SealedCollateral {
 public:
  static constexpr std::size_t kPadding = 4;

  explicit SealedCollateral(const collateral::Collateral& in) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const base::Bytes& bytes = in.*collateral::kCollateralParts[i].bytes;
      parts[i] = std::string(base::as_text(bytes));
      size(i) = static_cast<std::uint32_t>(parts[i].size() + (is_crl(i) ? 0 : 1));
      parts[i] += std::string(kPadding, '\0');
      place(i) = parts[i].data();
    }
    abi.version = 3;
  }
  SealedCollateral(const SealedCollateral&) = delete;
  SealedCollateral& operator=(const SealedCollateral&) = delete;

  static bool is_crl(std::size_t part) { return part == 1 || part == 2; }

  char*& place(std::size_t part) {
    const std::array places{&abi.pck_crl_issuer_chain,
                            &abi.root_ca_crl,
                            &abi.pck_crl,
                            &abi.tcb_info_issuer_chain,
                            &abi.tcb_info,
                            &abi.qe_identity_issuer_chain,
                            &abi.qe_identity};
    return *places.at(part);
  }
  std::uint32_t& size(std::size_t part) {
    const std::array sizes{&abi.pck_crl_issuer_chain_size,
                           &abi.root_ca_crl_size,
                           &abi.pck_crl_size,
                           &abi.tcb_info_issuer_chain_size,
                           &abi.tcb_info_size,
                           &abi.qe_identity_issuer_chain_size,
                           &abi.qe_identity_size};
    return *sizes.at(part);
  }
  // Another content for a part.
  void replace(std::size_t part, const std::string& content, std::size_t counted) {
    parts.at(part) = content + std::string(kPadding, '\0');
    place(part) = parts.at(part).data();
    size(part) = static_cast<std::uint32_t>(counted);
  }

  std::array<std::string, collateral::kCollateralParts.size()> parts;
  sgx_ql_qve_collateral_t abi{};
};

// A call that succeeds; tests spoil one argument. The outputs are as a caller would have them who
// hopes for the best.
struct Arguments {
  explicit Arguments(const VectorCase& vector)
      : quote_bytes(vector.file("quote.bin")),
        collateral(vector.collateral()),
        at(vector.at.time_since_epoch().count()) {
    quote = reinterpret_cast<const std::uint8_t*>(quote_bytes.data());
    quote_size = static_cast<std::uint32_t>(quote_bytes.size());
    data.fill(0x55);
  }
  Arguments() : Arguments(vector_named("sgx-v3-platform-sw-hardening")) {}
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  base::Bytes quote_bytes;
  SealedCollateral collateral;
  const std::uint8_t* quote;
  std::uint32_t quote_size;
  const sgx_ql_qve_collateral_t* documents = &collateral.abi;
  time_t at;
  std::uint32_t status = 0;
  sgx_ql_qv_result_t result = SGX_QL_QV_RESULT_OK;
  std::uint32_t* status_place = &status;
  sgx_ql_qv_result_t* result_place = &result;
  sgx_ql_qe_report_info_t* report_info = nullptr;
  std::array<std::uint8_t, 536> data{};
  std::uint32_t data_size = 536;
  std::uint8_t* data_place = data.data();
  tee_supp_data_descriptor_t descriptor{0, 536, data.data()};
  tee_supp_data_descriptor_t* descriptor_place = &descriptor;

  quote3_error_t tee() {
    return tee_verify_quote(quote, quote_size, reinterpret_cast<const std::uint8_t*>(documents), at,
                            status_place, result_place, report_info, descriptor_place);
  }
  quote3_error_t sgx() {
    return sgx_qv_verify_quote(quote, quote_size, documents, at, status_place, result_place,
                               report_info, data_size, data_place);
  }
  quote3_error_t tdx() {
    return tdx_qv_verify_quote(quote, quote_size, documents, at, status_place, result_place,
                               report_info, data_size, data_place);
  }
};

// A child process that has not used the library before: what it keeps between calls is its own.
// True when `body` reported no failure there.
template <class Body>
bool in_child(const Body& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    // Nothing waits for ever.
    ::alarm(120);
    body();
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace quoted::test
