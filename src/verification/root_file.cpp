#include "verification/root_file.h"

#include "base/file.h"
#include "base/text.h"
#include "collateral/pck_certificate.h"

namespace quoted::verification {
namespace {

using base::ErrorCode;
using base::fail;
using base::text;

constexpr std::size_t kMaxRootFileSize = std::size_t{64} * 1024;

base::Result<crypto::Certificate> parse_root(const base::Bytes& content) {
  const bool is_pem = base::as_text(content).find("-----BEGIN ") != std::string_view::npos;
  return is_pem ? crypto::Certificate::parse_pem(base::as_text(content))
                : crypto::Certificate::parse_der(content);
}

}  // namespace

TrustedRoot trust(const crypto::Certificate& root, std::string name,
                  const std::optional<sgx::MrSigner>& simulated_qe) {
  TrustedRoot intel = intel_root();
  if (root.public_key().point() == intel.key.point()) {
    intel.name = std::move(name);
    return intel;
  }
  TrustedRoot out{std::move(name), root.public_key()};
  if (collateral::is_marked_simulated(root)) out.qe_mr_signer = simulated_qe;
  return out;
}

base::Result<TrustedRoot> read_trusted_root(const std::string& path,
                                            const std::optional<sgx::MrSigner>& simulated_qe) {
  QUOTED_TRY(const base::Bytes content, base::read_file(path, kMaxRootFileSize));
  auto root = parse_root(content);
  if (!root) return fail(std::move(root).error().with_context(text("the root ", path)));
  if (!root->is_ca()) {
    return fail(ErrorCode::kBadCertificate,
                text("the root ", path, ": '", root->subject(), "' is not a CA"));
  }
  return trust(*root, path, simulated_qe);
}

}  // namespace quoted::verification
