#include "simulation/epc/epc_ledger.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <limits>
#include <set>
#include <tuple>

#include "base/file.h"
#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "crypto/random.h"
#include "simulation/cpu/key_values.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

constexpr std::string_view kKindOfFile = "simulated EPC ledger";
constexpr std::string_view kFormat = "quoted-simulated-epc-1";
constexpr std::size_t kMaxFileSize = 1024;
// Whoever may read the file may lock any part of it.
constexpr mode_t kMode = 0644;

constexpr off_t kEnd = std::numeric_limits<off_t>::max();
// A charge begins anywhere below, at a multiple of a MiB.
constexpr std::uint64_t kSlots = std::uint64_t{1} << 40U;
constexpr int kMaxTries = 64;
// Far more than processes fit into any EPC; a hostile process can take locks without end.
constexpr std::size_t kMaxLocks = 4096;
constexpr std::size_t kMaxNamed = 8;

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b
             ? std::numeric_limits<std::uint64_t>::max()
             : a + b;
}

tl::unexpected<base::Error> trouble(ErrorCode code, std::string_view doing,
                                    const std::filesystem::path& path, int error) {
  return fail(code, text("cannot ", doing, ' ', path.string(), ": ", base::errno_text(error)));
}

// l_len of a range that ends at kEnd is 0: up to whatever end the file may get.
struct flock lock_of(short type, off_t begin, off_t end) {
  struct flock out{};
  out.l_type = type;
  out.l_whence = SEEK_SET;
  out.l_start = begin;
  out.l_len = end == kEnd ? 0 : end - begin;
  return out;
}

off_t end_of(const struct flock& lock) {
  if (lock.l_len == 0 || lock.l_len > kEnd - lock.l_start) return kEnd;
  return lock.l_start + lock.l_len;
}

// The kernel tells of one lock in the way of a wanted one, and not of the first by place: what lies
// before and behind it is asked for again. Locks of this process are never in its own way.
Status for_each_lock(int fd, const std::filesystem::path& path, bool& complete, auto&& tell) {
  std::vector<std::pair<off_t, off_t>> todo = {{0, kEnd}};
  std::set<std::tuple<off_t, off_t, pid_t>> told;
  for (std::size_t asked = 0; !todo.empty(); ++asked) {
    if (asked == 2 * kMaxLocks) {
      complete = false;
      return {};
    }
    const auto [begin, end] = todo.back();
    todo.pop_back();
    struct flock lock = lock_of(F_WRLCK, begin, end);
    if (::fcntl(fd, F_GETLK, &lock) != 0) {
      return trouble(ErrorCode::kFileUnreadable, "ask for locks of", path, errno);
    }
    if (lock.l_type == F_UNLCK) continue;
    const off_t lock_end = end_of(lock);
    if (told.emplace(lock.l_start, lock_end, lock.l_pid).second) tell(lock);
    if (lock.l_start > begin) todo.emplace_back(begin, lock.l_start);
    if (lock_end < end) todo.emplace_back(lock_end, end);
  }
  return {};
}

std::string content_for(std::uint64_t mebibytes) {
  // Of fixed width, so that a new size takes the place of the old in one piece.
  std::string digits = std::to_string(mebibytes);
  digits.insert(0, std::to_string(kMaxEpcMebibytes).size() - digits.size(), '0');
  return text("# The enclave memory of a simulated node. ", collateral::kSimulatedMarker,
              ": what of it is used\n# is held as record locks on this file.\nformat ", kFormat,
              "\nsize_mib ", digits, '\n');
}

Result<std::string> content_of(int fd, const std::filesystem::path& path) {
  // One byte more shows that there is more.
  std::string out(kMaxFileSize + 1, '\0');
  const ssize_t got = ::pread(fd, out.data(), out.size(), 0);
  if (got < 0) return trouble(ErrorCode::kFileUnreadable, "read", path, errno);
  out.resize(static_cast<std::size_t>(got));
  return out;
}

Status write_content(int fd, const std::filesystem::path& path, const std::string& content) {
  if (::fchmod(fd, kMode) == 0 &&
      ::pwrite(fd, content.data(), content.size(), 0) == static_cast<ssize_t>(content.size()) &&
      ::ftruncate(fd, static_cast<off_t>(content.size())) == 0) {
    return {};
  }
  return trouble(ErrorCode::kFileUnwritable, "write", path, errno);
}

