// A certification service on the loopback that serves the files of `quotectl sim collateral` in the
// dialect of Intel's service or of a PCCS, until a test changes an answer.
#pragma once

#include <map>
#include <mutex>

#include "base/file.h"
#include "base/hex.h"
#include "base/text.h"
#include "http/percent.h"
#include "http/testing/test_server.h"

namespace quoted::quotectl {

enum class Dialect : std::uint8_t { kPcs, kPccs };

class CertificationServer {
 public:
  CertificationServer(const std::string& directory, Dialect dialect) {
    const auto text = [&](const std::string& name) {
      const auto content = base::read_file(directory + "/" + name, std::size_t{1} << 20U).value();
      return std::string(base::as_text(content));
    };
    const auto add = [&](const std::string& path, std::string body, std::string_view header,
                         const std::string& chain) {
      http::Response response;
      if (!chain.empty()) {
        response.headers = {{std::string(header), http::percent_encoded(text(chain))}};
      }
      response.body = std::move(body);
      answers_[path] = std::move(response);
    };
    const auto crl = [&](const std::string& name) {
      const std::string der = text(name);
      return dialect == Dialect::kPcs ? der : base::to_hex(base::as_bytes(der));
    };
    const std::string base = "/sgx/certification/v4/";
    add(base + "tcb", text("tcb_info.json"), "TCB-Info-Issuer-Chain", "tcb_info_issuer_chain.pem");
    add(base + "qe/identity", text("qe_identity.json"), "SGX-Enclave-Identity-Issuer-Chain",
        "qe_identity_issuer_chain.pem");
    add(base + "pckcrl", crl("pck_crl.der"), "SGX-PCK-CRL-Issuer-Chain",
        "pck_crl_issuer_chain.pem");
    add(dialect == Dialect::kPcs ? "/SIMULATED-NO-SECURITY/IntelSGXRootCA.der" : base + "rootcacrl",
        crl("root_ca_crl.der"), "", "");
    http::Router router;
    for (const auto& [path, unused] : answers_) {
      router.add({.method = "GET", .path = path, .handler = [this](const http::Request& request) {
                    return answer(request);
                  }});
    }
    http::ServerOptions options;
    options.endpoints = {http::TcpEndpoint{}};
    options.threads = 1;
    server_ = http::Server::start(std::move(options), std::move(router), counts_).value();
  }

  // "http://127.0.0.1:40000/sgx/certification/v4/"
  [[nodiscard]] std::string url() const {
    return base::text("http://", http::to_text(server_->endpoints().front()),
                      "/sgx/certification/v4/");
  }

  // What is answered from now on instead; `path` is "tcb", "pckcrl" ...
  void replace(const std::string& path, http::Response response) {
    const std::scoped_lock lock(mutex_);
    answers_.at("/sgx/certification/v4/" + path) = std::move(response);
  }
  [[nodiscard]] http::Response current(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    return answers_.at("/sgx/certification/v4/" + path);
  }
  [[nodiscard]] std::vector<http::Request> asked() {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }

 private:
  http::Response answer(const http::Request& request) {
    const std::scoped_lock lock(mutex_);
    asked_.push_back(request);
    return answers_.at(request.path);
  }

  std::mutex mutex_;
  std::map<std::string, http::Response> answers_;
  std::vector<http::Request> asked_;
  http::testing::Counts counts_;
  std::unique_ptr<http::Server> server_;  // the first to go: its handlers use the others
};

}  // namespace quoted::quotectl
