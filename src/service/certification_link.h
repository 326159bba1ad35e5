// What the front process and the certifier process say to each other: the front what it needs a PCK
// certificate for, the certifier what it got. One SOCK_SEQPACKET pair for the life of the daemon;
// either process may crash and come again, so every message stands for itself.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "certification/documents.h"

namespace quoted::service {

struct CertificationWish {
  std::uint32_t id = 0;  // that of the answer
  certification::Registration registration;
};

struct CertificationAnswer {
  struct Certificate {
    certification::PckCertification pck;
    bool stale = false;
    std::string source;
    base::UnixTime fetched;
    base::UnixTime refresh_at;
    friend bool operator==(const Certificate&, const Certificate&) = default;
  };
  std::uint32_t id = 0;
  std::optional<Certificate> certificate;
  std::optional<base::Error> failure;  // set without a certificate, and with a stale one
};

// Nothing here blocks. A message for which the other side leaves no room is lost: both sides ask
// and tell again.
class CertificationLink {
 public:
  // Of the front and of the certifier.
  [[nodiscard]] static base::Result<std::pair<CertificationLink, CertificationLink>> create();

  [[nodiscard]] int fd() const { return fd_.get(); }
  // In a process that has no business with it.
  void close() { fd_.reset(); }

  void send(const CertificationWish& wish) const;
  void send(const CertificationAnswer& answer) const;

  // None while there is no message. Malformed when it is not one.
  [[nodiscard]] base::Result<std::optional<CertificationWish>> receive_wish() const;
  [[nodiscard]] base::Result<std::optional<CertificationAnswer>> receive_answer() const;

 private:
  explicit CertificationLink(base::UniqueFd fd) : fd_(std::move(fd)) {}
  void send_text(const std::string& message) const;
  [[nodiscard]] base::Result<std::optional<std::string>> receive_text() const;

  base::UniqueFd fd_;
};

}  // namespace quoted::service
