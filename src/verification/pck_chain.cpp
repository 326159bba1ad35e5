#include "verification/pck_chain.h"

#include <algorithm>
#include <vector>

#include "base/hex.h"
#include "base/text.h"
#include "verification/intel/chain_rules.h"

namespace quoted::verification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using crypto::Certificate;
using intel::label;

constexpr std::size_t kChainLength = 3;

// What tells the roles apart in every SGX PKI, Intel's and others alike (quote-verification 3).
// Names keep certificates of one PKI in their roles; trust comes from the root key alone.
constexpr std::string_view kPckPhrase = "SGX PCK Certificate";
constexpr std::string_view kPlatformCaPhrase = "SGX PCK Platform CA";
constexpr std::string_view kProcessorCaPhrase = "SGX PCK Processor CA";
constexpr std::string_view kRootCaPhrase = "SGX Root CA";

bool named(const Certificate& certificate, std::string_view phrase) {
  return certificate.subject_cn().find(phrase) != std::string::npos;
}

tl::unexpected<base::Error> invalid(std::string message) {
  return fail(ErrorCode::kChainInvalid, std::move(message));
}

Status check_names(const Certificate& leaf, const Certificate& intermediate,
                   const Certificate& root) {
  if (!named(leaf, kPckPhrase)) {
    return invalid(text("the first certificate is ", label(leaf), ", expected '", kPckPhrase, "'"));
  }
  if (!named(intermediate, kPlatformCaPhrase) && !named(intermediate, kProcessorCaPhrase)) {
    return invalid(text("the intermediate CA is ", label(intermediate), ", expected '",
                        kPlatformCaPhrase, "' or '", kProcessorCaPhrase, "'"));
  }
  if (!named(root, kRootCaPhrase)) {
    return invalid(text("the root CA is ", label(root), ", expected '", kRootCaPhrase, "'"));
  }
  return {};
}

// Key ids have 20 bytes; a hostile one shall not fill the log.
std::string short_hex(base::ByteView bytes) {
  return base::to_hex(bytes.first(std::min<std::size_t>(bytes.size(), 20)));
}

// Every certificate of the profile has these, and Intel's library takes none without them.
Status check_extensions(const Certificate& certificate) {
  struct Required {
    std::string_view oid;
    std::string_view name;
  };
  constexpr std::array kRequired{
      Required{"2.5.29.35", "authority key id"}, Required{"2.5.29.31", "CRL distribution points"},
      Required{"2.5.29.14", "subject key id"}, Required{"2.5.29.15", "key usage"},
      Required{"2.5.29.19", "basic constraints"}};
  for (const Required& required : kRequired) {
    if (!certificate.extension(required.oid)) {
      return invalid(text(label(certificate), " lacks the extension ", required.name));
    }
  }
  return {};
}

// `below` is the number of CA certificates that stand between this one and a leaf.
Status check_authority(const Certificate& ca, long below) {
  if (!ca.is_ca()) return invalid(text(label(ca), " is not a CA"));
  const auto path_length = ca.path_length();
  if (path_length && *path_length < below) {
    return invalid(
        text(label(ca), " allows ", *path_length, " CAs below it, the chain has ", below));
  }
  if (!ca.has_key_usage(crypto::kKeyUsageCertSign)) {
    return invalid(text(label(ca), " may not sign certificates"));
  }
  return {};
}

Status check_issued(const Certificate& subject, const Certificate& issuer) {
  if (!subject.issued_by_name(issuer)) {
    return invalid(text(label(subject), " names another issuer than ", label(issuer)));
  }
  const base::ByteView expected = issuer.subject_key_id();
  const base::ByteView observed = subject.authority_key_id();
  if (expected.empty() || !base::equal(observed, expected)) {
    return invalid(text(label(subject), " names the issuer key '", short_hex(observed), "', ",
                        label(issuer), " has '", short_hex(expected), "'"));
  }
  if (!subject.signed_by(issuer.public_key())) {
    return invalid(text(label(subject), " is not signed by the key of ", label(issuer)));
  }
  return {};
}

Result<std::vector<Certificate>> parse_certificates(std::string_view pem,
                                                    const collateral::CertificatePool& pool) {
  QUOTED_TRY(const std::vector<std::string_view> blocks,
             crypto::split_pem_chain(pem, kChainLength));
  std::vector<Certificate> out;
  for (const std::string_view block : blocks) {
    if (const Certificate* const known = pool.find(block)) {
      QUOTED_CHECK(known->check_strictly());
      out.push_back(*known);
    } else {
      QUOTED_TRY(Certificate read, Certificate::parse_pem(block));
      out.push_back(std::move(read));
    }
  }
  return out;
}