Status check_regular(int fd, const std::filesystem::path& path, ErrorCode code) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return trouble(code, "look at", path, errno);
  if (S_ISREG(info.st_mode)) return {};
  return fail(code, text(path.string(), " is no regular file"));
}

std::string name_of(pid_t pid) {
  if (pid <= 0) return "a process elsewhere";
  std::string out = text("process ", pid);
  constexpr std::size_t kMaxName = 64;
  const auto name = base::read_file(text("/proc/", pid, "/comm"), kMaxName);
  if (!name) return out;
  out += " (";
  for (const char c : base::as_text(*name)) {
    // A process names itself as it likes.
    if (c >= ' ' && c <= '~') out += c;
  }
  return out + ")";
}

std::string describe(const EpcUsage& usage) {
  std::string out;
  if (usage.own > 0) out = text("this process ", mebibytes_text(usage.own));
  for (std::size_t i = 0; i < std::min(usage.others.size(), kMaxNamed); ++i) {
    if (!out.empty()) out += ", ";
    out += text(name_of(usage.others[i].pid), ' ', mebibytes_text(usage.others[i].bytes));
  }
  if (usage.others.size() > kMaxNamed) {
    out += text(" and ", usage.others.size() - kMaxNamed, " more");
  }
  return out.empty() ? "nobody uses any" : out;
}

}  // namespace

std::uint64_t EpcUsage::used() const { return saturating_add(own, others_bytes); }

std::string mebibytes_text(std::uint64_t bytes) {
  return text(bytes / kMebibyte + (bytes % kMebibyte == 0 ? 0 : 1), " MiB");
}

EpcCharge::~EpcCharge() { ledger_->release(start_); }

Result<std::shared_ptr<EpcLedger>> EpcLedger::create(const std::filesystem::path& path,
                                                     std::uint64_t mebibytes) {
  if (mebibytes == 0 || mebibytes > kMaxEpcMebibytes) {
    return fail(ErrorCode::kInvalidArgument,
                text("an EPC of ", mebibytes, " MiB; expected 1 to ", kMaxEpcMebibytes));
  }
  base::UniqueFd fd(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kMode));
  if (!fd.valid()) return trouble(ErrorCode::kFileUnwritable, "open", path, errno);
  QUOTED_CHECK(check_regular(fd.get(), path, ErrorCode::kFileUnwritable));
  QUOTED_TRY(const std::string present, content_of(fd.get(), path));
  const std::string wanted = content_for(mebibytes);
  if (present != wanted) QUOTED_CHECK(write_content(fd.get(), path, wanted));
  return std::shared_ptr<EpcLedger>(new EpcLedger(std::move(fd), path));
}

Result<std::shared_ptr<EpcLedger>> EpcLedger::open(const std::filesystem::path& path) {
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) {
    return trouble(ErrorCode::kProvisioningRefused, "open the ledger of enclave memory", path,
                   errno);
  }
  QUOTED_CHECK(check_regular(fd.get(), path, ErrorCode::kProvisioningRefused));
  return std::shared_ptr<EpcLedger>(new EpcLedger(std::move(fd), path));
}

Result<std::uint64_t> EpcLedger::size() const {
  // By this descriptor: another one, when closed, would take every lock with it.
  QUOTED_TRY(const std::string content, content_of(fd_.get(), path_));
  const auto malformed = [this](std::string_view why) {
    return fail(ErrorCode::kMalformed, text(path_.string(), ": ", why));
  };
  if (content.size() > kMaxFileSize) return malformed("the file is too large");
  const auto pairs = read_key_values(content, kKindOfFile);
  if (!pairs) return malformed(pairs.error().message());
  const KeyValue* const format = find_key(*pairs, "format");
  if (format == nullptr || format->value != kFormat) {
    return malformed(text("not a ", kKindOfFile, " of format ", kFormat));
  }
  const KeyValue* const size = find_key(*pairs, "size_mib");
  std::uint64_t mebibytes = 0;
  if (size != nullptr) {
    const char* const end = size->value.data() + size->value.size();
    const auto read = std::from_chars(size->value.data(), end, mebibytes);
    if (read.ec != std::errc() || read.ptr != end) mebibytes = 0;
  }
  if (mebibytes == 0 || mebibytes > kMaxEpcMebibytes) {
    return malformed(text("size_mib is missing or not 1 to ", kMaxEpcMebibytes));
  }
  return mebibytes * kMebibyte;
}

