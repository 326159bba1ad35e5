// Hostile bytes as PEM chain and as DER certificate: nothing crashes, and every accessor works on
// what is accepted.
#include "collateral/pck_certificate.h"
#include "fuzz.h"

using namespace quoted;

namespace {

void use(const crypto::Certificate& certificate) {
  (void)certificate.pem();
  (void)certificate.is_ca();
  (void)certificate.path_length();
  (void)certificate.subject_key_id();
  (void)certificate.authority_key_id();
  (void)certificate.signed_by(certificate.public_key());
  (void)certificate.issued_by_name(certificate);
  (void)collateral::is_marked_simulated(certificate);
  (void)collateral::PckCertificate::create(certificate);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes = fuzz::input(data, size);
  if (const auto chain = crypto::parse_pem_chain(base::as_text(bytes))) {
    for (const crypto::Certificate& certificate : *chain) use(certificate);
  }
  if (const auto certificate = crypto::Certificate::parse_der(bytes)) use(*certificate);
  return 0;
}
