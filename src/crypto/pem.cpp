#include "crypto/pem.h"

#include <openssl/pem.h>

#include <limits>

#include "base/text.h"
#include "crypto/openssl_error.h"
#include "crypto/openssl_ptr.h"

namespace quoted::crypto {
namespace {

using base::ErrorCode;
using base::fail;
using base::text;

struct PemBlock {
  PemBlock() = default;
  PemBlock(const PemBlock&) = delete;
  PemBlock& operator=(const PemBlock&) = delete;
  ~PemBlock() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
  }

  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
};

// OpenSSL passes over any text before the first block, and over markers with more in their line.
bool begins_with_block(std::string_view pem, std::string_view label) {
  const std::string marker = text("-----BEGIN ", label, "-----");
  if (!pem.starts_with(marker)) return false;
  const std::size_t next = pem.find_first_not_of(" \t\r", marker.size());
  return next != std::string_view::npos && pem[next] == '\n';
}

}  // namespace

// Not PEM_read_bio_X509 and its kin, which ask the terminal for the password of an "encrypted"
// block and pass over bytes behind the content.
base::Result<base::Bytes> decode_pem(std::string_view pem, std::string_view label) {
  if (pem.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return fail(ErrorCode::kMalformed, text("a PEM text of ", pem.size(), " bytes is too large"));
  }
  if (!begins_with_block(pem, label)) {
    return fail(ErrorCode::kMalformed, text("no PEM block '", label, "' at the start of the text"));
  }
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  PemBlock block;
  if (!bio || PEM_read_bio(bio.get(), &block.name, &block.header, &block.data, &block.size) != 1) {
    return fail(openssl_error(ErrorCode::kMalformed, text("parsing a PEM block '", label, "'")));
  }
  if (block.name != label) {
    return fail(ErrorCode::kMalformed,
                text("a PEM block '", std::string_view(block.name).substr(0, 40), "', expected '",
                     label, "'"));
  }
  if (!std::string_view(block.header).empty()) {
    return fail(ErrorCode::kMalformed, text("a PEM block '", label, "' with headers"));
  }
  return base::to_bytes(
      {reinterpret_cast<const std::byte*>(block.data), static_cast<std::size_t>(block.size)});
}

}  // namespace quoted::crypto