Result<off_t> EpcLedger::lock_free_range(std::uint64_t bytes) {
  for (int i = 0; i < kMaxTries; ++i) {
    std::array<std::byte, sizeof(std::uint64_t)> random{};
    QUOTED_CHECK(crypto::fill_random(random));
    const auto slot = std::bit_cast<std::uint64_t>(random) % kSlots;
    const auto begin = static_cast<off_t>(slot * kMebibyte);
    const off_t end = begin + static_cast<off_t>(bytes);
    const auto next = own_.lower_bound(begin);
    const bool meets_next = next != own_.end() && next->first < end;
    const bool meets_last =
        next != own_.begin() &&
        std::prev(next)->first + static_cast<off_t>(std::prev(next)->second) > begin;
    if (meets_next || meets_last) continue;
    struct flock lock = lock_of(F_RDLCK, begin, end);
    if (::fcntl(fd_.get(), F_SETLK, &lock) != 0) {
      return trouble(ErrorCode::kFileUnreadable, "lock a part of", path_, errno);
    }
    // Readers do not exclude each other, and what overlaps could not be told apart.
    struct flock other = lock_of(F_WRLCK, begin, end);
    if (::fcntl(fd_.get(), F_GETLK, &other) == 0 && other.l_type == F_UNLCK) {
      own_.emplace(begin, bytes);
      return begin;
    }
    lock.l_type = F_UNLCK;
    ::fcntl(fd_.get(), F_SETLK, &lock);
  }
  return fail(ErrorCode::kOutOfEpc,
              text("no free place in ", path_.string(), ": some process has locked all of it"));
}

void EpcLedger::release(off_t start) noexcept {
  const std::scoped_lock lock(mutex_);
  const auto own = own_.find(start);
  if (own == own_.end()) return;
  struct flock range = lock_of(F_UNLCK, start, start + static_cast<off_t>(own->second));
  ::fcntl(fd_.get(), F_SETLK, &range);
  own_.erase(own);
}

Result<std::shared_ptr<const EpcCharge>> EpcLedger::charge(std::uint64_t bytes,
                                                           std::string_view what) {
  if (bytes == 0 || bytes > kMaxEpcMebibytes * kMebibyte) {
    return fail(ErrorCode::kInvalidArgument, text("a charge of ", bytes, " bytes"));
  }
  std::shared_ptr<const EpcCharge> out;
  {
    const std::scoped_lock lock(mutex_);
    QUOTED_TRY(const off_t start, lock_free_range(bytes));
    out.reset(new EpcCharge(shared_from_this(), start));
  }
  // Counted after it is taken: of two at once each sees the other.
  QUOTED_TRY(EpcUsage after, usage());
  if (after.complete && after.used() <= after.size) return out;
  after.own -= std::min(after.own, bytes);
  return fail(ErrorCode::kOutOfEpc,
              text(what, " need ", mebibytes_text(bytes), " of enclave memory; of ",
                   mebibytes_text(after.size), ", ", mebibytes_text(after.used()),
                   " are in use: ", describe(after)));
}

Result<EpcUsage> EpcLedger::usage() const {
  EpcUsage out;
  QUOTED_TRY(out.size, size());
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [start, bytes] : own_) out.own += bytes;
  }
  std::map<pid_t, std::uint64_t> by_pid;
  QUOTED_CHECK(for_each_lock(fd_.get(), path_, out.complete, [&](const struct flock& lock) {
    const auto bytes = static_cast<std::uint64_t>(end_of(lock) - lock.l_start);
    out.others_bytes = saturating_add(out.others_bytes, bytes);
    const pid_t pid = std::max(lock.l_pid, 0);
    // Of those in other namespaces each stands for itself.
    if (pid == 0) {
      out.others.push_back({.pid = 0, .bytes = bytes});
    } else {
      std::uint64_t& sum = by_pid[pid];
      sum = saturating_add(sum, bytes);
    }
  }));
  for (const auto& [pid, bytes] : by_pid) out.others.push_back({.pid = pid, .bytes = bytes});
  std::ranges::sort(out.others, [](const EpcUser& a, const EpcUser& b) {
    return std::tuple(b.bytes, a.pid) < std::tuple(a.bytes, b.pid);
  });
  return out;
}

}  // namespace quoted::simulation
