#include "sgx_dcap_ql/in_process.h"

#include <dlfcn.h>

#include <string_view>

#include "drop_in/inproc_interface.h"
#include "sgx_dcap_ql/opened_library.h"

namespace quoted::dcap_ql::in_process {
namespace {

using base::text;

constinit OpenedLibrary inproc(drop_in::kInprocLibrary);
constinit std::atomic<const quoted_inproc_interface*> checked = nullptr;
constinit std::atomic<bool> mode_was_said = false;

// What the library says, its reasons included.
void pass_on(int level, const char* message) {
  constexpr int kMost = SGX_QL_LOG_TRACE;
  if (level < 0 || level > kMost || !wanted(static_cast<Level>(level))) return;
  tell(static_cast<Level>(level), message);
}

[[gnu::destructor]] void close_inproc() {
  if (const quoted_inproc_interface* const library = checked.exchange(nullptr)) {
    library->set_log(nullptr);
  }
  inproc.close();
}

tl::unexpected<drop_in::Refusal> foreign(void* library, std::string_view why) {
  return refuse_for(
      ErrorCode::kLibraryForeign,
      text(file_of(library), " is not the one of the package libquoted-inproc ", QUOTED_VERSION,
           ": it ", why, "; remove that file, or the package that owns it"));
}

Answer<const quoted_inproc_interface*> check(void* library) {
  void* const symbol = ::dlsym(library, drop_in::kInprocOpen);
  if (symbol == nullptr) return foreign(library, text("has no function ", drop_in::kInprocOpen));
  const auto* const table = reinterpret_cast<drop_in::InprocOpen>(symbol)(drop_in::kInprocAbi);
  if (table == nullptr) {
    return foreign(library, text("does not have version ", drop_in::kInprocAbi,
                                 " of the interface between the two"));
  }
  if (table->abi != drop_in::kInprocAbi) {
    return foreign(library, text("has a table of version ", table->abi, ", not of version ",
                                 drop_in::kInprocAbi));
  }
  if (table->release == nullptr || std::string_view(table->release) != QUOTED_VERSION) {
    return refuse_for(ErrorCode::kReleaseMismatch,
                      text("libsgx_dcap_ql is release ", QUOTED_VERSION, ", but ", file_of(library),
                           " is release ", table->release == nullptr ? "unknown" : table->release,
                           "; install the same version of the packages libquoted-dcap-ql and "
                           "libquoted-inproc"));
  }
  if (table->size != sizeof(*table)) {
    return foreign(library,
                   text("has a table of ", table->size, " bytes, not of ", sizeof(*table)));
  }
  return table;
}

Answer<const quoted_inproc_interface*> table() {
  if (const auto* const known = checked.load()) return known;
  void* const library = inproc.load();
  if (library == nullptr) {
    // As when the PCE cannot be loaded: whoever calls in-process handles that one.
    return refuse_for(
        ErrorCode::kLibraryMissing, SGX_QL_INTERFACE_UNAVAILABLE,
        text(inproc.name(), ", which quotes in this process, cannot be loaded (", loader_error(),
             "); install the package libquoted-inproc, or set SGX_AESM_ADDR=1 to use the "
             "service of this machine"));
  }
  const auto found = check(library);
  if (!found) {
    // So that the next call sees what was installed in its place.
    ::dlclose(library);
    return found;
  }
  (*found)->set_log(pass_on);
  void* const kept = inproc.keep(library);
  checked.store(*found);
  say_once(mode_was_said, Level::kInfo, [kept] {
    return text("quotes are made in this process, by ", file_of(kept),
                ", because SGX_AESM_ADDR was not set when the library was loaded");
  });
  return found;
}

// The library has said why.
Answer<void> answer_for(quote3_error_t code) {
  if (code == SGX_QL_SUCCESS) return {};
  return refuse(code, {});
}

}  // namespace

Answer<void> set_load_policy(std::uint32_t policy) {
  const auto library = table();
  if (!library) return tl::unexpected(library.error());
  return answer_for((*library)->set_load_policy(policy));
}

Answer<void> get_target_info(sgx_target_info_t* target_info) {
  const auto library = table();
  if (!library) return tl::unexpected(library.error());
  return answer_for((*library)->get_target_info(reinterpret_cast<std::uint8_t*>(target_info)));
}

Answer<void> get_quote_size(std::uint32_t* size) {
  const auto library = table();
  if (!library) return tl::unexpected(library.error());
  return answer_for((*library)->get_quote_size(size));
}

Answer<void> get_quote(const sgx_report_t* report, std::uint32_t size, std::uint8_t* quote) {
  const auto library = table();
  if (!library) return tl::unexpected(library.error());
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(report);
  return answer_for((*library)->get_quote(bytes, size, quote));
}

Answer<void> set_path(std::uint32_t type, const char* path) {
  const auto library = table();
  if (!library) return tl::unexpected(library.error());
  return answer_for((*library)->set_path(type, path));
}

}  // namespace quoted::dcap_ql::in_process
