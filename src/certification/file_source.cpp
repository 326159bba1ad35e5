#include "certification/file_source.h"

#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "certification/api_targets.h"
#include "certification/pck_offer.h"
#include "collateral/collateral_files.h"
#include "collateral/crl_text.h"
#include "collateral/parsed_collateral.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using collateral::Collateral;
namespace fs = std::filesystem;

constexpr std::string_view kPckFiles = "pck_certificates";
constexpr std::size_t kMaxPckFile = std::size_t{1024} * 1024;
constexpr std::size_t kMaxCertificates = 512;

// Text parts may end in the NUL of a C string, as they come out of other programs.
base::ByteView without_nul(base::ByteView bytes) {
  while (!bytes.empty() && bytes.back() == std::byte{0}) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

std::string text_of(base::ByteView bytes) { return std::string(base::as_text(without_nul(bytes))); }

// Without what a C string or an editor leaves behind it.
Result<base::Bytes> der_of(base::ByteView content, const collateral::Judged<crypto::Crl>& parsed) {
  if (!parsed) return fail(ErrorCode::kCollateralUnreadable, parsed.error().detail);
  auto der = collateral::crl_der(content);
  if (!der) return fail(ErrorCode::kCollateralUnreadable, der.error().message());
  der->resize(der->size() - parsed->trailing_bytes());
  return der;
}

// As of a service: without the file the document is missing, without the directory all of it.
Result<Collateral> read_all(const std::string& path) {
  auto out = collateral::read_collateral(path);
  if (out) return out;
  const bool missing = out.error().code() == ErrorCode::kCollateralMissing;
  if (!missing && out.error().code() != ErrorCode::kFileUnreadable) return out;
  return fail(missing ? ErrorCode::kNotFoundAtSource : ErrorCode::kSourceFailed,
              out.error().summary());
}

class FileSource final : public Source {
 public:
  explicit FileSource(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] std::string name() const override { return text("files ", path_); }

  [[nodiscard]] bool is_for_certificates() const override {
    std::error_code error;
    for (fs::directory_iterator entry(path_, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().filename().string().starts_with(kPckFiles)) return true;
    }
    return false;
  }

  [[nodiscard]] Result<PckCertification> pck_certificate(const PckRequest& request) const override {
    QUOTED_TRY(const fs::path file, find_pck_file(request));
    auto offer = read_offer(file);
    if (!offer) return fail(std::move(offer).error().with_context(file.string()));
    QUOTED_TRY(const collateral::TcbInfo tcb_info, tcb_info_for(*offer));
    auto chosen = choose_pck(*offer, request, tcb_info);
    if (!chosen) return fail(std::move(chosen).error().with_context(file.string()));
    return chosen;
  }

  [[nodiscard]] Result<Document> fetch(const DocumentRequest& request) const override {
    QUOTED_TRY(const Collateral all, read_all(path_));
    const auto parsed = collateral::ParsedCollateral::parse(all);
    return std::visit([&](const auto& one) { return pick(all, parsed, one); }, request);
  }

  [[nodiscard]] Status can_register(const Registration&) const override {
    return fail(ErrorCode::kNotFoundAtSource, text(name(), " take no registrations"));
  }

  [[nodiscard]] Status register_platform(const Registration& platform) const override {
    return can_register(platform);
  }

 private:
  [[nodiscard]] Result<fs::path> find_pck_file(const PckRequest& request) const {
    const fs::path directory(path_);
    const std::string own = text(kPckFiles, '_', request.qe_id.hex(), '_',
                                 number_hex(request.pce_id, HexCase::kLower), ".pem");
    for (const fs::path& candidate : {directory / own, directory / text(kPckFiles, ".pem")}) {
      std::error_code ignored;
      if (fs::exists(candidate, ignored)) return candidate;
    }
    return fail(ErrorCode::kPlatformUnknown,
                text("there is neither ", own, " nor ", kPckFiles, ".pem in ", path_));
  }

  static Result<PckOffer> read_offer(const fs::path& file) {
    constexpr std::size_t kIssuers = 2;
    QUOTED_TRY(const base::Bytes content, base::read_file(file, kMaxPckFile));
    QUOTED_TRY(const auto certificates,
               crypto::parse_pem_chain(base::as_text(content), kMaxCertificates));
    if (certificates.size() <= kIssuers) {
      return fail(ErrorCode::kCollateralUnreadable,
                  text("the file has ", certificates.size(),
                       " certificates, expected those of the platform, their CA and the root"));
    }
    PckOffer out;
    const std::size_t leaves = certificates.size() - kIssuers;
    for (std::size_t i = 0; i < certificates.size(); ++i) {
      if (i >= leaves) {
        out.issuer_chain_pem += certificates[i].pem();
        continue;
      }
      QUOTED_TRY(auto pck, collateral::PckCertificate::create(certificates[i]));
      out.certificates.push_back(std::move(pck));
    }
    return out;
  }

  // A single certificate is chosen or not whatever the levels of its platform line are.
  [[nodiscard]] Result<collateral::TcbInfo> tcb_info_for(const PckOffer& offer) const {
    if (offer.certificates.size() == 1) {
      collateral::TcbInfo out;
      out.fmspc = offer.certificates.front().sgx().fmspc;
      out.pce_id = offer.certificates.front().sgx().pce_id;
      return out;
    }
    QUOTED_TRY(const Collateral all, read_all(path_));
    auto out = collateral::TcbInfo::parse(base::as_text(without_nul(all.tcb_info)));
    if (!out) return fail(ErrorCode::kCollateralUnreadable, out.error().detail);
    return *std::move(out);
  }

  [[nodiscard]] tl::unexpected<base::Error> not_here(const DocumentRequest& wanted,
                                                     std::string_view found) const {
    return fail(ErrorCode::kNotFoundAtSource,
                text(path_, " has not ", describe(wanted), " but ", found));
  }

  [[nodiscard]] Result<Document> pick(const Collateral& all,
                                      const collateral::ParsedCollateral& parsed,
                                      const PckCrlRequest& request) const {
    const std::string_view wanted = request.ca == collateral::PckCa::kPlatform
                                        ? collateral::kPlatformCaCn
                                        : collateral::kProcessorCaCn;
    QUOTED_TRY(base::Bytes der, der_of(all.pck_crl, parsed.pck_crl));
    const std::string& issuer = parsed.pck_crl->issuer().printable;
    if (issuer.find(wanted) == std::string::npos) return not_here(request, "one of " + issuer);
    return Document{std::move(der), text_of(all.pck_crl_issuer_chain)};
  }

  [[nodiscard]] Result<Document> pick(const Collateral& all,
                                      const collateral::ParsedCollateral& parsed,
                                      const RootCaCrlRequest&) const {
    QUOTED_TRY(base::Bytes der, der_of(all.root_ca_crl, parsed.root_ca_crl));
    return Document{std::move(der), {}};
  }

  [[nodiscard]] Result<Document> pick(const Collateral& all,
                                      const collateral::ParsedCollateral& parsed,
                                      const TcbInfoRequest& request) const {
    if (!parsed.tcb_info) {
      return fail(ErrorCode::kCollateralUnreadable, parsed.tcb_info.error().detail);
    }
    const TcbInfoRequest found{parsed.tcb_info->tee, parsed.tcb_info->fmspc};
    if (found.tee != request.tee || found.fmspc != request.fmspc) {
      return not_here(request, describe(DocumentRequest(found)));
    }
    return Document{base::to_bytes(without_nul(all.tcb_info)), text_of(all.tcb_info_issuer_chain)};
  }

  [[nodiscard]] Result<Document> pick(const Collateral& all,
                                      const collateral::ParsedCollateral& parsed,
                                      const EnclaveIdentityRequest& request) const {
    if (!parsed.qe_identity) {
      return fail(ErrorCode::kCollateralUnreadable, parsed.qe_identity.error().detail);
    }
    const auto found = [&] {
      switch (parsed.qe_identity->id) {
        case collateral::EnclaveIdentityId::kTdQe:
          return EnclaveIdentity::kTdQe;
        case collateral::EnclaveIdentityId::kQve:
          return EnclaveIdentity::kQve;
        case collateral::EnclaveIdentityId::kQe:
          break;
      }
      return EnclaveIdentity::kQe;
    }();
    if (found != request.id)
      return not_here(request, describe(DocumentRequest(EnclaveIdentityRequest{found})));
    return Document{base::to_bytes(without_nul(all.qe_identity)),
                    text_of(all.qe_identity_issuer_chain)};
  }

  std::string path_;
};

}  // namespace

std::unique_ptr<Source> make_file_source(std::string path) {
  return std::make_unique<FileSource>(std::move(path));
}

}  // namespace quoted::certification
