#include "sgx_dcap_quoteverify/verify.h"

#include "base/text.h"
#include "sgx_dcap_quoteverify/documents.h"
#include "sgx_dcap_quoteverify/platform.h"
#include "sgx_dcap_quoteverify/provider.h"
#include "sgx_dcap_quoteverify/state.h"

namespace quoted::quoteverify {
namespace {

using base::text;
using verification::Mode;
using verification::Supplemental;
using verification::SupplementalVersion;
using verification::Verdict;

using Room = std::optional<SupplementalRoom>;

constexpr std::uint32_t kExpired = 1;

Answer<void> check_outputs(const VerifyArguments& in) {
  if (in.expiration_status == nullptr) {
    return invalid("the pointer for the expiration status is NULL");
  }
  if (in.result == nullptr) return invalid("the pointer for the result is NULL");
  if (in.at <= 0) return invalid(text("the time of verification, ", in.at, ", is not after 1970"));
  return {};
}

Answer<void> write_supplemental(const SupplementalRoom& room, const Verdict& verdict) {
  const auto data = verification::supplemental_of(verdict, room.version);
  if (!data) return refuse(SGX_QL_ERROR_UNEXPECTED, data.error().summary());
  store(room.place, *data);
  return {};
}

Answer<void> write_answer(const Verdict& verdict, const Room& room, const VerifyArguments& out) {
  const verification::CollateralVerdict& found = verdict.collateral.value();
  store(out.expiration_status, found.expiration_status);
  if (verdict.refusal) {
    return refuse(static_cast<quote3_error_t>(found.qv_return), verdict.refusal->summary());
  }
  if (room) {
    if (const auto written = write_supplemental(*room, verdict); !written) return written;
  }
  store(out.result, static_cast<sgx_ql_qv_result_t>(found.qv_result));
  return {};
}

// What a verification consists of once its parameters are known to be sound.
struct Question {
  base::ByteView quote;
  base::UnixTime at;
  Room room;
};

Answer<void> judge(const Question& question, const Documents& documents,
                   const VerifyArguments& out) {
  const ForkGate gate;
  State& state = State::current();
  if (state.trust().roots.empty()) {
    return refuse(SGX_QL_PCK_CERT_CHAIN_ERROR, "QUOTED_TRUSTED_ROOT names no root to trust");
  }
  const Room& room = question.room;
  const bool advisories = room && room->version == SupplementalVersion::k3_3;
  const auto with = [&](const auto& collateral) {
    return state.verifier().verify(question.quote, collateral, question.at,
                                   {.mode = Mode::kIntel, .advisory_list = advisories});
  };
  if (const auto known = state.collaterals().find(documents)) {
    return write_answer(with(*known), room, out);
  }
  // Nothing is remembered of collateral that may be anybody's.
  collateral::Collateral copy = copy_of(documents);
  const auto fresh = verification::PreparedCollateral::prepare(copy);
  if (!fresh) return refuse(SGX_QL_ERROR_OUT_OF_MEMORY, fresh.error().summary());
  Answer<void> answer = write_answer(with(fresh->parsed()), room, out);
  if (answer) state.collaterals().keep(std::move(copy), *fresh);
  return answer;
}

Answer<void> judge_with_provider(const Question& question, const VerifyArguments& out) {
  const auto platform = platform_of(question.quote);
  if (!platform) return tl::unexpected(platform.error());
  const auto provided = fetch_collateral(*platform);
  if (!provided) return tl::unexpected(provided.error());
  const auto documents = read_documents(provided->get());
  if (!documents) return tl::unexpected(documents.error());
  return judge(question, *documents, out);
}

}  // namespace

Answer<Room> read_room(std::uint32_t size, std::uint8_t* place) {
  if (place == nullptr && size == 0) return Room();
  if (place == nullptr || size != sizeof(Supplemental)) {
    return invalid(text(size, " bytes for supplemental data, expected ", sizeof(Supplemental),
                        " and a place for them"));
  }
  return Room(SupplementalRoom{place, SupplementalVersion::k3_0});
}

Answer<Room> read_descriptor(const tee_supp_data_descriptor_t* descriptor) {
  constexpr std::uint16_t kVersion = 3;
  if (descriptor == nullptr) return Room();
  const auto in = load<tee_supp_data_descriptor_t>(descriptor);
  if (in.major_version > kVersion) {
    return refuse(
        SGX_QL_SUPPLEMENTAL_DATA_VERSION_NOT_SUPPORTED,
        text("supplemental data of version ", in.major_version, ", the latest is ", kVersion));
  }
  if (in.major_version != 0 && in.major_version != kVersion) {
    return invalid(
        text("supplemental data of version ", in.major_version, " do not exist any more"));
  }
  if (in.p_data == nullptr || in.data_size != sizeof(Supplemental)) {
    return invalid(text(in.data_size, " bytes for supplemental data, expected ",
                        sizeof(Supplemental), " and a place for them"));
  }
  return Room(SupplementalRoom{in.p_data, SupplementalVersion::k3_3});
}

Answer<void> verify(const VerifyArguments& in, const Answer<Room>& room) {
  // Whatever happens from here on, nobody mistakes what was there before for an answer.
  store_if(in.result, SGX_QL_QV_RESULT_UNSPECIFIED);
  store_if(in.expiration_status, kExpired);

  const auto quote = read_quote(in.quote, in.quote_size);
  if (!quote) return tl::unexpected(quote.error());
  if (const auto outputs = check_outputs(in); !outputs) return outputs;
  if (!room) return tl::unexpected(room.error());
  if (*room) store((*room)->place, Supplemental());
  std::optional<Documents> documents;
  if (in.collateral != nullptr) {
    const auto read = read_documents(in.collateral);
    if (!read) return tl::unexpected(read.error());
    documents = *read;
  }
  if (in.report_info != nullptr) {
    return refuse(SGX_QL_ERROR_UNEXPECTED,
                  "a report of the Quote Verification Enclave is asked for, which is not here");
  }

  const Question question{*quote, base::UnixTime(std::chrono::seconds(in.at)), *room};
  return documents ? judge(question, *documents, in) : judge_with_provider(question, in);
}

}  // namespace quoted::quoteverify
