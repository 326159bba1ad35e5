#include "simulation/node/provision.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>

#include "base/file.h"
#include "base/text.h"
#include "base/wipe.h"
#include "collateral/pck_certificate.h"
#include "simulation/authority/platform_manifest.h"
#include "simulation/cpu/key_values.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

constexpr std::string_view kKindOfFile = "simulated provisioning file";
constexpr std::string_view kFormat = "quoted-simulated-provision-1";
// Below the pieces in which a file is read, so that no copy of the secrets is left behind.
constexpr std::size_t kMaxFileSize = 4096;
constexpr mode_t kOwnerOnly = 0600;

constexpr std::array<std::string_view, 3> kSgxTypes = {"standard", "scalable",
                                                       "scalable-with-integrity"};

constexpr std::array<std::string_view, 10> kKeys = {
    "format",  "platform",    "fmspc",      "sgx_type",    "pck_ca",
    "cpu_svn", "pce_isv_svn", "qe_isv_svn", "owner_epoch", "seal_fuses"};
constexpr std::string_view kProvisioningFuses = "provisioning_fuses";

void append_hex(std::string& out, base::ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    out += kDigits[value >> 4U];
    out += kDigits[value & 0xFU];
  }
}

void append_secret(std::string& out, std::string_view key, const crypto::Key128& value) {
  out += key;
  out += ' ';
  append_hex(out, value.view());
  out += '\n';
}

// Reads the values of one file; each error names the line.
class Values {
 public:
  explicit Values(const std::vector<KeyValue>& pairs) : pairs_(pairs) {}

  Result<KeyValue> get(std::string_view key) const {
    const KeyValue* const found = find_key(pairs_, key);
    if (found != nullptr) return *found;
    return fail(ErrorCode::kMalformed, text("the ", kKindOfFile, " lacks ", key));
  }

  static tl::unexpected<base::Error> wrong(const KeyValue& pair, std::string_view expected) {
    return fail(ErrorCode::kMalformed, text("line ", pair.line, " of the ", kKindOfFile, ": ",
                                            pair.key, " is not ", expected));
  }

  template <class T>
  Result<T> identifier(std::string_view key) const {
    QUOTED_TRY(const KeyValue pair, get(key));
    auto out = T::parse_hex(pair.value);
    if (out) return out;
    return wrong(pair, text(T::kSize, " bytes in hexadecimal digits"));
  }

  Result<crypto::Key128> secret(std::string_view key) const {
    QUOTED_TRY(const KeyValue pair, get(key));
    auto bytes = base::from_hex(pair.value);
    const bool good = bytes && bytes->size() == crypto::Key128::kSize;
    crypto::Key128 out;
    if (good) out = crypto::Key128(std::span(*bytes).first<crypto::Key128::kSize>());
    if (bytes) base::wipe(*bytes);
    if (good) return out;
    return wrong(pair, text(crypto::Key128::kSize, " bytes in hexadecimal digits"));
  }

  Result<std::uint16_t> svn(std::string_view key) const {
    QUOTED_TRY(const KeyValue pair, get(key));
    QUOTED_TRY(const std::uint64_t number, decimal(pair));
    return static_cast<std::uint16_t>(number);
  }

 private:
  static Result<std::uint64_t> decimal(const KeyValue& pair) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint16_t>::max();
    std::uint64_t out = 0;
    bool good = !pair.value.empty() && (pair.value.size() == 1 || pair.value.front() != '0');
    for (const char c : pair.value) {
      good = good && c >= '0' && c <= '9';
      if (!good) break;
      out = 10 * out + static_cast<std::uint64_t>(c - '0');
      good = out <= kMost;
    }
    if (good) return out;
    return wrong(pair, text("a number up to ", kMost));
  }

  const std::vector<KeyValue>& pairs_;
};

Status check_keys(const std::vector<KeyValue>& pairs) {
  const KeyValue* const format = find_key(pairs, kKeys.front());
  if (format == nullptr || format->value != kFormat) {
    return fail(ErrorCode::kMalformed, text("not a ", kKindOfFile, " of format ", kFormat));
  }
  for (const KeyValue& pair : pairs) {
    if (pair.key == kProvisioningFuses || std::ranges::find(kKeys, pair.key) != kKeys.end()) {
      continue;
    }
    return fail(ErrorCode::kMalformed, text("line ", pair.line, " of the ", kKindOfFile,
                                            " has a key that format ", kFormat, " does not know"));
  }
  return {};
}

// What is to replace `path` gets the group and mode that it has. False when the group cannot be
// given: then the mode is not either, for it would let another group in.
bool keep_permissions(const std::filesystem::path& path, const std::filesystem::path& next) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return errno == ENOENT;
  struct stat fresh{};
  if (::stat(next.c_str(), &fresh) != 0) return false;
  if (info.st_gid != fresh.st_gid && ::chown(next.c_str(), fresh.st_uid, info.st_gid) != 0) {
    return false;
  }
  return ::chmod(next.c_str(), info.st_mode & 0777U) == 0;
}

}  // namespace

