// What services replied for one real platform and its line: FMSPC 00906EA10000, processor CA.
#pragma once

#include <nlohmann/json.hpp>

#include "certification/documents.h"
#include "http/percent.h"
#include "certification/testing/scripted_client.h"
#include "test_support/vectors.h"

namespace quoted::certification::testing {

inline std::string real(const std::string& file) {
  return test::read_text_vector("real-collateral/" + file);
}

inline std::string real_chain_header(const std::string& file) {
  return http::percent_encoded(real(file));
}

inline sgx::Fmspc real_fmspc() { return sgx::Fmspc::parse_hex("00906ea10000").value(); }
inline constexpr std::string_view kRealTcbm = "0D0D02040180030000000000000000000900";
inline constexpr std::string_view kRootCrlUrl =
    "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

// As the retrieval tool told it; Intel's service gives it the certificate of kRealTcbm.
inline PckRequest real_platform() {
  PckRequest out;
  out.qe_id = sgx::QeId::parse_hex("16a5b41ebb076d263a1e39e64e7175e7").value();
  out.cpu_svn = sgx::CpuSvn::parse_hex("0f0f0205ff8007000000000000000000").value();
  out.pce_isv_svn = 9;
  out.encrypted_ppid = base::Bytes(384, std::byte{0xAB});
  return out;
}

inline std::string real_encrypted_ppid() {
  std::string out;
  for (int i = 0; i < 384; ++i) out += "AB";
  return out;
}

inline nlohmann::json real_offer() {
  return nlohmann::json::parse(real("pckcerts-16a5b41e-00906ea10000.json"));
}

inline std::string real_leaf() {
  for (const auto& item : real_offer()) {
    if (item.at("tcbm") == kRealTcbm)
      return http::percent_decoded(item.at("cert").get<std::string>()).value();
  }
  throw std::runtime_error("the sample has lost its certificate");
}

inline http::Headers pck_headers() {
  return {
      {"SGX-PCK-Certificate-Issuer-Chain", real_chain_header("pckcerts-16a5b41e-issuer-chain.pem")},
      {"SGX-TCBm", std::string(kRealTcbm)},
      {"SGX-FMSPC", "00906EA10000"},
      {"SGX-PCK-Certificate-CA-Type", "processor"},
      {"Content-Type", "application/x-pem-file"}};
}

inline http::ClientReply pck_reply() { return reply(200, real_leaf(), pck_headers()); }
inline http::ClientReply offer_reply() { return reply(200, real_offer().dump(), pck_headers()); }

inline http::ClientReply tcb_info_reply() {
  return reply(200, real("tcbinfo-v3-sgx-00906ea10000.json"),
               {{"TCB-Info-Issuer-Chain", real_chain_header("tcb-signing-chain-2018.pem")}});
}
inline http::ClientReply qe_identity_reply() {
  return reply(
      200, real("qe-identity-v2-pcs-body.json"),
      {{"SGX-Enclave-Identity-Issuer-Chain", real_chain_header("tcb-signing-chain-2025.pem")}});
}
inline http::ClientReply pck_crl_reply() {
  return reply(
      200, real("pck-crl-processor.der"),
      {{"SGX-PCK-CRL-Issuer-Chain", real_chain_header("pck-crl-processor-issuer-chain.pem")}});
}
inline http::ClientReply root_crl_reply() { return reply(200, real("root-ca-crl.der")); }

inline http::ClientReply without_header(http::ClientReply reply, std::string_view name) {
  std::erase_if(reply.headers, [&](const http::Header& header) { return header.name == name; });
  return reply;
}
inline http::ClientReply with_header(http::ClientReply reply, std::string_view name,
                                     std::string_view value) {
  reply = without_header(std::move(reply), name);
  reply.headers.push_back({std::string(name), std::string(value)});
  return reply;
}
inline http::ClientReply with_body(http::ClientReply reply, std::string_view body) {
  reply.body = base::to_bytes(base::as_bytes(body));
  return reply;
}

}  // namespace quoted::certification::testing
