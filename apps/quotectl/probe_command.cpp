// quotectl collateral probe: what stands between this machine and a certification service.
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "certification/probe.h"
#include "quotectl/commands.h"
#include "quotectl/option_values.h"
#include "quotectl/output.h"
#include "quotectl/render.h"
#include "verification/root_file.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using certification::ProbedDocument;
using certification::ProbedRequest;
using certification::ProbeFailure;
using certification::ProbeReport;
using std::chrono::microseconds;

struct ProbeCommandOptions {
  std::string url;
  std::string kind;
  std::string ca_file;
  std::string proxy;
  std::string api_key_file;
  std::string fmspc;
  std::string root;
  std::size_t timeout = 15;  // seconds
  bool insecure = false;
  bool json = false;
};

// "thim" is what Azure calls its own.
Result<certification::SourceKind> kind_of(const ProbeCommandOptions& options,
                                          const certification::ServiceUrl& url) {
  using certification::SourceKind;
  if (options.kind == "pcs") return SourceKind::kPcs;
  if (options.kind == "pccs") return SourceKind::kPccs;
  if (options.kind == "thim") return SourceKind::kAzure;
  return certification::guess_kind(url);
}

Result<certification::ProbeOptions> probe_options(const ProbeCommandOptions& options) {
  certification::ProbeOptions out;
  certification::SourceSettings source;
  auto url = certification::ServiceUrl::parse(options.url);
  if (!url) return fail(std::move(url).error().with_context("URL"));
  source.url = *std::move(url);
  QUOTED_TRY(source.kind, kind_of(options, *source.url));
  source.ca_file = options.ca_file;
  source.verify_tls = !options.insecure;
  source.proxy = options.proxy;
  source.api_key_file = options.api_key_file;
  source.origin = "the command line";
  out.settings.sources.push_back(std::move(source));
  out.settings.total_deadline.value = std::chrono::seconds(options.timeout);
  out.settings.connect_deadline.value =
      std::min(out.settings.connect_deadline.value, out.settings.total_deadline.value);
  if (!options.fmspc.empty()) {
    QUOTED_TRY(out.fmspc, parse_identifier<sgx::Fmspc>("--fmspc", options.fmspc));
  }
  if (options.root.empty()) {
    out.roots.push_back(verification::intel_root());
  } else {
    QUOTED_TRY(auto root, verification::read_trusted_root(options.root));
    out.roots.push_back(std::move(root));
  }
  return out;
}

double milliseconds_of(microseconds time) {
  return std::round(static_cast<double>(time.count()) / 10) / 100;
}

// What each step took, for as far as the request came.
Json describe_times(const ProbedRequest& request) {
  const http::Timings& at = request.timings;
  Json out = Json::object();
  microseconds before{0};
  const auto step = [&](const char* name, const std::optional<microseconds>& end) {
    if (!end) return;
    out[name] = milliseconds_of(std::max(microseconds(0), *end - before));
    before = std::max(before, *end);
  };
  step("resolve_ms", at.resolved);
  step("connect_ms", at.connected);
  step("tls_ms", at.secured);
  step("reply_ms", at.answered);
  step("body_ms", at.done);
  return out;
}

Json describe(const ProbedRequest& request) {
  Json out = {{"url", request.url}};
  if (!request.timings.peer.empty()) out["peer"] = request.timings.peer;
  out.update(describe_times(request));
  if (request.status) {
    out["status"] = *request.status;
    out["bytes"] = request.body_bytes;
  }
  return out;
}

// Some remedies end by naming this very command.
std::string_view remedy_for(const base::Error& error) {
  const std::string_view remedy = error.entry().remedy;
  return remedy.substr(0, remedy.find("; 'quotectl collateral probe'"));
}

void add_failure(Json& out, const ProbeFailure& failure) {
  out["failed_step"] = probe_step_name(failure.step);
  out["code"] = failure.error.entry().id;
  out["reason"] = failure.error.summary();
}

Json describe(const ProbedDocument& one) {
  Json out = {{"document", one.what}};
  if (one.good()) {
    out["result"] = "good";
    out["valid_until"] = format_time(*one.valid_until);
  } else {
    out["result"] = one.failure ? "failed" : "not asked for";
    if (one.failure) add_failure(out, *one.failure);
  }
  Json requests = Json::array();
  for (const ProbedRequest& request : one.requests) requests.push_back(describe(request));
  if (!requests.empty()) out["requests"] = std::move(requests);
  return out;
}

Json describe(const ProbeReport& report) {
  const ProbeFailure* const first = report.first_failure();
  Json out = {{"source", report.source}, {"result", first == nullptr ? "good" : "failed"}};
  if (first != nullptr) {
    add_failure(out, *first);
    out["remedy"] = remedy_for(first->error);
  }
  if (!report.remarks.empty()) out["remarks"] = report.remarks;
  Json documents = Json::array();
  for (const ProbedDocument& one : report.documents) documents.push_back(describe(one));
  out["documents"] = std::move(documents);
  return out;
}

Result<ExitCode> run(const ProbeCommandOptions& options) {
  QUOTED_TRY(const certification::ProbeOptions settings, probe_options(options));
  QUOTED_TRY(const ProbeReport report, certification::probe(settings, base::SystemClock().now()));
  const Json out = describe(report);
  QUOTED_CHECK(print(options.json ? render_json(out) : render_text(out)));
  return report.first_failure() == nullptr ? ExitCode::kSuccess : ExitCode::kProbeFailed;
}

}  // namespace

void add_probe_command(CLI::App& collateral, Action& chosen) {
  auto options = std::make_shared<ProbeCommandOptions>();
  CLI::App* const command = collateral.add_subcommand(
      "probe", "Ask a certification service step by step, and say which step fails");
  command->footer(
      "Times resolving, connecting, TLS, reply and body of each request, and checks what came up "
      "to the root.\nExit code: 0 when every document is good, 2 when a step fails, 3 when it "
      "cannot be tried.");
  command
      ->add_option("URL", options->url,
                   "Address of the service: https://host:8081, with its path or without")
      ->type_name("")
      ->required();
  command->add_option("--kind", options->kind, "How the service speaks; guessed unless given")
      ->check(CLI::IsMember({"pcs", "pccs", "thim"}))
      ->type_name("KIND");
  command
      ->add_option("--fmspc", options->fmspc,
                   "Whose TCB info is asked for; else the identity of the QE")
      ->type_name("HEX");
  command->add_option("--root", options->root, "Root certificate to trust instead of Intel's")
      ->type_name("FILE");
  CLI::Option* const ca =
      command->add_option("--ca-file", options->ca_file, "CA of the service's TLS certificate")
          ->type_name("FILE");
  command->add_flag("--insecure", options->insecure, "Do not check the TLS certificate")
      ->excludes(ca);
  command->add_option("--proxy", options->proxy, "Proxy; else what the environment says")
      ->type_name("URL");
  command->add_option("--api-key-file", options->api_key_file, "File with the key of a PCS")
      ->type_name("FILE");
  command->add_option("--timeout", options->timeout, "Seconds for one request")
      ->check(CLI::Range(1, 600))
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--json", options->json, "JSON instead of text");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