// What holds of both kinds of issuers below a root.
Status check_below_root(const Certificate& issuer, const Certificate& root,
                        const crypto::P256PublicKey& trusted_key) {
  for (const Certificate* const certificate : {&issuer, &root}) {
    if (!certificate->extensions_understood()) {
      return invalid(text(label(*certificate), " has an extension that is not understood"));
    }
    if (!certificate->has_p256_key()) {
      return invalid(text(label(*certificate), " has no P-256 key"));
    }
  }
  if (root.public_key().point() != trusted_key.point()) {
    return invalid(text(label(root), " has another key than the trusted root"));
  }
  return {};
}

Status check_signer(const Certificate& signer) {
  if (signer.is_ca()) return invalid(text(label(signer), " is a CA"));
  if (!signer.has_key_usage(crypto::kKeyUsageDigitalSignature)) {
    return invalid(text(label(signer), " may not make digital signatures"));
  }
  return {};
}

Status check_ca(const Certificate& ca) {
  QUOTED_CHECK(check_authority(ca, 0));
  if (!ca.has_key_usage(crypto::kKeyUsageCrlSign)) {
    return invalid(text(label(ca), " may not sign CRLs"));
  }
  return {};
}

base::Error as_issuer_chain_error(const base::Error& error) {
  return {ErrorCode::kIssuerChainInvalid, error.message()};
}

}  // namespace

Status check_issuer_chain(const Certificate& signer, const Certificate& root,
                          const crypto::P256PublicKey& trusted_key) {
  const auto holds = [&]() -> Status {
    QUOTED_CHECK(check_below_root(signer, root, trusted_key));
    QUOTED_CHECK(check_signer(signer));
    QUOTED_CHECK(check_authority(root, 0));
    QUOTED_CHECK(check_issued(signer, root));
    return check_issued(root, root);
  };
  return holds().map_error(as_issuer_chain_error);
}

Status check_ca_chain(const Certificate& ca, const Certificate& root,
                      const crypto::P256PublicKey& trusted_key) {
  const auto holds = [&]() -> Status {
    QUOTED_CHECK(check_below_root(ca, root, trusted_key));
    QUOTED_CHECK(check_ca(ca));
    QUOTED_CHECK(check_authority(root, 1));
    QUOTED_CHECK(check_issued(ca, root));
    return check_issued(root, root);
  };
  return holds().map_error(as_issuer_chain_error);
}

Result<PckChain> PckChain::parse(std::string_view pem, const collateral::CertificatePool& pool) {
  const auto certificates = parse_certificates(pem, pool);
  if (!certificates) return invalid(certificates.error().message());
  if (certificates->size() != kChainLength) {
    return invalid(text(certificates->size(),
                        " certificates, expected PCK certificate, intermediate CA and root CA"));
  }
  // Genuine quotes of some providers have the root before the intermediate CA.
  const bool root_is_second =
      named((*certificates)[1], kRootCaPhrase) && !named((*certificates)[2], kRootCaPhrase);
  const Certificate& leaf = (*certificates)[0];
  const Certificate& intermediate = (*certificates)[root_is_second ? 2 : 1];
  const Certificate& root = (*certificates)[root_is_second ? 1 : 2];
  QUOTED_CHECK(check_names(leaf, intermediate, root));
  for (const Certificate& certificate : *certificates) QUOTED_CHECK(check_extensions(certificate));
  auto pck = collateral::PckCertificate::create(leaf);
  if (!pck) return invalid(pck.error().message());
  if (!leaf.has_key_usage(crypto::kKeyUsageDigitalSignature)) {
    return invalid(text(label(leaf), " may not make digital signatures"));
  }
  QUOTED_CHECK(check_authority(intermediate, 0));
  QUOTED_CHECK(check_authority(root, 1));
  QUOTED_CHECK(check_issued(leaf, intermediate));
  QUOTED_CHECK(check_issued(intermediate, root));
  QUOTED_CHECK(check_issued(root, root));
  return PckChain{*std::move(pck), intermediate, root};
}

}  // namespace quoted::verification
