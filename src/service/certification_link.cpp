#include "service/certification_link.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/hex.h"
#include "base/text.h"

namespace quoted::service {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using Json = nlohmann::json;

// A chain has about 5 KiB, a manifest less than 1 KiB.
constexpr std::size_t kMaxMessage = std::size_t{96} * 1024;

tl::unexpected<base::Error> malformed(std::string_view name) {
  return fail(ErrorCode::kMalformed,
              text("the message between front and certifier has no proper '", name, "'"));
}

// Reads members of one message; the first that is not as expected counts.
class Reader {
 public:
  explicit Reader(const std::string& message) : json_(Json::parse(message, nullptr, false)) {}

  [[nodiscard]] bool has(const char* name) const { return json_.contains(name); }

  template <class T>
  Result<T> number(const char* name) const {
    const auto found = json_.find(name);
    if (found == json_.end() || !found->is_number_integer()) return malformed(name);
    const auto value = found->get<std::int64_t>();
    if (value < std::int64_t{std::numeric_limits<T>::min()} ||
        value > std::int64_t{std::numeric_limits<T>::max()}) {
      return malformed(name);
    }
    return static_cast<T>(value);
  }
  Result<std::string> words(const char* name) const {
    const auto found = json_.find(name);
    if (found == json_.end() || !found->is_string()) return malformed(name);
    return found->get<std::string>();
  }
  Result<base::Bytes> bytes(const char* name) const {
    QUOTED_TRY(const std::string digits, words(name));
    return base::from_hex(digits);
  }
  template <class T>
  Result<T> fixed(const char* name) const {
    QUOTED_TRY(const std::string digits, words(name));
    return T::parse_hex(digits);
  }
  Result<base::UnixTime> time(const char* name) const {
    QUOTED_TRY(const auto seconds, number<std::int64_t>(name));
    return base::UnixTime(std::chrono::seconds(seconds));
  }
  [[nodiscard]] bool is_object() const { return json_.is_object(); }

 private:
  Json json_;
};

Json to_json(const CertificationAnswer::Certificate& certificate) {
  return {{"cpu_svn", certificate.pck.cpu_svn.hex()},
          {"pce_isv_svn", certificate.pck.pce_isv_svn},
          {"leaf", certificate.pck.leaf_pem},
          {"chain", certificate.pck.issuer_chain_pem},
          {"stale", certificate.stale ? 1 : 0},
          {"source", certificate.source},
          {"fetched", certificate.fetched.time_since_epoch().count()},
          {"refresh_at", certificate.refresh_at.time_since_epoch().count()}};
}

std::string serialize(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<CertificationWish> parse_wish(const std::string& message) {
  const Reader reader(message);
  if (!reader.is_object()) return malformed("object");
  CertificationWish out;
  certification::PckRequest& request = out.registration.platform;
  QUOTED_TRY(out.id, reader.number<std::uint32_t>("id"));
  QUOTED_TRY(request.qe_id, reader.fixed<sgx::QeId>("qe_id"));
  QUOTED_TRY(request.pce_id, reader.number<std::uint16_t>("pce_id"));
  QUOTED_TRY(request.cpu_svn, reader.fixed<sgx::CpuSvn>("cpu_svn"));
  QUOTED_TRY(request.pce_isv_svn, reader.number<std::uint16_t>("pce_isv_svn"));
  QUOTED_TRY(request.encrypted_ppid, reader.bytes("encrypted_ppid"));
  QUOTED_TRY(out.registration.platform_manifest, reader.bytes("platform_manifest"));
  return out;
}

Result<CertificationAnswer::Certificate> parse_certificate(const Reader& reader) {
  CertificationAnswer::Certificate out;
  QUOTED_TRY(out.pck.cpu_svn, reader.fixed<sgx::CpuSvn>("cpu_svn"));
  QUOTED_TRY(out.pck.pce_isv_svn, reader.number<std::uint16_t>("pce_isv_svn"));
  QUOTED_TRY(out.pck.leaf_pem, reader.words("leaf"));
  QUOTED_TRY(out.pck.issuer_chain_pem, reader.words("chain"));
  QUOTED_TRY(const std::uint8_t stale, reader.number<std::uint8_t>("stale"));
  out.stale = stale != 0;
  QUOTED_TRY(out.source, reader.words("source"));
  QUOTED_TRY(out.fetched, reader.time("fetched"));
  QUOTED_TRY(out.refresh_at, reader.time("refresh_at"));
  return out;
}

Result<CertificationAnswer> parse_answer(const std::string& message) {
  const Reader reader(message);
  if (!reader.is_object()) return malformed("object");
  CertificationAnswer out;
  QUOTED_TRY(out.id, reader.number<std::uint32_t>("id"));
  if (reader.has("leaf")) {
    QUOTED_TRY(out.certificate, parse_certificate(reader));
  }
  if (reader.has("code")) {
    QUOTED_TRY(const std::uint8_t code, reader.number<std::uint8_t>("code"));
    if (code >= base::error_table().size()) return malformed("code");
    QUOTED_TRY(std::string why, reader.words("why"));
    out.failure = base::Error(static_cast<ErrorCode>(code), std::move(why));
  }
  if (!out.certificate && !out.failure) return malformed("leaf");
  return out;
}

}  // namespace

Result<std::pair<CertificationLink, CertificationLink>> CertificationLink::create() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(ErrorCode::kSocketFailure,
                text("cannot make a socket pair: ", base::errno_text(errno)));
  }
  return std::pair(CertificationLink(base::UniqueFd(ends[0])),
                   CertificationLink(base::UniqueFd(ends[1])));
}

