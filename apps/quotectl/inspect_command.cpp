// quotectl inspect: says what a file is and shows every field of it.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "quotectl/commands.h"
#include "quotectl/describe_certificate.h"
#include "quotectl/describe_quote.h"
#include "quotectl/output.h"
#include "quotectl/render.h"

namespace quoted::quotectl {
namespace {

using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::size_t kMaxFileSize = quote::kMaxParsedQuoteSize;

struct InspectOptions {
  std::string file;
  bool json = false;
};

Json titled(std::string_view kind, std::size_t size, const Json& fields) {
  Json out = {{"kind", kind}, {"size", size}};
  out.update(fields);
  return out;
}

// Ahead of the fields, where nobody overlooks it.
Json with_warning(bool simulated, const Json& fields) {
  Json out = Json::object({{"simulated", simulated}});
  if (simulated) {
    out["warning"] = text(collateral::kSimulatedMarker, ": made by a simulated platform");
  }
  out.update(fields);
  return out;
}

Json describe_certificate_file(ByteView content,
                               const std::vector<crypto::Certificate>& certificates) {
  const bool simulated = std::ranges::any_of(certificates, collateral::is_marked_simulated);
  const std::string_view kind = certificates.size() == 1 ? "certificate" : "certificate_chain";
  const Json fields = Json::object({{"certificates", describe_certificates(certificates)}});
  return titled(kind, content.size(), with_warning(simulated, fields));
}

bool is_pem(ByteView content) {
  const std::string_view all = base::as_text(content);
  const std::size_t start = all.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && all.substr(start).starts_with("-----BEGIN ");
}

// SEQUENCE with a length in two bytes that reaches to the end of the file.
bool is_der(ByteView content) {
  if (content.size() < 4 || content[0] != std::byte{0x30} || content[1] != std::byte{0x82}) {
    return false;
  }
  const auto length =
      std::to_integer<std::size_t>(content[2]) << 8U | std::to_integer<std::size_t>(content[3]);
  return length == content.size() - 4;
}

// Version 1 to 5 and a small key type, as 16-bit little-endian numbers. Text never looks like this.
bool is_quote(ByteView content) {
  base::ByteReader reader(content);
  const auto version = reader.take_le<std::uint16_t>("version");
  const auto key_type = reader.take_le<std::uint16_t>("attestation key type");
  return version && key_type && *version >= 1 && *version <= 5 && *key_type <= 4;
}

template <class T>
std::optional<T> of_size(ByteView content) {
  auto parsed = base::parse_struct<T>(content, "file");
  return parsed ? std::optional(*parsed) : std::nullopt;
}

Result<Json> describe_quote_file(ByteView content) {
  std::size_t padding = 0;
  QUOTED_TRY(const quote::Quote quote, quote::Quote::parse(content, &padding));
  Json fields = Json::object({{"trailing_bytes", padding}});
  fields.update(with_warning(is_simulated(quote), describe_quote(quote)));
  return titled("quote", content.size(), fields);
}

Result<Json> describe_file(ByteView content) {
  if (is_pem(content)) {
    QUOTED_TRY(const auto chain, crypto::parse_pem_chain(base::as_text(content)));
    return describe_certificate_file(content, chain);
  }
  if (is_der(content)) {
    QUOTED_TRY(const auto certificate, crypto::Certificate::parse_der(content));
    return describe_certificate_file(content, {certificate});
  }
  if (const auto report = of_size<sgx::Report>(content)) {
    return titled("report", content.size(), describe_report(*report));
  }
  if (const auto body = of_size<sgx::ReportBody>(content)) {
    return titled("report_body", content.size(), describe_report_body(*body));
  }
  if (const auto target = of_size<sgx::TargetInfo>(content)) {
    return titled("target_info", content.size(), describe_target_info(*target));
  }
  if (is_quote(content)) return describe_quote_file(content);
  return fail(
      ErrorCode::kMalformed,
      text("unknown content of ", content.size(), " bytes: neither a REPORT (", sizeof(sgx::Report),
           " bytes), a report body (", sizeof(sgx::ReportBody), "), a target info (",
           sizeof(sgx::TargetInfo), "), a quote nor a certificate (PEM or DER)"));
}

Result<ExitCode> run(const InspectOptions& options) {
  QUOTED_TRY(const base::Bytes content, base::read_file(options.file, kMaxFileSize));
  const auto description = describe_file(content);
  if (!description) return fail(base::Error(description.error()).with_context(options.file));
  QUOTED_CHECK(print(options.json ? render_json(*description) : render_text(*description)));
  return ExitCode::kSuccess;
}

}  // namespace

void add_inspect_command(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* const command = app.add_subcommand(
      "inspect", "Show every field of a REPORT, report body, target info, quote or certificate");
  command->add_option("FILE", options->file, "What to look at")->type_name("")->required();
  command->add_flag("--json", options->json, "JSON instead of text");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
