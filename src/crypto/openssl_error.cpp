#include "crypto/openssl_error.h"

#include <openssl/err.h>

#include "base/text.h"

namespace quoted::crypto {

namespace {

base::Error explain(base::ErrorCode code, std::string_view what, unsigned long error) {
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return {code, base::text(what, " failed: ", reason == nullptr ? "no reason given" : reason)};
}

}  // namespace

base::Error openssl_error(base::ErrorCode code, std::string_view what) {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  return explain(code, what, first);
}

base::Error asn1_error(base::ErrorCode code, std::string_view what) {
  unsigned long first = 0;
  for (unsigned long error = ERR_get_error(); error != 0; error = ERR_get_error()) {
    if (first == 0 && ERR_GET_LIB(error) == ERR_LIB_ASN1) first = error;
  }
  return explain(code, what, first);
}

}  // namespace quoted::crypto
