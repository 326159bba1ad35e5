// Hostile bytes as a CRL in PEM, hexadecimal or DER: nothing crashes, every accessor works on what
// is accepted, and no genuine issuer has signed what is not genuine.
#include <algorithm>
#include <array>

#include "collateral/crl_text.h"
#include "fuzz.h"
#include "verification/trusted_root.h"

using namespace quoted;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes = fuzz::input(data, size);
  const auto crl = collateral::parse_crl(bytes);
  if (!crl) return 0;
  fuzz::require(crl->has_authority_key_id() || crl->authority_key_id().empty());
  fuzz::require(crl->trailing_bytes() < size);
  (void)crl->issuer().printable;
  (void)crl->number();
  (void)crl->this_update();
  (void)crl->next_update();
  fuzz::require(crl->revoked_count() != 0 || !crl->revokes(crl->number()));
  for (const unsigned serial : {0U, 1U, 255U}) {
    const std::array one{static_cast<std::byte>(serial)};
    (void)crl->revokes(one);
  }
  static const verification::TrustedRoot root = verification::intel_root();
  if (crl->signature_matches(root.key)) {
    fuzz::require(crl->issuer().common_name == "Intel SGX Root CA");
  }
  for (const char c : crl->issuer().printable) fuzz::require(c >= ' ' && c <= '~');
  return 0;
}
