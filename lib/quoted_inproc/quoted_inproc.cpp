// The table that libsgx_dcap_ql.so.1 calls (lib/drop_in/inproc_interface.h): what is refused before
// a backend is asked, and how its answers become the caller's.
#include <cstring>

#include "drop_in/explained.h"
#include "quoted_inproc/call.h"
#include "quoted_inproc/chosen_backend.h"
#include "quoted_inproc/path_check.h"

#pragma GCC visibility push(default)
extern "C" const quoted_inproc_interface* quoted_inproc_open(std::uint32_t abi);
#pragma GCC visibility pop

namespace quoted::inproc {
namespace {

quote3_error_t set_load_policy(std::uint32_t policy) {
  return run_call("sgx_qe_set_enclave_load_policy", [&]() -> Answer<void> {
    constexpr auto kLast = static_cast<std::uint32_t>(LoadPolicy::kEphemeral);
    if (policy > kLast) {
      return drop_in::refuse_for(base::ErrorCode::kUnsupportedLoadPolicy,
                                 drop_in::with_remedy(base::ErrorCode::kUnsupportedLoadPolicy,
                                                      base::text("a load policy of ", policy)));
    }
    const auto backend = chosen_backend();
    if (!backend) return tl::unexpected(backend.error());
    return (*backend)->set_load_policy(static_cast<LoadPolicy>(policy));
  });
}

quote3_error_t get_target_info(std::uint8_t* target_info) {
  return run_call("sgx_qe_get_target_info", [&]() -> Answer<void> {
    const auto backend = chosen_backend();
    if (!backend) return tl::unexpected(backend.error());
    const auto target = (*backend)->target_info();
    if (!target) return tl::unexpected(target.error());
    drop_in::store(target_info, *target);
    return {};
  });
}

quote3_error_t get_quote_size(std::uint32_t* size) {
  return run_call("sgx_qe_get_quote_size", [&]() -> Answer<void> {
    const auto backend = chosen_backend();
    if (!backend) return tl::unexpected(backend.error());
    const auto known = (*backend)->quote_size();
    if (!known) return tl::unexpected(known.error());
    drop_in::store(size, *known);
    return {};
  });
}

quote3_error_t get_quote(const std::uint8_t* report, std::uint32_t size, std::uint8_t* quote) {
  return run_call("sgx_qe_get_quote", [&]() -> Answer<void> {
    const auto backend = chosen_backend();
    if (!backend) return tl::unexpected(backend.error());
    return (*backend)->quote(drop_in::load<sgx::Report>(report), {quote, size});
  });
}

quote3_error_t set_path(std::uint32_t type, const char* path) {
  return run_call("sgx_ql_set_path", [&]() -> Answer<void> {
    const auto checked = check_path(type, path);
    if (!checked) return tl::unexpected(checked.error());
    const auto backend = chosen_backend();
    if (!backend) return tl::unexpected(backend.error());
    return (*backend)->set_path(checked->type, checked->path);
  });
}

constexpr quoted_inproc_interface kInterface{
    .abi = drop_in::kInprocAbi,
    .size = sizeof(quoted_inproc_interface),
    .release = QUOTED_VERSION,
    .set_load_policy = set_load_policy,
    .get_target_info = get_target_info,
    .get_quote_size = get_quote_size,
    .get_quote = get_quote,
    .set_path = set_path,
    .set_log = set_log,
};

}  // namespace
}  // namespace quoted::inproc

const quoted_inproc_interface* quoted_inproc_open(std::uint32_t abi) {
  return abi == quoted::drop_in::kInprocAbi ? &quoted::inproc::kInterface : nullptr;
}
