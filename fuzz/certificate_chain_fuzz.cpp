// Hostile bytes as PEM chain and as DER certificate: nothing crashes, every accessor works on what
// is accepted, and it has one encoding, whichever way it is taken.
#include "collateral/pck_certificate.h"
#include "fuzz.h"

using namespace quoted;

namespace {

void use(const crypto::Certificate& certificate) {
  const auto from_pem = crypto::Certificate::parse_pem(certificate.pem());
  fuzz::require(from_pem && base::equal(from_pem->der(), certificate.der()));
  const auto from_der = crypto::Certificate::parse_der(certificate.der());
  fuzz::require(from_der && from_der->pem() == certificate.pem());
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
  if (const auto certificate = crypto::Certificate::parse_der(bytes)) {
    fuzz::require(base::equal(certificate->der(), bytes));
    use(*certificate);
  }
  return 0;
}
