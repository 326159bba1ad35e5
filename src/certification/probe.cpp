#include "certification/probe.h"

#include <algorithm>

#include "base/text.h"
#include "certification/document_check.h"
#include "config/mistakes.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::Result;
using base::text;

enum class CrlForm : std::uint8_t { kOther, kDer, kPem, kHex };

CrlForm form_of(base::ByteView body) {
  const std::string_view text = base::as_text(body);
  if (text.starts_with("-----BEGIN")) return CrlForm::kPem;
  if (text.starts_with("30")) return CrlForm::kHex;
  return text.starts_with('\x30') ? CrlForm::kDer : CrlForm::kOther;
}

// What went over the wire since the last look.
struct Watched {
  std::vector<ProbedRequest> requests;
  CrlForm pck_crl_form = CrlForm::kOther;
};

class WatchingClient final : public http::Client {
 public:
  WatchingClient(std::unique_ptr<http::Client> client, Watched& watched)
      : client_(std::move(client)), watched_(watched) {}

  using http::Client::send;
  [[nodiscard]] Result<http::ClientReply> send(const http::ClientRequest& request,
                                               http::Timings* timings) override {
    ProbedRequest seen{.url = request.url,
                       .over_tls = request.url.starts_with("https:"),
                       .timings = {},
                       .status = {},
                       .warning = {}};
    auto reply = client_->send(request, &seen.timings);
    if (timings != nullptr) *timings = seen.timings;
    if (reply) {
      seen.status = reply->status;
      seen.body_bytes = reply->body.size();
      if (const auto warning = http::find_header(reply->headers, "Warning")) {
        seen.warning = std::string(*warning);
      }
      if (request.url.find("/pckcrl") != std::string::npos && reply->status == 200) {
        watched_.pck_crl_form = form_of(reply->body);
      }
    }
    watched_.requests.push_back(std::move(seen));
    return reply;
  }

 private:
  std::unique_ptr<http::Client> client_;
  Watched& watched_;
};

class Probe {
 public:
  Probe(const ProbeOptions& options, base::UnixTime now)
      : options_(options), now_(now), check_(options.roots) {}

  [[nodiscard]] Result<ProbeReport> run() {
    QUOTED_TRY(const auto sources,
               make_sources(options_.settings, [this](std::unique_ptr<http::Client> client) {
                 return std::make_unique<WatchingClient>(std::move(client), watched_);
               }));
    if (sources.size() != 1) {
      return base::fail(ErrorCode::kInvalidArgument,
                        text(sources.size(), " sources were given, expected one"));
    }
    source_ = sources.front().get();
    report_.source = source_->name();
    if (options_.fmspc) {
      ask(TcbInfoRequest{collateral::Tee::kSgx, *options_.fmspc});
    } else {
      ask(EnclaveIdentityRequest{EnclaveIdentity::kQe});
    }
    ask_pck_crl();
    ask_root_crl();
    add_remarks();
    return std::move(report_);
  }

 private:
  // Whoever is not reached or does not speak HTTP will not be so for the next document either.
  [[nodiscard]] bool is_hopeless() const {
    return std::ranges::any_of(report_.documents, [](const ProbedDocument& one) {
      return one.failure && (one.failure->step < ProbeStep::kReply ||
                             one.failure->error.code() == ErrorCode::kTransferTimeout);
    });
  }

  void ask(const DocumentRequest& request) {
    ProbedDocument out;
    out.what = describe(request);
    if (!is_hopeless()) {
      watched_.requests.clear();
      const auto document = source_->fetch(request);
      out.requests = watched_.requests;
      judge(request, document, out);
    }
    report_.documents.push_back(std::move(out));
  }

  void judge(const DocumentRequest& request, const Result<Document>& document,
             ProbedDocument& out) {
    const auto failed = [&](const base::Error& error) {
      const ProbedRequest* const last = out.requests.empty() ? nullptr : &out.requests.back();
      out.failure =
          ProbeFailure{failed_step(error.code(), last == nullptr ? http::Timings() : last->timings,
                                   last != nullptr && last->over_tls),
                       error};
    };
    if (!document) return failed(document.error());
    const auto facts = check_.examine(request, *document);
    if (!facts) return failed(facts.error());
    if (root_crl_url_.empty()) note_root(*facts);
    if (const auto current = check_current(*facts, out.what, now_); !current) {
      return failed(current.error());
    }
    out.valid_until = facts->valid_until;
  }

  // Where the root's CRL is stands in the root certificate; one that is not trusted could send us
  // to any address.
  void note_root(const DocumentFacts& facts) {
    if (facts.issuers.empty() || facts.issuers.back().crl_urls().empty()) return;
    root_crl_url_ = facts.issuers.back().crl_urls().front();
  }

  // A caching service may have the platforms of one CA only.
  void ask_pck_crl() {
    ask(PckCrlRequest{collateral::PckCa::kPlatform});
    const ProbedDocument& first = report_.documents.back();
    if (!first.failure || first.failure->error.code() != ErrorCode::kNotFoundAtSource) return;
    ask(PckCrlRequest{collateral::PckCa::kProcessor});
    if (!report_.documents.back().good()) return;
    report_.documents.erase(report_.documents.end() - 2);
    report_.remarks.push_back(
        "the service has no CRL of the platform CA, but one of the processor"
        " CA: that is enough for nodes with one socket");
  }

  void ask_root_crl() {
    if (root_crl_url_.empty()) {
      report_.documents.push_back({.what = describe(DocumentRequest(RootCaCrlRequest())),
                                   .requests = {},
                                   .failure = {},
                                   .valid_until = {}});
      return;
    }
    ask(RootCaCrlRequest{root_crl_url_});
  }

  void add_remarks() {
    const SourceSettings& source = options_.settings.sources.front();
    if (source.kind == SourceKind::kPccs &&
        (watched_.pck_crl_form == CrlForm::kPem || watched_.pck_crl_form == CrlForm::kDer)) {
      report_.remarks.push_back(
          "the PCK CRL comes as PEM or DER as Intel's service gives it, where a PCCS gives "
          "hexadecimal digits: the kind is more likely pcs");
    }
    if (source.kind == SourceKind::kPcs && watched_.pck_crl_form == CrlForm::kHex) {
      report_.remarks.push_back(
          "the PCK CRL comes as hexadecimal digits as a PCCS gives it, where Intel's service gives "
          "DER: the kind is more likely pccs");
    }
    if (!source.verify_tls) {
      report_.remarks.push_back(
          "nothing was asked of the TLS certificate; documents are believed for their signatures "
          "alone");
    }
    for (const ProbedDocument& one : report_.documents) {
      for (const ProbedRequest& request : one.requests) {
        if (!request.warning) continue;
        std::string remark = text("the service warns: ", config::shown(*request.warning),
                                  "; an API version that is about to end is announced so");
        if (std::ranges::find(report_.remarks, remark) == report_.remarks.end()) {
          report_.remarks.push_back(std::move(remark));
        }
      }
    }
  }

  const ProbeOptions& options_;
  base::UnixTime now_;
  DocumentCheck check_;
  const Source* source_ = nullptr;
  std::string root_crl_url_;
  Watched watched_;
  ProbeReport report_;
};

}  // namespace

const ProbeFailure* ProbeReport::first_failure() const {
  const ProbeFailure* out = nullptr;
  for (const ProbedDocument& one : documents) {
    if (one.failure && (out == nullptr || one.failure->step < out->step)) out = &*one.failure;
  }
  return out;
}

Result<ProbeReport> probe(const ProbeOptions& options, base::UnixTime now) {
  return Probe(options, now).run();
}

}  // namespace quoted::certification
