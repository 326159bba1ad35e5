#include "crypto/digest.h"

#include <gmock/gmock.h>

namespace quoted::crypto {
namespace {

// FIPS 180-4 examples.
TEST(Sha256, MatchesThePublishedDigests) {
  EXPECT_EQ(sha256(base::as_bytes(""))->hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(base::as_bytes("abc"))->hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, PiecesAreHashedOneAfterTheOther) {
  EXPECT_EQ(sha256({base::as_bytes("a"), base::as_bytes(""), base::as_bytes("bc")}).value(),
            sha256(base::as_bytes("abc")).value());
  EXPECT_NE(sha256({base::as_bytes("bc"), base::as_bytes("a")}).value(),
            sha256(base::as_bytes("abc")).value());
}

TEST(Sha384, MatchesThePublishedDigest) {
  EXPECT_EQ(sha384({base::as_bytes("a"), base::as_bytes("bc")})->hex(),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
}

}  // namespace
}  // namespace quoted::crypto
