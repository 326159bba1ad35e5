#include "verify/workload.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/little_endian.h"
#include "crypto/digest.h"
#include "quote/quote_builder.h"

namespace quoted::bench {

using crypto::P256PrivateKey;
using verification::testing::Forge;

Platform::Platform() : plan_(Forge::sgx()), first_(plan_.make()) {}

base::Bytes Platform::signed_quote(const P256PrivateKey& attestation_key) const {
  quote::Quote out = quote::Quote::parse(first_.quote).value();
  out.signature.attestation_key = attestation_key.public_key().point();
  const auto hash =
      crypto::sha256({out.signature.attestation_key.view(), out.authentication_data}).value();
  std::ranges::copy(hash.view(), out.signature.qe_report.report_data.mutable_view().begin());
  out.signature.qe_report_signature =
      plan_.qe_report_signer.sign(base::struct_bytes(out.signature.qe_report)).value();
  out.signature.quote_signature = attestation_key.sign(out.signed_bytes()).value();
  return quote::serialize(out).value();
}

std::string Platform::root_pem() const {
  const quote::Quote quote = quote::Quote::parse(first_.quote).value();
  return crypto::parse_pem_chain(base::as_text(quote.certification_data)).value().back().pem();
}

std::vector<base::Bytes> Platform::quotes(std::size_t count) const {
  quote::Quote quote = quote::Quote::parse(first_.quote).value();
  std::vector<base::Bytes> out;
  for (std::size_t i = 0; i < count; ++i) {
    const base::Le64 number(i);
    std::ranges::copy(base::struct_bytes(number),
                      std::get<sgx::ReportBody>(quote.body).report_data.mutable_view().begin());
    quote.signature.quote_signature = plan_.attestation_key.sign(quote.signed_bytes()).value();
    out.push_back(quote::serialize(quote).value());
  }
  return out;
}

base::Bytes Platform::quote() const { return first_.quote; }

std::vector<base::Bytes> Platform::quotes_of_new_keys(std::size_t count) {
  std::vector<base::Bytes> out;
  for (std::size_t i = 0; i < count; ++i) {
    base::Bytes seed(crypto::kP256SeedSize, std::byte{0x42});
    const base::Le64 number(next_key_++);
    std::ranges::copy(base::struct_bytes(number), seed.begin());
    out.push_back(signed_quote(P256PrivateKey::from_seed(seed).value()));
  }
  return out;
}

}  // namespace quoted::bench
