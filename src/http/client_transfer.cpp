#include "http/client_transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/text.h"
#include "http/client_failure.h"

namespace quoted::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::text;
using std::chrono::microseconds;

bool fits_a_line(std::string_view value) {
  return value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// As "127.0.0.1" and "8081"; nothing for other families.
void describe(const curl_sockaddr& address, std::string& host, std::string& port) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (address.family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.addr, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, buffer.data(), buffer.size());
    host = buffer.data();
    port = std::to_string(ntohs(v4.sin_port));
  } else if (address.family == AF_INET6 && address.addrlen >= sizeof(sockaddr_in6)) {
    // The structure is declared with the smallest address and holds larger ones as well.
    sockaddr_in6 v6{};
    std::memcpy(&v6, static_cast<const void*>(&address.addr), sizeof v6);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, buffer.data(), buffer.size());
    host = text('[', buffer.data(), ']');
    port = std::to_string(ntohs(v6.sin6_port));
  }
}

template <class Value>
Value info(CURL* easy, CURLINFO what, Value otherwise) {
  Value out = otherwise;
  return curl_easy_getinfo(easy, what, &out) == CURLE_OK ? out : otherwise;
}

std::optional<microseconds> time_of(CURL* easy, CURLINFO what) {
  const auto value = info<curl_off_t>(easy, what, 0);
  if (value <= 0) return std::nullopt;
  return microseconds(value);
}

}  // namespace

Transfer::Transfer(CURL* easy, const ClientOptions& options, const base::Bytes& ca, const Url& url)
    : easy_(easy), options_(options), ca_(ca), url_(url) {
  curl_easy_reset(easy_);
}

Transfer::~Transfer() {
  // The handle lives on and must not point into what goes away.
  curl_easy_reset(easy_);
  curl_slist_free_all(header_list_);
}

std::size_t Transfer::on_header(char*, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  Progress& progress = transfer.progress_;
  progress.header_bytes += size * count;
  progress.header_too_large = progress.header_bytes > transfer.options_.max_header_bytes;
  return progress.header_too_large ? 0 : size * count;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  Progress& progress = transfer.progress_;
  const std::size_t more = size * count;
  progress.body_bytes += more;
  if (progress.body_bytes > transfer.options_.max_body_bytes) {
    progress.body_too_large = true;
    return 0;
  }
  try {
    base::append(transfer.body_, base::as_bytes({data, more}));
  } catch (const std::exception&) {
    // An exception must not pass through C; libcurl ends the transfer with a write error.
    return 0;
  }
  return more;
}

// libcurl makes the thread of a look-up right after this, and is back in on_progress before it
// waits for anything: the thread takes no signals of the program, and a wait can be interrupted as
// before.
int Transfer::on_look_up(void*, void*, void* self) {
  static_cast<Transfer*>(self)->signals_blocked_.emplace();
  return 0;
}

curl_socket_t Transfer::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& progress = static_cast<Transfer*>(self)->progress_;
  try {
    describe(*address, progress.address_tried, progress.port_tried);
  } catch (const std::exception&) {
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// libcurl 7.88 gives the time of the connection only once TLS is there as well, which is of no use
// for one that hangs in its handshake or at the proxy.
void Transfer::note_connection() {
  auto& connected = progress_.timings.connected;
  if (connected) return;
  connected = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begin_);
}

CURLcode Transfer::on_handshake(CURL*, void*, void* self) {
  static_cast<Transfer*>(self)->note_connection();
  return CURLE_OK;
}

int Transfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.signals_blocked_.reset();
  const char* const ip = info<char*>(transfer.easy_, CURLINFO_PRIMARY_IP, nullptr);
  if (ip != nullptr && *ip != '\0') transfer.note_connection();
  return 0;
}

template <class Value>
void Transfer::set(CURLoption option, Value value) {
  const CURLcode result = curl_easy_setopt(easy_, option, value);
  if (set_result_ == CURLE_OK) set_result_ = result;
}

void Transfer::set_options(Duration time_left) {
  set(CURLOPT_CURLU, url_.handle());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_USERAGENT, "quoted/" QUOTED_VERSION);
  set(CURLOPT_ERRORBUFFER, error_text_.data());

  // Signals would hit any thread. Without QUICK_EXIT a look-up that hangs is waited for beyond
  // every deadline, until the resolver itself gives up; now its thread ends by itself later.
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(time_left.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::clamp(options_.connect_deadline, Duration(1), time_left).count()));

  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, options_.verify_tls ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, options_.verify_tls ? 2L : 0L);
  if (!options_.ca_file.empty()) {
    curl_blob blob{
        .data = const_cast<std::byte*>(ca_.data()), .len = ca_.size(), .flags = CURL_BLOB_NOCOPY};
    set(CURLOPT_CAINFO_BLOB, &blob);
    // The system's directory would be trusted besides.
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (!options_.proxy.empty()) set(CURLOPT_PROXY, options_.proxy.c_str());
  // What a proxy says to CONNECT is no part of the reply.
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);

  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_.max_body_bytes));
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_RESOLVER_START_FUNCTION, &Transfer::on_look_up);
  set(CURLOPT_RESOLVER_START_DATA, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(CURLOPT_SSL_CTX_FUNCTION, &Transfer::on_handshake);
  set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
}

