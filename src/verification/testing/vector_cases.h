// The recorded cases of tests/vectors: quotes with collateral, and what Intel's verifier said.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verification/verifier.h"

namespace quoted::verification::testing {

struct VectorCase {
  std::string name;
  std::string directory;       // below tests/vectors
  std::string base_directory;  // where files are that the case does not change; may be empty
  bool own_root = false;       // root.pem of the case, else Intel's
  base::UnixTime at;
  // Expected of Intel's verifier.
  std::uint32_t qv_return = 0;
  std::uint32_t qv_result = 0;
  std::uint32_t expiration_status = 0;
  std::vector<std::string> advisories;
  std::uint32_t evaluation_number = 0;
  std::int64_t tcb_date = 0;
  int pck_step = 0;
  int tcb_info_step = 0;
  int qe_identity_step = 0;
  int quote_step = 0;

  [[nodiscard]] base::Bytes file(const std::string& file_name) const;
  [[nodiscard]] bool has_file(const std::string& file_name) const;
  [[nodiscard]] collateral::Collateral collateral() const;
  // The certificate that steps take for the trusted root.
  [[nodiscard]] crypto::Certificate root() const;
  [[nodiscard]] TrustedRoot trusted_root() const;
};

[[nodiscard]] std::vector<VectorCase> vector_cases();

}  // namespace quoted::verification::testing
