#include "quoted_inproc/simulated_backend.h"

#include "drop_in/explained.h"

namespace quoted::inproc {

Answer<std::unique_ptr<Backend>> open_simulated_backend() {
  return drop_in::refuse_for(base::ErrorCode::kNoPlatform,
                             "this build has no simulated platform for quotes in this process; set "
                             "SGX_AESM_ADDR=1 to use the service of this machine");
}

}  // namespace quoted::inproc
