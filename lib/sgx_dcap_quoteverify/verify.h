// The verification behind all of the library's entry points (quote-verification 7 and 19).
#pragma once

#include <optional>

#include "sgx_dcap_quoteverify/call.h"
#include "verification/supplemental.h"

namespace quoted::quoteverify {

// Where supplemental data are wanted.
struct SupplementalRoom {
  void* place;
  verification::SupplementalVersion version;
};

// Nothing when none are wanted; InvalidParameter when the parameters contradict each other.
[[nodiscard]] Answer<std::optional<SupplementalRoom>> read_room(std::uint32_t size,
                                                                std::uint8_t* place);
[[nodiscard]] Answer<std::optional<SupplementalRoom>> read_descriptor(
    const tee_supp_data_descriptor_t* descriptor);

// The parameters that all entry points have.
struct VerifyArguments {
  const std::uint8_t* quote;
  std::uint32_t quote_size;
  const void* collateral;  // null: the provider is asked
  time_t at;
  void* expiration_status;
  void* result;
  const void* report_info;
};

[[nodiscard]] Answer<void> verify(const VerifyArguments& arguments,
                                  const Answer<std::optional<SupplementalRoom>>& room);

}  // namespace quoted::quoteverify
