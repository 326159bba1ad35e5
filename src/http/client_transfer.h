// One request and its reply on one libcurl handle; redirects are not followed here. Private to the
// module: includes libcurl.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/signals_blocked.h"
#include "http/client.h"
#include "http/client_url.h"

namespace quoted::http {

// How far a transfer came, for messages and decisions about its failure.
struct Progress {
  Timings timings;            // counted from the start of this transfer
  std::string address_tried;  // the last that a connection was attempted to
  std::string port_tried;
  long proxy_status = 0;  // what a proxy answered to CONNECT; 0: nothing
  long system_error = 0;  // errno of the last failed call
  long verify_error = 0;  // X509_V_ERR_* of the peer's certificate
  std::size_t header_bytes = 0;
  std::size_t body_bytes = 0;
  bool header_too_large = false;
  bool body_too_large = false;
  std::int64_t announced_bytes = -1;
};

class Transfer {
 public:
  using Duration = std::chrono::milliseconds;

  // `easy` is reset. All are used until run() has returned.
  Transfer(CURL* easy, const ClientOptions& options, const base::Bytes& ca, const Url& url);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  // The errors of Client::send except RedirectRefused; InvalidArgument for a header that would end
  // its line. Progress is there whatever comes.
  [[nodiscard]] base::Result<ClientReply> run(const ClientRequest& request, Duration time_left);
  [[nodiscard]] const Progress& progress() const { return progress_; }

  // After a reply: where it sends the client, absolute; empty when nowhere.
  [[nodiscard]] std::string redirect_target() const;

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static int on_look_up(void* resolver, void* reserved, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static CURLcode on_handshake(CURL*, void* context, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  void set_options(Duration time_left);
  [[nodiscard]] base::Status set_request(const ClientRequest& request);
  void note_connection();
  void gather_progress();
  [[nodiscard]] std::string peer_address() const;
  [[nodiscard]] std::int64_t announced_bytes() const;
  [[nodiscard]] Headers reply_headers() const;
  template <class Value>
  void set(CURLoption option, Value value);

  CURL* easy_;
  const ClientOptions& options_;
  const base::Bytes& ca_;
  const Url& url_;
  Progress progress_;
  curl_slist* header_list_ = nullptr;
  CURLcode set_result_ = CURLE_OK;
  std::chrono::steady_clock::time_point begin_;
  base::Bytes body_;
  std::optional<base::SignalsBlocked> signals_blocked_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

}  // namespace quoted::http
