#include "certification/service.h"

#include <array>

#include "base/byte_reader.h"
#include "certification/collateral_sets.h"
#include "crypto/random.h"

namespace quoted::certification {
namespace {

using base::Result;

class CachedService final : public Service {
 public:
  CachedService(const ServiceOptions& options, std::vector<std::unique_ptr<Source>> sources,
                const base::Clock& clock, ServiceObserver& observer, std::uint64_t jitter)
      : stale_limit_(options.stale_limit),
        keeper_(options, std::move(sources), clock, observer, jitter),
        sets_(keeper_, options, clock) {}

  [[nodiscard]] Result<Answer<PckCertification>> pck_certificate(const PckRequest& request,
                                                                 Freshness freshness) override {
    QUOTED_TRY(const Obtained obtained, keeper_.obtain(request, freshness));
    QUOTED_TRY(PckCertification value, certification_of(obtained.kept->record));
    return answer(std::move(value), obtained);
  }

  [[nodiscard]] Result<Answer<Document>> document(const DocumentRequest& request,
                                                  Freshness freshness) override {
    QUOTED_TRY(const Obtained obtained, keeper_.obtain(request, freshness));
    return answer(document_of(obtained.kept->record), obtained);
  }

  [[nodiscard]] Result<Answer<collateral::Collateral>> collateral(const PlatformLine& line,
                                                                  Freshness freshness) override {
    return sets_.get(line, freshness);
  }

  [[nodiscard]] base::Status register_platform(const Registration& platform) override {
    return keeper_.register_platform(platform);
  }

  [[nodiscard]] base::UnixTime refresh_due() override { return keeper_.refresh_due(); }

 private:
  template <class T>
  [[nodiscard]] Answer<T> answer(T value, const Obtained& obtained) const {
    const Kept& kept = *obtained.kept;
    return {std::move(value),
            kept.record.source,
            kept.record.fetched,
            kept.refresh_at,
            kept.facts.valid_until + stale_limit_,
            obtained.stale};
  }

  const std::chrono::seconds stale_limit_;
  Keeper keeper_;
  CollateralSets sets_;
};

}  // namespace

Result<std::unique_ptr<Service>> Service::create(ServiceOptions options,
                                                 std::vector<std::unique_ptr<Source>> sources,
                                                 const base::Clock& clock,
                                                 ServiceObserver& observer) {
  if (options.roots.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "there is no trusted root, so that nothing could be verified");
  }
  base::Le64 jitter;
  std::array<std::byte, sizeof(jitter)> random{};
  QUOTED_CHECK(crypto::fill_random(random));
  QUOTED_TRY(jitter, base::parse_struct<base::Le64>(random, "random bytes"));
  return std::make_unique<CachedService>(options, std::move(sources), clock, observer, jitter);
}

}  // namespace quoted::certification
