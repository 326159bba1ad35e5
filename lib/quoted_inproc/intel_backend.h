// Intel's quoting logic, QE3 and PCE, in this process (quote-generation 10).
#pragma once

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <string>

#include "quoted_inproc/backend.h"
#include "quoted_inproc/devices.h"
#include "quoted_inproc/intel_codes.h"

namespace quoted::inproc {

// Where they are, as dlopen() takes it.
struct IntelLibraries {
  std::string pce = "libsgx_pce_logic.so.1";
  std::string qe3 = "libsgx_qe3_logic.so";
};

// Intel's libraries take their own locks, and know by themselves that enclaves are gone after a
// fork.
class IntelBackend final : public Backend {
 public:
  // InterfaceUnavailable, with the package to install, when one of them cannot be loaded.
  [[nodiscard]] static Answer<std::unique_ptr<IntelBackend>> open(const IntelLibraries& libraries,
                                                                  const Devices& devices);

  [[nodiscard]] Answer<void> set_load_policy(LoadPolicy policy) override;
  [[nodiscard]] Answer<sgx::TargetInfo> target_info() override;
  [[nodiscard]] Answer<std::uint32_t> quote_size() override;
  [[nodiscard]] Answer<void> quote(const sgx::Report& report,
                                   std::span<std::uint8_t> quote) override;
  [[nodiscard]] Answer<void> set_path(PathType type, const std::filesystem::path& path) override;

 private:
  class Library {
   public:
    Library(std::string package, void* handle) : package_(std::move(package)), handle_(handle) {}
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
    ~Library();

    // InterfaceUnavailable when the library has no such function.
    template <class Function>
    [[nodiscard]] Answer<Function*> find(const char* name) const;

   private:
    std::string package_;
    void* handle_;
  };

  explicit IntelBackend(Devices devices);
  [[nodiscard]] static Answer<std::unique_ptr<Library>> load(const std::string& file,
                                                             const char* package);
  // Of the process that loaded the enclaves, or of a child that may ask for them. A child of a fork
  // in the middle of a call must not: Intel's lock was taken by a thread that is not there.
  [[nodiscard]] Answer<void> check_process();
  template <class Body>
  [[nodiscard]] auto inside(const Body& body) -> decltype(body());
  [[nodiscard]] Answer<void> answer_for(IntelCall call, const char* function,
                                        quote3_error_t code) const;

  Devices devices_;
  std::atomic<pid_t> process_;
  std::atomic<int> calls_ = 0;
  std::atomic<bool> stuck_ = false;
  // In the order in which they were loaded: the second needs the first.
  std::unique_ptr<Library> pce_;
  std::unique_ptr<Library> qe3_;
};

}  // namespace quoted::inproc
