#include "certification/request_key.h"

#include <gtest/gtest.h>

#include <set>

#include "certification/testing/test_world.h"

namespace quoted::certification {
namespace {

std::vector<Request> samples() {
  const auto fmspc = sgx::Fmspc::parse_hex("00906ea10000").value();
  sgx::QeId qe_id;
  qe_id.mutable_view()[3] = std::byte{7};
  return {DocumentRequest(PckCrlRequest{collateral::PckCa::kPlatform}),
          DocumentRequest(PckCrlRequest{collateral::PckCa::kProcessor}),
          DocumentRequest(RootCaCrlRequest{"https://example.org/a/b.der"}),
          DocumentRequest(RootCaCrlRequest{""}),
          DocumentRequest(RootCaCrlRequest{"https://example.org/a/b.der", crypto::P256Point()}),
          DocumentRequest(TcbInfoRequest{collateral::Tee::kSgx, fmspc}),
          DocumentRequest(TcbInfoRequest{collateral::Tee::kTdx, fmspc}),
          DocumentRequest(TcbInfoRequest{collateral::Tee::kSgx, sgx::Fmspc()}),
          DocumentRequest(EnclaveIdentityRequest{EnclaveIdentity::kQe}),
          DocumentRequest(EnclaveIdentityRequest{EnclaveIdentity::kTdQe}),
          DocumentRequest(EnclaveIdentityRequest{EnclaveIdentity::kQve}),
          PckRequest{qe_id, 1, sgx::CpuSvn(), 13, {}},
          PckRequest{qe_id, 0, sgx::CpuSvn(), 13, {}},
          PckRequest{qe_id, 0, sgx::CpuSvn(), 65535, {}},
          PckRequest{sgx::QeId(), 0, sgx::CpuSvn(), 13, {}}};
}

TEST(RequestKey, EveryRequestHasItsOwnAndComesBackFromIt) {
  std::set<std::string> seen;
  for (const Request& request : samples()) {
    const std::string key = cache_key(request);
    EXPECT_TRUE(seen.insert(key).second) << key;
    const auto back = parse_cache_key(key);
    ASSERT_TRUE(back) << key;
    EXPECT_EQ(cache_key(*back), key);
    EXPECT_FALSE(describe(request).empty());
  }
}

TEST(RequestKey, EncryptionOfThePpidDoesNotCount) {
  PckRequest request = testing::TestWorld().pck_request();
  const std::string key = cache_key(Request(request));
  request.encrypted_ppid[0] ^= std::byte{1};
  EXPECT_EQ(cache_key(Request(request)), key);
  request.encrypted_ppid.clear();
  EXPECT_EQ(cache_key(Request(request)), key);
}

TEST(RequestKey, OtherTextIsNone) {
  for (const std::string_view text :
       {"", "/", "pck", "pck-crl", "pck-crl/other", "tcb-info/sgx", "tcb-info/sgx/00906EA10000",
        "tcb-info/sgx/00906ea100", "tcb-info/sev/00906ea10000", "identity/", "identity/qe/", "qe",
        "pck/00/0/00/0", "root-ca-crl",
        "pck/00000000000000000000000000000000/00/00000000000000000000000000000000/13",
        "pck/00000000000000000000000000000000/0/00000000000000000000000000000000/65536",
        "pck/00000000000000000000000000000000/0/00000000000000000000000000000000/"}) {
    EXPECT_FALSE(parse_cache_key(text)) << text;
  }
}

}  // namespace
}  // namespace quoted::certification
