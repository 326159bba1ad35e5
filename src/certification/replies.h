// Reads what certification services reply: certificates, CRLs, signed documents and the headers
// that come with them (pcs-api 2.1, 3, 6, 8). ReplyNotUnderstood says what is missing or amiss.
// Signatures, dates and trust are not judged here.
#pragma once

#include <initializer_list>

#include "certification/documents.h"
#include "http/client.h"

namespace quoted::certification {

// A reply to pckcert: PEM with headers, or the JSON object that THIM makes of them.
[[nodiscard]] base::Result<PckCertification> read_pck_certification(const http::ClientReply& reply);

// The issuer chain in the first of these headers that is there, decoded.
[[nodiscard]] base::Result<std::string> read_issuer_chain(
    const http::ClientReply& reply, std::initializer_list<std::string_view> names);

// A CRL in any of its forms, as DER.
[[nodiscard]] base::Result<base::Bytes> read_crl(const http::ClientReply& reply);

// With their issuer chains.
[[nodiscard]] base::Result<Document> read_pck_crl(const http::ClientReply& reply);
[[nodiscard]] base::Result<Document> read_root_ca_crl(const http::ClientReply& reply);
// ApiVersionRetired for the form of API version 3.
[[nodiscard]] base::Result<Document> read_tcb_info(const http::ClientReply& reply);
[[nodiscard]] base::Result<Document> read_enclave_identity(const http::ClientReply& reply);

// For readers of other replies: "SGX-PCK-Certificate-Issuer-Chain"; whether TCBm, CPUSVN and PCESVN
// as 36 hexadecimal digits, is what the certificate says; CA and root in a percent-encoded chain.
inline constexpr std::string_view kPckChainHeader = "SGX-PCK-Certificate-Issuer-Chain";
[[nodiscard]] base::Status check_tcbm(std::string_view digits,
                                      const collateral::SgxExtension& leaf);
[[nodiscard]] base::Result<std::string> parse_issuer_chain(std::string_view encoded);

}  // namespace quoted::certification
