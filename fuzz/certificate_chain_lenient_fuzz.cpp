// Hostile text as a chain that Intel's verifier would read: nothing crashes, and every accessor and
// every role works on what is accepted, whatever its keys and extensions.
#include "collateral/certificate_chain.h"
#include "collateral/pck_certificate.h"
#include "fuzz.h"

using namespace quoted;
using crypto::Certificate;

namespace {

void use(const Certificate& certificate, const collateral::CertificateChain& chain) {
  (void)certificate.pem();
  (void)certificate.path_length();
  (void)certificate.subject_key_id();
  (void)certificate.authority_key_id();
  (void)certificate.has_key_usage(crypto::kKeyUsageCertSign);
  (void)certificate.extension_count();
  (void)certificate.signature();
  (void)collateral::is_marked_simulated(certificate);
  (void)collateral::PckCertificate::judge(certificate);
  for (const char c : certificate.subject()) fuzz::require(c >= ' ' && c <= '~');
  for (const Certificate& issuer : chain.certificates()) {
    (void)certificate.issued_by_name(issuer);
    if (!issuer.has_p256_key()) continue;
    // Whoever names the algorithm rightly is not refused by him who does not look.
    fuzz::require(!certificate.signed_by(issuer.public_key()) ||
                  certificate.signature_matches(issuer.public_key()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto chain = collateral::CertificateChain::parse(base::as_text(fuzz::input(data, size)));
  if (!chain) return 0;
  fuzz::require(chain->size() > 0);
  for (const Certificate& certificate : chain->certificates()) use(certificate, *chain);
  if (const Certificate* const root = chain->root()) {
    fuzz::require(collateral::is_self_issued(*root));
  }
  if (const Certificate* const ca = chain->intermediate()) {
    fuzz::require(!collateral::is_self_issued(*ca));
  }
  if (const Certificate* const pck = chain->pck()) {
    fuzz::require(collateral::is_named(*pck, collateral::kPckPhrase));
  }
  (void)chain->topmost();
  return 0;
}
