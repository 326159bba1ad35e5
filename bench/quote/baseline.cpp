// The least that any server that signs can do: accept, read a request of a known size, sign with a
// ready key, write an answer of a known size, close; or, with "keep", go on until the client ends.
// No checks, no deadlines, no second client: what quoted costs above this is what it adds.
//
//     quote_baseline SOCKET close|keep REQUEST_BYTES ANSWER_BYTES
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace {

using quoted::base::UniqueFd;

// A REPORT's worth: header and report body, which a quote's signature is over.
constexpr std::size_t kSigned = 432;
constexpr std::size_t kPrefix = 4;
constexpr int kBacklog = 128;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

class Signer {
 public:
  Signer()
      : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")),
        context_(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)),
        sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)) {
    if (!context_ || !sha256_ || EVP_PKEY_sign_init(context_.get()) != 1) die("signing key");
  }

  void sign(const unsigned char* bytes, unsigned char* out) {
    std::array<unsigned char, 32> digest{};
    std::array<unsigned char, 80> signature{};
    std::size_t size = signature.size();
    if (EVP_Digest(bytes, kSigned, digest.data(), nullptr, sha256_.get(), nullptr) != 1 ||
        EVP_PKEY_sign(context_.get(), signature.data(), &size, digest.data(), digest.size()) != 1) {
      die("sign");
    }
    std::copy_n(signature.begin(), 64, out);
  }

 private:
  std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>> key_;
  std::unique_ptr<EVP_PKEY_CTX, Freed<&EVP_PKEY_CTX_free>> context_;
  std::unique_ptr<EVP_MD, Freed<&EVP_MD_free>> sha256_;
};

UniqueFd listen_on(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    die("listen");
  }
  return fd;
}

// False at the end.
bool read_whole(int fd, std::vector<unsigned char>& request) {
  for (std::size_t filled = 0; filled < request.size();) {
    const ssize_t got = ::read(fd, request.data() + filled, request.size() - filled);
    if (got <= 0) return false;
    filled += static_cast<std::size_t>(got);
  }
  return true;
}

bool write_whole(int fd, const std::vector<unsigned char>& answer) {
  for (std::size_t written = 0; written < answer.size();) {
    const ssize_t put = ::send(fd, answer.data() + written, answer.size() - written, MSG_NOSIGNAL);
    if (put <= 0) return false;
    written += static_cast<std::size_t>(put);
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    (void)std::fputs("usage: quote_baseline SOCKET close|keep REQUEST_BYTES ANSWER_BYTES\n",
                     stderr);
    return 2;
  }
  const bool keep = std::string_view(argv[2]) == "keep";
  std::vector<unsigned char> request(std::strtoul(argv[3], nullptr, 10));
  std::vector<unsigned char> answer(std::strtoul(argv[4], nullptr, 10));
  if (request.size() < kSigned || answer.size() < kSigned) return 2;
  // The length of a frame, so that the same client can read it.
  for (unsigned i = 0; i < kPrefix; ++i) {
    answer[i] = static_cast<unsigned char>((answer.size() - kPrefix) >> (8 * i));
  }
  Signer signer;
  const UniqueFd listener = listen_on(argv[1]);
  for (;;) {
    const UniqueFd client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client.valid()) die("accept");
    do {
      if (!read_whole(client.get(), request)) break;
      signer.sign(request.data() + (request.size() - kSigned), answer.data() + kPrefix);
      if (!write_whole(client.get(), answer)) break;
    } while (keep);
  }
}
