#include "quote/load.h"

#include <thread>

#include "aesm/client.h"
#include "aesm/codec.h"
#include "aesm/framing.h"
#include "aesm/transport.h"
#include "base/file.h"
#include "base/text.h"
#include "simulation/cpu/published_cpu.h"

namespace quoted::bench {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;

constexpr std::size_t kMaxPublishedCpuSize = 4096;
constexpr std::chrono::milliseconds kPatience{60'000};
constexpr std::chrono::milliseconds kPause{5};

Result<sgx::Report> make_report(const std::filesystem::path& socket,
                                const sgx::TargetInfo& target) {
  QUOTED_TRY(const base::Bytes published,
             base::read_file(socket.parent_path() / simulation::kPublishedCpuFileName,
                             kMaxPublishedCpuSize));
  QUOTED_TRY(const simulation::PlatformCpu cpu, simulation::parse_published_cpu(published));
  simulation::Secs enclave;
  constexpr std::uint64_t kX87AndSse = 3;
  enclave.attributes = {sgx::flags::kInit | sgx::flags::kMode64Bit, kX87AndSse};
  return cpu.ereport(enclave, target, {});
}

template <class Attempt>
auto repeat(const Attempt& attempt) -> std::invoke_result_t<Attempt> {
  const aesm::Deadline deadline(kPatience);
  for (;;) {
    auto result = attempt();
    if (result || deadline.left() == std::chrono::milliseconds(0)) return result;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

Status wait_for(const std::filesystem::path& socket) {
  return repeat([&]() -> Status {
    QUOTED_TRY(const base::UniqueFd fd, aesm::connect(socket, aesm::Deadline(kPatience)));
    return {};
  });
}

Result<Exchange> prepare(const std::filesystem::path& socket) {
  const aesm::Client client(socket);
  QUOTED_TRY(const auto initialized, repeat([&] { return client.init_quote(); }));
  QUOTED_TRY(const std::uint32_t size, client.quote_size());
  QUOTED_TRY(const sgx::Report report, make_report(socket, initialized.target_info));
  const sgx::AttestationKeyId key = sgx::ecdsa_p256_key_id();
  Exchange out;
  out.request =
      aesm::encode_request_frame(aesm::GetQuoteExRequest{.report = base::struct_bytes(report),
                                                         .att_key_id = base::struct_bytes(key),
                                                         .qe_report_info = {},
                                                         .buf_size = size,
                                                         .timeout = 15'000});
  const aesm::Deadline deadline(kPatience);
  QUOTED_TRY(base::UniqueFd fd, aesm::connect(socket, deadline));
  QUOTED_TRY(base::Bytes body,
             aesm::exchange_on(fd, socket, out.request, deadline, aesm::kMaxResponseSize));
  out.answer_size = aesm::kFramePrefixSize + body.size();
  QUOTED_TRY(const aesm::OwnedResponse response, aesm::OwnedResponse::decode(std::move(body)));
  const auto* const quote = std::get_if<aesm::GetQuoteExResponse>(&response.get());
  if (quote == nullptr || quote->error_code != 0U) {
    return fail(ErrorCode::kUnexpectedResponse, "the daemon does not quote");
  }
  return out;
}

Status ask(const std::filesystem::path& socket, const Exchange& exchange, Connections connections,
           int count) {
  const aesm::Deadline deadline(kPatience * 10);
  base::UniqueFd fd;
  for (int i = 0; i < count; ++i) {
    if (!fd.valid() || connections == Connections::kOneEach) {
      QUOTED_TRY(fd, aesm::connect(socket, deadline));
    }
    QUOTED_TRY(const base::Bytes body,
               aesm::exchange_on(fd, socket, exchange.request, deadline, aesm::kMaxResponseSize));
    if (aesm::kFramePrefixSize + body.size() != exchange.answer_size) {
      return fail(ErrorCode::kUnexpectedResponse,
                  text("an answer of ", body.size(), " bytes, expected ",
                       exchange.answer_size - aesm::kFramePrefixSize));
    }
  }
  return {};
}

}  // namespace quoted::bench
