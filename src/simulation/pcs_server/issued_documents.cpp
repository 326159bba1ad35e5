#include "simulation/pcs_server/issued_documents.h"

#include <charconv>

#include "base/file.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace quoted::simulation {
namespace {

using base::Result;
using base::text;
using base::UnixTime;

constexpr std::string_view kMagic = "quoted-pcs document 1 ";
constexpr std::size_t kMaxFileSize = std::size_t{4} << 20U;
constexpr mode_t kFileMode = 0644;
// Documents of FMSPCs and evaluation numbers that were once asked for; those dropped are on disk.
constexpr std::size_t kMaxInMemory = 4096;

bool is_fresh(const DocumentSpec& spec, UnixTime from, UnixTime now) {
  if (spec.issue_date) return from == *spec.issue_date;
  return from <= now && now - from < spec.life / 2;
}

// Up to the separator, which is taken off as well.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

}  // namespace

std::optional<IssuedDocuments::Issued> IssuedDocuments::load(const std::string& name) const {
  std::error_code error;
  if (directory_.empty() || !std::filesystem::exists(directory_ / name, error)) {
    return std::nullopt;
  }
  const auto content = base::read_file(directory_ / name, kMaxFileSize);
  if (!content) {
    notice_(text("a stored document is issued again: ", content.error().message()));
    return std::nullopt;
  }
  std::string_view rest = base::as_text(*content);
  const bool known = rest.starts_with(kMagic);
  rest.remove_prefix(known ? kMagic.size() : 0);
  const std::string_view fingerprint = cut(rest, ' ');
  const std::string_view seconds = cut(rest, '\n');
  std::int64_t from = 0;
  const auto [end, problem] =
      std::from_chars(seconds.data(), seconds.data() + seconds.size(), from);
  if (!known || problem != std::errc() || end != seconds.data() + seconds.size()) {
    notice_(text("stored document ", (directory_ / name).string(),
                 " is issued again: it is damaged or of another program"));
    return std::nullopt;
  }
  return Issued{std::string(fingerprint), UnixTime(std::chrono::seconds(from)),
                std::make_shared<const std::string>(rest)};
}

void IssuedDocuments::save(const std::string& name, const Issued& issued) const {
  if (directory_.empty()) return;
  const std::string content = text(kMagic, issued.fingerprint, ' ',
                                   issued.from.time_since_epoch().count(), '\n', *issued.body);
  const auto saved = base::write_file(directory_ / name, base::as_bytes(content), kFileMode, true);
  if (!saved) {
    notice_(text("a document is not kept and will be issued again at the next start: ",
                 saved.error().message()));
  }
}

Result<std::shared_ptr<const std::string>> IssuedDocuments::get(const DocumentSpec& spec,
                                                                UnixTime now) {
  QUOTED_TRY(const crypto::Sha256 hash, crypto::sha256(base::as_bytes(spec.content)));
  const std::string fingerprint = hash.hex();
  const auto usable = [&](const Issued& issued) {
    return issued.fingerprint == fingerprint && is_fresh(spec, issued.from, now);
  };
  // Held while signing: two threads must not issue two documents that differ.
  const std::scoped_lock lock(mutex_);
  if (const auto known = issued_.find(spec.name); known != issued_.end() && usable(known->second)) {
    return known->second.body;
  }
  std::optional<Issued> issued = load(spec.name);
  if (!issued || !usable(*issued)) {
    const UnixTime from = spec.issue_date.value_or(now);
    QUOTED_TRY(std::string body, spec.issue(from));
    issued = Issued{fingerprint, from, std::make_shared<const std::string>(std::move(body))};
    save(spec.name, *issued);
  }
  if (issued_.size() >= kMaxInMemory) issued_.clear();
  return issued_.insert_or_assign(spec.name, *std::move(issued)).first->second.body;
}

}  // namespace quoted::simulation
