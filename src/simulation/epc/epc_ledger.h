// Who uses how much of a simulated node's enclave memory: the file `simulated-epc` beside the
// provisioning file. Its text says how much there is; what is used stands nowhere, but is held as
// record locks, so that the kernel forgets it with the process, however that ends, and does not
// hand it to the child of a fork, which has no enclaves either (docs/decisions/0013).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace quoted::simulation {

// Below the state directory of quoted.
inline constexpr std::string_view kEpcLedgerFileName = "simulated-epc";

inline constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20U;
inline constexpr std::uint64_t kDefaultEpcMebibytes = 128;
inline constexpr std::uint64_t kMaxEpcMebibytes = std::uint64_t{1} << 20U;

// What the real enclaves take is an estimate: about 1 MiB each (quote-generation 10.3).
inline constexpr std::uint64_t kQeEpc = kMebibyte;
inline constexpr std::uint64_t kPceEpc = kMebibyte;

struct EpcUser {
  pid_t pid = 0;  // 0: a process in another PID namespace
  std::uint64_t bytes = 0;
  friend bool operator==(const EpcUser&, const EpcUser&) = default;
};

struct EpcUsage {
  std::uint64_t size = 0;
  std::uint64_t own = 0;           // of this process
  std::vector<EpcUser> others;     // the largest first
  std::uint64_t others_bytes = 0;  // of them all
  bool complete = true;            // false: there are more than anybody counts

  [[nodiscard]] std::uint64_t used() const;
};

// "2 MiB", rounded up.
[[nodiscard]] std::string mebibytes_text(std::uint64_t bytes);

class EpcLedger;

// Enclave memory of this process, until it is destroyed.
class EpcCharge {
 public:
  EpcCharge(const EpcCharge&) = delete;
  EpcCharge& operator=(const EpcCharge&) = delete;
  ~EpcCharge();

 private:
  friend class EpcLedger;
  EpcCharge(std::shared_ptr<EpcLedger> ledger, off_t start)
      : ledger_(std::move(ledger)), start_(start) {}

  std::shared_ptr<EpcLedger> ledger_;
  off_t start_;
};

// Usable from many threads. At most ONE for a file in a process at any time, and nobody else there
// may open the file: closing any descriptor of it would drop every lock of the process.
class EpcLedger : public std::enable_shared_from_this<EpcLedger> {
 public:
  // The file is made, or given another size; whoever uses the node's memory at present is not
  // touched. FileUnwritable.
  [[nodiscard]] static base::Result<std::shared_ptr<EpcLedger>> create(
      const std::filesystem::path& path, std::uint64_t mebibytes);

  // For those who may only read it. ProvisioningRefused when that fails.
  [[nodiscard]] static base::Result<std::shared_ptr<EpcLedger>> open(
      const std::filesystem::path& path);

  // OutOfEpc names who uses how much; two who want the last of it at once may both be refused, and
  // never both be served. `what` is for the sentence: "the QE and the PCE".
  [[nodiscard]] base::Result<std::shared_ptr<const EpcCharge>> charge(std::uint64_t bytes,
                                                                      std::string_view what);

  // Malformed when the file has no size.
  [[nodiscard]] base::Result<EpcUsage> usage() const;

 private:
  friend class EpcCharge;
  EpcLedger(base::UniqueFd fd, std::filesystem::path path)
      : fd_(std::move(fd)), path_(std::move(path)) {}

  [[nodiscard]] base::Result<std::uint64_t> size() const;
  [[nodiscard]] base::Result<off_t> lock_free_range(std::uint64_t bytes);
  void release(off_t start) noexcept;

  base::UniqueFd fd_;
  std::filesystem::path path_;
  mutable std::mutex mutex_;
  std::map<off_t, std::uint64_t> own_;  // bytes by where they are locked
};

}  // namespace quoted::simulation
