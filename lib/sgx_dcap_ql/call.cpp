#include "sgx_dcap_ql/call.h"

namespace quoted::dcap_ql {
namespace {

constinit thread_local const char* function_of_this_thread = nullptr;

}  // namespace

CallName::CallName(const char* function) : outer_(function_of_this_thread) {
  function_of_this_thread = function;
}

CallName::~CallName() { function_of_this_thread = outer_; }

const char* CallName::current() { return function_of_this_thread; }

}  // namespace quoted::dcap_ql
