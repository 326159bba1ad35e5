#include "certification/request_key.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/text.h"

namespace quoted::certification {
namespace {

using base::text;

constexpr std::string_view kPck = "pck";
constexpr std::string_view kPckCrl = "pck-crl";
constexpr std::string_view kTcbInfo = "tcb-info";
constexpr std::string_view kIdentity = "identity";

template <class T>
struct Name {
  T value;
  std::string_view name;
};
constexpr std::array kTees{Name{collateral::Tee::kSgx, "sgx"}, Name{collateral::Tee::kTdx, "tdx"}};
constexpr std::array kIdentities{Name{EnclaveIdentity::kQe, "qe"},
                                 Name{EnclaveIdentity::kTdQe, "td-qe"},
                                 Name{EnclaveIdentity::kQve, "qve"}};

template <class T, std::size_t size>
std::string_view name_of(const std::array<Name<T>, size>& names, T value) {
  return std::ranges::find(names, value, &Name<T>::value)->name;
}

template <class T, std::size_t size>
std::optional<T> named(const std::array<Name<T>, size>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name, &Name<T>::name);
  return found == names.end() ? std::nullopt : std::optional(found->value);
}

struct KeyOfDocument {
  std::string operator()(const PckCrlRequest& request) const {
    return text(kPckCrl, '/', collateral::pck_ca_name(request.ca));
  }
  std::string operator()(const RootCaCrlRequest& request) const {
    return text(kRootCaCrlPrefix, request.root_key ? request.root_key->hex() + '/' : "",
                request.url);
  }
  std::string operator()(const TcbInfoRequest& request) const {
    return text(kTcbInfo, '/', name_of(kTees, request.tee), '/', request.fmspc.hex());
  }
  std::string operator()(const EnclaveIdentityRequest& request) const {
    return text(kIdentity, '/', name_of(kIdentities, request.id));
  }
};

struct KeyOf {
  std::string operator()(const PckRequest& request) const {
    return text(cache_key_prefix(request.qe_id), request.pce_id, '/', request.cpu_svn.hex(), '/',
                request.pce_isv_svn);
  }
  std::string operator()(const DocumentRequest& request) const {
    return std::visit(KeyOfDocument{}, request);
  }
};

std::vector<std::string_view> split(std::string_view all) {
  std::vector<std::string_view> out;
  for (std::size_t slash = all.find('/'); slash != std::string_view::npos; slash = all.find('/')) {
    out.push_back(all.substr(0, slash));
    all.remove_prefix(slash + 1);
  }
  out.push_back(all);
  return out;
}

std::optional<std::uint16_t> number(std::string_view digits) {
  std::uint16_t out = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, out);
  return read.ec == std::errc() && read.ptr == end ? std::optional(out) : std::nullopt;
}

std::optional<Request> parse_pck(const std::vector<std::string_view>& parts) {
  constexpr std::size_t kParts = 5;
  if (parts.size() != kParts) return std::nullopt;
  const auto qe_id = sgx::QeId::parse_hex(parts[1]);
  const auto pce_id = number(parts[2]);
  const auto cpu_svn = sgx::CpuSvn::parse_hex(parts[3]);
  const auto pce_isv_svn = number(parts[4]);
  if (!qe_id || !pce_id || !cpu_svn || !pce_isv_svn) return std::nullopt;
  return PckRequest{*qe_id, *pce_id, *cpu_svn, *pce_isv_svn, {}};
}

std::optional<Request> parse_document(const std::vector<std::string_view>& parts) {
  if (parts.size() == 2 && parts[0] == kPckCrl) {
    if (const auto ca = collateral::pck_ca_named(parts[1])) {
      return DocumentRequest(PckCrlRequest{*ca});
    }
  }
  if (parts.size() == 3 && parts[0] == kTcbInfo) {
    const auto tee = named(kTees, parts[1]);
    const auto fmspc = sgx::Fmspc::parse_hex(parts[2]);
    if (tee && fmspc) return DocumentRequest(TcbInfoRequest{*tee, *fmspc});
  }
  if (parts.size() == 2 && parts[0] == kIdentity) {
    if (const auto id = named(kIdentities, parts[1])) {
      return DocumentRequest(EnclaveIdentityRequest{*id});
    }
  }
  return std::nullopt;
}

// No address begins with the digits of a key and a slash.
Request parse_root_ca_crl(std::string_view rest) {
  constexpr std::size_t kDigits = 2 * crypto::P256Point::kSize;
  if (rest.size() > kDigits && rest[kDigits] == '/') {
    if (const auto root_key = crypto::P256Point::parse_hex(rest.substr(0, kDigits))) {
      return DocumentRequest(RootCaCrlRequest{std::string(rest.substr(kDigits + 1)), *root_key});
    }
  }
  return DocumentRequest(RootCaCrlRequest{std::string(rest)});
}

}  // namespace

std::string cache_key_prefix(const sgx::QeId& qe_id) { return text(kPck, '/', qe_id.hex(), '/'); }

std::string cache_key(const Request& request) { return std::visit(KeyOf{}, request); }

std::optional<Request> parse_cache_key(std::string_view key) {
  const auto parts = split(key);
  std::optional<Request> out;
  if (key.starts_with(kRootCaCrlPrefix)) {
    out = parse_root_ca_crl(key.substr(kRootCaCrlPrefix.size()));
  } else {
    out = parts[0] == kPck ? parse_pck(parts) : parse_document(parts);
  }
  // Upper-case digits, leading zeros: a request has one key.
  return out && cache_key(*out) == key ? out : std::nullopt;
}

std::string describe(const Request& request) {
  if (const auto* const document = std::get_if<DocumentRequest>(&request)) {
    return describe(*document);
  }
  const auto& pck = std::get<PckRequest>(request);
  return text("the PCK certificate for CPUSVN ", pck.cpu_svn.hex(), " and PCESVN ",
              pck.pce_isv_svn);
}

}  // namespace quoted::certification
