#include "certification/source_list.h"

#include "certification/failures.h"

namespace quoted::certification {

using base::ErrorCode;
using base::Result;
using base::Status;

bool is_missing(ErrorCode code) {
  return code == ErrorCode::kPlatformUnknown || code == ErrorCode::kNoPckForTcb ||
         code == ErrorCode::kNotFoundAtSource;
}

namespace {

// A source that answers so is up, and good for other requests.
bool works(ErrorCode code) { return is_missing(code) || code == ErrorCode::kPckSelectionFailed; }

bool is_for(const Source& source, const Request& request) {
  return std::holds_alternative<PckRequest>(request) ? source.is_for_certificates()
                                                     : source.is_for_collateral();
}

base::Error no_source() {
  return {ErrorCode::kNoCollateralSource, "there is no source to ask for this"};
}

}  // namespace

SourceList::SourceList(const ServiceOptions& options, std::vector<std::unique_ptr<Source>> sources,
                       const base::Clock& clock, ServiceObserver& observer)
    : clock_(clock), observer_(observer) {
  for (auto& source : sources) {
    std::string name = source->name().substr(0, kMaxCacheText);
    members_.push_back({std::move(source), Breaker(options), std::move(name)});
  }
}

template <class Call>
auto SourceList::guarded(Member& member, const Call& call) {
  using Answer = decltype(call(*member.source));
  {
    const std::scoped_lock lock(mutex_);
    const base::UnixTime now = clock_.now();
    if (!member.breaker.admit(now)) {
      return Answer(base::fail(member.breaker.refusal(now)));
    }
  }
  Answer answer = call(*member.source);
  const std::scoped_lock lock(mutex_);
  if (answer || works(answer.error().code())) {
    member.breaker.succeeded();
  } else {
    member.breaker.failed(clock_.now(), answer.error());
  }
  return answer;
}

Result<CacheRecord> SourceList::ask(Member& member, const Request& request) {
  QUOTED_CHECK(member.source->can_ask(request));
  return guarded(member, [&](const Source& source) -> Result<CacheRecord> {
    if (const auto* const document = std::get_if<DocumentRequest>(&request)) {
      QUOTED_TRY(const Document answer, source.fetch(*document));
      return record_of(answer);
    }
    QUOTED_TRY(const PckCertification answer,
               source.pck_certificate(std::get<PckRequest>(request)));
    return record_of(answer);
  });
}

tl::expected<SourceList::Fetched, SourceList::NotFetched> SourceList::fetch(const Request& request,
                                                                            const Check& check) {
  const std::string document = describe(request);
  Failures failures;
  for (Member& member : members_) {
    if (!is_for(*member.source, request)) continue;
    const auto failed = [&](const base::Error& error) {
      // One line for each suspended source and request would hide what it failed with.
      if (error.code() != ErrorCode::kSourceSuspended) {
        observer_.failed(member.name, document, error);
      }
      failures.add(member.name, error);
    };
    auto record = ask(member, request);
    if (!record) {
      failed(record.error());
      continue;
    }
    record->key = cache_key(request);
    record->source = member.name;
    record->fetched = clock_.now();
    auto facts = check(*record);
    if (!facts) {
      failed(facts.error());
      continue;
    }
    record->valid_from = facts->valid_from;
    record->valid_until = facts->valid_until;
    observer_.fetched(member.name, document);
    return Fetched{*std::move(record), *std::move(facts)};
  }
  if (failures.empty()) return tl::unexpected(NotFetched{no_source(), false});
  return tl::unexpected(NotFetched{failures.nearest(), failures.all_answered()});
}

Status SourceList::register_platform(const Registration& platform) {
  Failures failures;
  for (Member& member : members_) {
    if (!member.source->is_for_certificates()) continue;
    Status answer = member.source->can_register(platform);
    if (answer) {
      answer =
          guarded(member, [&](const Source& source) { return source.register_platform(platform); });
    }
    if (answer) return {};
    observer_.failed(member.name, "the registration of this platform", answer.error());
    failures.add(member.name, answer.error());
  }
  return base::fail(failures.empty() ? no_source() : failures.nearest());
}

}  // namespace quoted::certification
