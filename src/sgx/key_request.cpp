#include "sgx/key_request.h"

namespace quoted::sgx {

bool KeyRequest::reserved_is_zero() const {
  return base::all_zero(reserved1) && base::all_zero(reserved2);
}

}  // namespace quoted::sgx
