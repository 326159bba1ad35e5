// A quote and a verdict on it, with libquoted.
//
//     quote_and_verify REPORT ROOT.pem COLLATERAL
//
// REPORT is a file of 432 bytes (an enclave makes it; `quotectl report` does for a simulated one),
// ROOT.pem the root certificate to trust, COLLATERAL the documents to judge by (a directory or a
// bundle). QUOTED_SOCKET names another socket than the usual one.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "quoted/client.h"
#include "quoted/verify.h"

namespace {

quoted::Bytes read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int failed(const char* what, const quoted::Error& error) {
  std::fprintf(stderr, "%s: %s\n", what, error.explanation().c_str());
  return 3;
}

void print_hex(const char* name, quoted::ByteView bytes) {
  std::printf("%s: ", name);
  for (const std::uint8_t byte : bytes) std::printf("%02x", byte);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: quote_and_verify REPORT ROOT.pem COLLATERAL\n");
    return 3;
  }
  quoted::ClientOptions options;
  if (const char* const socket = std::getenv("QUOTED_SOCKET")) options.socket = socket;
  const auto quote = quoted::Client(options).quote(read_file(argv[1]));
  if (!quote) return failed("no quote", quote.error());

  const auto verifier = quoted::Verifier::for_root(argv[2]);
  if (!verifier) return failed("no root", verifier.error());
  const auto collateral = quoted::Collateral::read(argv[3]);
  if (!collateral) return failed("no collateral", collateral.error());
  const quoted::Verdict verdict = verifier->verify(*quote, *collateral);
  if (verdict.decision == quoted::Decision::kRefused) return failed("refused", *verdict.refusal);

  std::printf("verified up to %s%s\n", verdict.root.c_str(),
              verdict.simulated ? " (SIMULATED-NO-SECURITY)" : "");
  std::printf("TCB status: %s\n", verdict.tcb_status.c_str());
  for (const std::string& warning : verdict.warnings) std::printf("warning: %s\n", warning.c_str());
  // That it verifies says that it is an enclave; which one it is has to be compared.
  if (verdict.claims->enclave) print_hex("MRENCLAVE", verdict.claims->enclave->mr_enclave);
  return verdict.decision == quoted::Decision::kVerified ? 0 : 1;
}
