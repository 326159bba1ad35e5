#include "crypto/openssl_error.h"

#include <openssl/err.h>

#include "base/text.h"

namespace quoted::crypto {

base::Error openssl_error(base::ErrorCode code, std::string_view what) {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  const char* reason = first == 0 ? nullptr : ERR_reason_error_string(first);
  return {code, base::text(what, " failed: ", reason == nullptr ? "no reason given" : reason)};
}

}  // namespace quoted::crypto
