// Signed documents and CRLs of the service, each signed once and then served byte for byte, also
// after a restart (pcs-api 9.5): ECDSA signatures are random, and clients compare.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "simulation/notice.h"

namespace quoted::simulation {

// A document as it would be issued at any time.
struct DocumentSpec {
  std::string name;     // that of its file
  std::string content;  // all that it says, dates excepted, and who signs it: another content is
                        // another document
  std::chrono::seconds life;
  // Set by drills: issued at exactly this time, for good.
  std::optional<base::UnixTime> issue_date;
  std::function<base::Result<std::string>(base::UnixTime from)> issue;
};

// Usable from many threads.
class IssuedDocuments {
 public:
  // An empty directory keeps them in memory only; else it must exist. What cannot be written is
  // told and served all the same.
  IssuedDocuments(std::filesystem::path directory, Notice notice)
      : directory_(std::move(directory)), notice_(std::move(notice)) {}

  // The one issued before, unless the content has changed, half of its life has passed, or it is
  // of the future.
  [[nodiscard]] base::Result<std::shared_ptr<const std::string>> get(const DocumentSpec& spec,
                                                                     base::UnixTime now);

 private:
  struct Issued {
    std::string fingerprint;
    base::UnixTime from;
    std::shared_ptr<const std::string> body;
  };
  [[nodiscard]] std::optional<Issued> load(const std::string& name) const;
  void save(const std::string& name, const Issued& issued) const;

  std::filesystem::path directory_;
  Notice notice_;
  std::mutex mutex_;
  std::map<std::string, Issued> issued_;
};

}  // namespace quoted::simulation