Result<Provision> provision_for(const MasterSeed& seed, const std::string& name,
                                const NodeLevel& level) {
  Provision out;
  out.model = default_platform_model();
  out.model.name = name;
  out.model.cpu_svn = level.cpu_svn;
  out.model.pce_isv_svn = level.pce_isv_svn;
  out.qe_isv_svn = level.qe_isv_svn;
  QUOTED_TRY(out.secrets, platform_secrets(seed, name));
  return out;
}

base::SecretBytes serialize_provision(const Provision& provision) {
  const PlatformModel& model = provision.model;
  std::string out;
  out.reserve(kMaxFileSize);
  out += text("# The provisioning device of a simulated machine. ", collateral::kSimulatedMarker,
              ": whoever can\n# read this file can be that machine's QE and PCE, and make quotes "
              "of any enclave.\n");
  out += text("format ", kFormat, "\nplatform ", model.name, "\nfmspc ", model.fmspc.hex(),
              "\nsgx_type ", kSgxTypes.at(static_cast<std::size_t>(model.sgx_type)), "\npck_ca ",
              collateral::pck_ca_name(model.pck_ca), "\ncpu_svn ", model.cpu_svn.hex(),
              "\npce_isv_svn ", model.pce_isv_svn, "\nqe_isv_svn ", provision.qe_isv_svn,
              "\nowner_epoch ", provision.secrets.owner_epoch.hex(), '\n');
  append_secret(out, "seal_fuses", provision.secrets.fuses.seal);
  append_secret(out, kProvisioningFuses, provision.secrets.fuses.provisioning);
  base::SecretBytes bytes = base::SecretBytes::copy_of(base::as_bytes(out));
  explicit_bzero(out.data(), out.size());
  return bytes;
}

Result<Provision> parse_provision(base::ByteView content) {
  QUOTED_TRY(const auto pairs, read_key_values(base::as_text(content), kKindOfFile));
  QUOTED_CHECK(check_keys(pairs));
  const Values values(pairs);
  Provision out;
  QUOTED_TRY(const KeyValue name, values.get("platform"));
  if (!is_platform_name(name.value)) return Values::wrong(name, "the name of a platform");
  out.model.name = name.value;
  QUOTED_TRY(out.model.fmspc, values.identifier<sgx::Fmspc>("fmspc"));
  QUOTED_TRY(const KeyValue type, values.get("sgx_type"));
  const auto known = std::ranges::find(kSgxTypes, type.value);
  if (known == kSgxTypes.end()) return Values::wrong(type, "a type of SGX");
  out.model.sgx_type = static_cast<collateral::SgxType>(known - kSgxTypes.begin());
  QUOTED_TRY(const KeyValue ca, values.get("pck_ca"));
  const auto pck_ca = collateral::pck_ca_named(ca.value);
  if (!pck_ca) return Values::wrong(ca, "'platform' or 'processor'");
  out.model.pck_ca = *pck_ca;
  QUOTED_TRY(out.model.cpu_svn, values.identifier<sgx::CpuSvn>("cpu_svn"));
  QUOTED_TRY(out.model.pce_isv_svn, values.svn("pce_isv_svn"));
  QUOTED_TRY(out.qe_isv_svn, values.svn("qe_isv_svn"));
  QUOTED_TRY(out.secrets.owner_epoch, values.identifier<sgx::OwnerEpoch>("owner_epoch"));
  QUOTED_TRY(out.secrets.fuses.seal, values.secret("seal_fuses"));
  QUOTED_TRY(out.secrets.fuses.provisioning, values.secret(kProvisioningFuses));
  return out;
}

Result<Provision> load_provision(const std::filesystem::path& path) {
  auto content = base::read_file(path, kMaxFileSize);
  if (!content) {
    if (content.error().code() != ErrorCode::kFileUnreadable) {
      return fail(ErrorCode::kMalformed, content.error().summary());
    }
    return fail(ErrorCode::kProvisioningRefused,
                text("this process may not use the provisioning key of the simulated machine: ",
                     content.error().message()));
  }
  auto out = parse_provision(*content);
  base::wipe(*content);
  if (!out) return fail(std::move(out).error().with_context(path.string()));
  return out;
}

Status save_provision(const std::filesystem::path& path, const Provision& provision) {
  const base::SecretBytes content = serialize_provision(provision);
  // Of this process alone, and on the disk before it takes the place of the other.
  std::filesystem::path next = path;
  next += text(".next.", ::getpid());
  QUOTED_CHECK(base::write_file(next, content.view(), kOwnerOnly, true));
  (void)keep_permissions(path, next);
  if (::rename(next.c_str(), path.c_str()) == 0) return {};
  const int error = errno;
  ::unlink(next.c_str());
  return fail(ErrorCode::kFileUnwritable,
              text("cannot write ", path.string(), ": ", base::errno_text(error)));
}

}  // namespace quoted::simulation
