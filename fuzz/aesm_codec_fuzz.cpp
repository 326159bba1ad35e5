// Hostile bytes as AESM requests and responses: nothing crashes, and what is accepted survives an
// encoding and decoding unchanged.
#include "aesm/codec.h"
#include "fuzz.h"

using namespace quoted;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes = fuzz::input(data, size);
  if (const auto request = aesm::decode_request(bytes)) {
    const base::Bytes encoded = aesm::encode_request(*request);
    const auto again = aesm::decode_request(encoded);
    fuzz::require(again && aesm::kind_of(*again) == aesm::kind_of(*request));
    fuzz::require(aesm::missing_required_field(*again) == aesm::missing_required_field(*request));
    fuzz::require(aesm::encode_request(*again) == encoded);
  }
  if (const auto response = aesm::decode_response(bytes)) {
    const base::Bytes encoded = aesm::encode_response(*response);
    const auto again = aesm::decode_response(encoded);
    fuzz::require(again && aesm::kind_of(*again) == aesm::kind_of(*response));
    fuzz::require(aesm::encode_response(*again) == encoded);
  }
  return 0;
}
