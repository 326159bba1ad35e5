// Certificates the authority has issued, kept so that a restart serves the same ones: ECDSA
// signatures are random, so a certificate issued again would have other bytes.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "crypto/certificate.h"
#include "simulation/notice.h"

namespace quoted::simulation {

class CertificateStore {
 public:
  // kOnlyAdd leaves every file alone that exists: for guests in the directory of a daemon, whose
  // certificates they may not take away.
  enum class Saving : std::uint8_t { kReplace, kOnlyAdd };

  // An empty directory name keeps nothing. The directory must exist.
  CertificateStore(std::filesystem::path directory, Notice notice, Saving saving = Saving::kReplace)
      : directory_(std::move(directory)), notice_(std::move(notice)), saving_(saving) {}

  // Nothing when there is no such file, or when it is not a certificate; the latter is told.
  [[nodiscard]] std::optional<crypto::Certificate> load(std::string_view name) const;

  // A full disk is told and survived: the certificate can be issued again.
  void save(std::string_view name, const crypto::Certificate& certificate) const;

  // Tells that a stored certificate is not the one this world issues and will be replaced.
  void report_replaced(std::string_view name, std::string_view why) const;

 private:
  [[nodiscard]] std::filesystem::path path_of(std::string_view name) const;

  std::filesystem::path directory_;
  Notice notice_;
  Saving saving_;
};

}  // namespace quoted::simulation