void CertificationLink::send(const CertificationWish& wish) const {
  const certification::PckRequest& request = wish.registration.platform;
  send_text(serialize({{"id", wish.id},
                       {"qe_id", request.qe_id.hex()},
                       {"pce_id", request.pce_id},
                       {"cpu_svn", request.cpu_svn.hex()},
                       {"pce_isv_svn", request.pce_isv_svn},
                       {"encrypted_ppid", base::to_hex(request.encrypted_ppid)},
                       {"platform_manifest", base::to_hex(wish.registration.platform_manifest)}}));
}

void CertificationLink::send(const CertificationAnswer& answer) const {
  Json json = Json::object();
  if (answer.certificate) json = to_json(*answer.certificate);
  json["id"] = answer.id;
  if (answer.failure) {
    json["code"] = static_cast<std::uint8_t>(answer.failure->code());
    json["why"] = answer.failure->message();
  }
  send_text(serialize(json));
}

void CertificationLink::send_text(const std::string& message) const {
  while (::send(fd_.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
         errno == EINTR) {
  }
}

Result<std::optional<std::string>> CertificationLink::receive_text() const {
  std::string buffer(kMaxMessage, '\0');
  ssize_t got = 0;
  do {
    got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
  if (got < 0) {
    return fail(ErrorCode::kPeerClosed,
                text("the link to the other process broke: ", base::errno_text(errno)));
  }
  if (got == 0) return fail(ErrorCode::kPeerClosed, "the link to the other process is closed");
  if (static_cast<std::size_t>(got) > buffer.size()) {
    return fail(ErrorCode::kMalformed, text("a message of ", got,
                                            " bytes between processes, at "
                                            "most ",
                                            buffer.size(), " are expected"));
  }
  buffer.resize(static_cast<std::size_t>(got));
  return buffer;
}

Result<std::optional<CertificationWish>> CertificationLink::receive_wish() const {
  QUOTED_TRY(const std::optional<std::string> message, receive_text());
  if (!message) return std::nullopt;
  QUOTED_TRY(CertificationWish wish, parse_wish(*message));
  return wish;
}

Result<std::optional<CertificationAnswer>> CertificationLink::receive_answer() const {
  QUOTED_TRY(const std::optional<std::string> message, receive_text());
  if (!message) return std::nullopt;
  QUOTED_TRY(CertificationAnswer answer, parse_answer(*message));
  return answer;
}

}  // namespace quoted::service
