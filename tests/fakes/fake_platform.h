// A platform whose every answer a test decides.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "quoting/platform.h"

namespace quoted::test {

inline constexpr std::uint32_t kFakeQuoteSize = 4600;

// Certified, with recognisable bytes in every field.
inline quoting::PlatformSnapshot certified_snapshot() {
  quoting::PlatformSnapshot out;
  out.state = quoting::CertificationState::kCertified;
  out.key_id = sgx::ecdsa_p256_key_id();
  out.qe_target_info.mr_enclave.mutable_view()[0] = std::byte{0xA1};
  out.qe_target_info.misc_select = 0x5A;
  out.pub_key_id.mutable_view()[31] = std::byte{0xB2};
  out.quote_size = kFakeQuoteSize;
  return out;
}

inline quoting::PlatformSnapshot uncertified_snapshot(base::Error reason) {
  quoting::PlatformSnapshot out = certified_snapshot();
  out.state = quoting::CertificationState::kUncertified;
  out.reason = std::move(reason);
  out.quote_size = 0;
  return out;
}

// A quote of the expected size that can be told apart from padding, with the QE report filled
// when it was asked for.
inline quoting::QuoteOutput fake_quote(const quoting::QuoteRequest& request) {
  quoting::QuoteOutput out;
  out.quote.assign(kFakeQuoteSize, std::byte{0x51});
  out.qe_report_info = request.qe_report_info;
  if (out.qe_report_info) out.qe_report_info->qe_report.mac.mutable_view()[15] = std::byte{0xC3};
  return out;
}

class FakePlatform final : public quoting::Platform {
 public:
  using Quoter = std::function<void(const quoting::QuoteRequest&, quoting::Deadline,
                                    quoting::QuoteCompletion)>;

  explicit FakePlatform(quoting::PlatformSnapshot snapshot = certified_snapshot())
      : snapshot_(std::make_shared<const quoting::PlatformSnapshot>(std::move(snapshot))) {}

  void set_snapshot(quoting::PlatformSnapshot snapshot) {
    auto shared = std::make_shared<const quoting::PlatformSnapshot>(std::move(snapshot));
    const std::scoped_lock lock(mutex_);
    snapshot_ = std::move(shared);
  }

  // What quote() does from now on; by default it completes at once with fake_quote.
  void set_quoter(Quoter quoter) {
    const std::scoped_lock lock(mutex_);
    quoter_ = std::move(quoter);
  }

  [[nodiscard]] std::shared_ptr<const quoting::PlatformSnapshot> snapshot() const override {
    const std::scoped_lock lock(mutex_);
    return snapshot_;
  }

  void quote(const quoting::QuoteRequest& request, quoting::Deadline deadline,
             quoting::QuoteCompletion done) override {
    Quoter quoter;
    {
      const std::scoped_lock lock(mutex_);
      quoter = quoter_;
    }
    quoter(request, deadline, std::move(done));
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const quoting::PlatformSnapshot> snapshot_;
  Quoter quoter_ = [](const quoting::QuoteRequest& request, quoting::Deadline,
                      const quoting::QuoteCompletion& done) { done(fake_quote(request)); };
};

}  // namespace quoted::test
