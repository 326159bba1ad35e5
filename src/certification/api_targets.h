// The addresses that PCS, PCCS and THIM have in common (pcs-api 3, 6.2, 8).
#pragma once

#include "certification/exchange.h"
#include "certification/request_key.h"
#include "certification/service_url.h"

namespace quoted::certification {

// Services take either; each is asked as its own clients do.
enum class HexCase : std::uint8_t { kUpper, kLower };

// Which of the two sets that are valid at one time (pcs-api 5.3).
enum class TcbUpdate : std::uint8_t { kStandard, kEarly };

enum class KnownBy : std::uint8_t { kQeIdToo, kEncryptedPpidOnly };

// "0D00" of 13: numbers go out as little-endian bytes.
[[nodiscard]] std::string number_hex(std::uint16_t number, HexCase hex_case);
[[nodiscard]] std::string hex(base::ByteView bytes, HexCase hex_case);

struct ApiTargets {
  ServiceUrl url;
  HexCase hex_case = HexCase::kUpper;
  TcbUpdate update = TcbUpdate::kStandard;

  // InvalidArgument for an encrypted PPID of a wrong size.
  [[nodiscard]] base::Result<Target> pck_certificate(const PckRequest& request,
                                                     KnownBy known_by) const;
  // NotFoundAtSource when the address tells no place for TDX.
  [[nodiscard]] base::Result<Target> tcb_info(const TcbInfoRequest& request) const;
  [[nodiscard]] base::Result<Target> enclave_identity(const EnclaveIdentityRequest& request) const;
  // The errors of these.
  [[nodiscard]] base::Status check(const Request& request) const;
  [[nodiscard]] Target at(std::string_view path) const;

 private:
  [[nodiscard]] base::Result<std::string> base_for(bool tdx) const;
  void add_update(Target& target) const;
};

// Of platforms that have one (384 bytes) or none.
[[nodiscard]] base::Status check_encrypted_ppid(base::ByteView encrypted_ppid);

}  // namespace quoted::certification