base::Status Transfer::set_request(const ClientRequest& request) {
  // libcurl would call any body a form, and would wait for leave to send it.
  Headers headers = request.headers;
  std::vector<std::string> lines{"Expect:"};
  if (!find_header(headers, "Content-Type")) lines.emplace_back("Content-Type:");
  for (const Header& header : headers) {
    if (header.name.empty() || header.name.find(':') != std::string::npos ||
        !fits_a_line(header.name) || !fits_a_line(header.value)) {
      return fail(ErrorCode::kInvalidArgument,
                  text("the value or name of the request header '",
                       fits_a_line(header.name) ? header.name : "?", "' cannot be sent"));
    }
    lines.push_back(header.value.empty() ? header.name + ';'
                                         : text(header.name, ": ", header.value));
  }
  for (const std::string& line : lines) {
    curl_slist* const longer = curl_slist_append(header_list_, line.c_str());
    if (longer == nullptr) return fail(ErrorCode::kTransferBroken, "no memory for the headers");
    header_list_ = longer;
  }
  set(CURLOPT_HTTPHEADER, header_list_);
  if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS,
        request.body.empty() ? "" : reinterpret_cast<const char*>(request.body.data()));
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  return {};
}

base::Result<ClientReply> Transfer::run(const ClientRequest& request, Duration time_left) {
  set_options(time_left);
  QUOTED_CHECK(set_request(request));
  begin_ = std::chrono::steady_clock::now();
  const CURLcode code = set_result_ != CURLE_OK ? set_result_ : curl_easy_perform(easy_);
  signals_blocked_.reset();
  gather_progress();
  if (code != CURLE_OK) {
    return fail(transfer_error(code, error_text_.data(), url_, options_, progress_, time_left));
  }
  ClientReply reply;
  reply.status = static_cast<unsigned>(info<long>(easy_, CURLINFO_RESPONSE_CODE, 0));
  reply.headers = reply_headers();
  reply.body = std::move(body_);
  reply.url = url_.whole();
  return reply;
}

void Transfer::gather_progress() {
  Timings& timings = progress_.timings;
  timings.resolved = time_of(easy_, CURLINFO_NAMELOOKUP_TIME_T);
  timings.peer = peer_address();
  if (!timings.connected && !timings.peer.empty()) {
    timings.connected = time_of(easy_, CURLINFO_CONNECT_TIME_T);
  }
  if (url_.secure()) timings.secured = time_of(easy_, CURLINFO_APPCONNECT_TIME_T);
  // The two are taken by different clocks, and of a connection that is used again both are zero.
  if (timings.secured && timings.connected > timings.secured) timings.connected = timings.secured;
  // libcurl takes the end of the connection for a first byte.
  if (progress_.header_bytes > 0) {
    timings.answered = time_of(easy_, CURLINFO_STARTTRANSFER_TIME_T);
  }
  if (timings.peer.empty() && !progress_.address_tried.empty()) {
    timings.peer = text(progress_.address_tried, ':', progress_.port_tried);
  }
  progress_.proxy_status = info<long>(easy_, CURLINFO_HTTP_CONNECTCODE, 0);
  progress_.system_error = info<long>(easy_, CURLINFO_OS_ERRNO, 0);
  progress_.verify_error = info<long>(easy_, CURLINFO_SSL_VERIFYRESULT, 0);
  progress_.announced_bytes = announced_bytes();
}

// Empty unless there was a connection.
std::string Transfer::peer_address() const {
  const char* const ip = info<char*>(easy_, CURLINFO_PRIMARY_IP, nullptr);
  if (ip == nullptr || *ip == '\0') return {};
  const bool v6 = std::strchr(ip, ':') != nullptr;
  return text(v6 ? "[" : "", std::string_view(ip), v6 ? "]:" : ":",
              info<long>(easy_, CURLINFO_PRIMARY_PORT, 0));
}

// Out of the header: libcurl does not keep the length of a body that it refuses for it.
std::int64_t Transfer::announced_bytes() const {
  curl_header* header = nullptr;
  if (curl_easy_header(easy_, "Content-Length", 0, CURLH_HEADER, -1, &header) != CURLHE_OK) {
    return -1;
  }
  std::int64_t out = -1;
  const std::string_view value(header->value);
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  return error == std::errc() ? out : -1;
}

Headers Transfer::reply_headers() const {
  Headers out;
  curl_header* header = nullptr;
  while ((header = curl_easy_nextheader(easy_, CURLH_HEADER, -1, header)) != nullptr) {
    // libcurl 7.88 leaves a CR in a value that is otherwise empty.
    std::string_view value(header->value);
    while (value.ends_with('\r')) value.remove_suffix(1);
    out.push_back({header->name, std::string(value)});
  }
  return out;
}

std::string Transfer::redirect_target() const {
  const char* const target = info<char*>(easy_, CURLINFO_REDIRECT_URL, nullptr);
  return target == nullptr ? std::string() : std::string(target);
}

}  // namespace quoted::http
