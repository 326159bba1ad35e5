#include "quoted_inproc/platform.h"

#include <string_view>

#include "drop_in/explained.h"
#include "quoted_inproc/intel_backend.h"
#include "quoted_inproc/simulated_backend.h"

namespace quoted::inproc {

using base::ErrorCode;
using base::text;

Answer<std::unique_ptr<Backend>> open_backend(const char* wanted, const Devices& devices) {
  const std::string_view platform = wanted == nullptr ? "" : wanted;
  if (platform == "simulated") return open_simulated_backend();
  if (!platform.empty()) {
    return drop_in::refuse_for(
        ErrorCode::kNoPlatform,
        text("QUOTED_PLATFORM is '", platform,
             "', which is no platform; set it to 'simulated', or unset it to "
             "use the SGX of this machine"));
  }
  if (!first_device(devices.enclave)) {
    return drop_in::refuse_for(ErrorCode::kNoPlatform,
                               drop_in::with_remedy(ErrorCode::kNoPlatform,
                                                    "this machine or container has no SGX device"));
  }
  return IntelBackend::open({}, devices).map([](std::unique_ptr<IntelBackend> backend) {
    return std::unique_ptr<Backend>(std::move(backend));
  });
}

}  // namespace quoted::inproc
