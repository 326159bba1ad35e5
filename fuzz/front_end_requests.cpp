#include "front_end_requests.h"

#include "aesm/codec.h"
#include "base/byte_reader.h"
#include "simulation/cpu/published_cpu.h"

namespace quoted::fuzz {

using base::struct_bytes;

std::vector<base::Bytes> genuine_requests(const quoting::SimulatedPlatform& platform) {
  const auto snapshot = platform.snapshot();
  const auto cpu = simulation::parse_published_cpu(platform.published_cpu()).value();
  simulation::Secs enclave;
  enclave.attributes = {sgx::flags::kInit | sgx::flags::kMode64Bit, 7};
  const sgx::Report report = cpu.ereport(enclave, snapshot->qe_target_info, {}).value();
  const sgx::QeReportInfo qe_report_info;
  const sgx::AttestationKeyId own = snapshot->key_id;
  const base::ByteView key = struct_bytes(own);

  sgx::AttestationKeyIdListHeader header;
  header.num_att_ids = 2;
  const sgx::AttestationKeyId foreign;
  base::Bytes list = base::to_bytes(struct_bytes(header));
  base::append(list, struct_bytes(foreign));
  base::append(list, key);

  const aesm::GetQuoteExRequest quote{.report = struct_bytes(report),
                                      .att_key_id = key,
                                      .qe_report_info = std::nullopt,
                                      .buf_size = snapshot->quote_size,
                                      .timeout = 15000};
  aesm::GetQuoteExRequest padded = quote;
  padded.buf_size = 8192;
  padded.qe_report_info = struct_bytes(qe_report_info);
  aesm::GetQuoteExRequest huge = quote;
  huge.buf_size = 64 * 1024;

  const std::vector<aesm::Request> requests{
      aesm::GetSupportedAttKeyIdNumRequest{.timeout = 15000},
      aesm::GetSupportedAttKeyIdsRequest{.buf_size = sizeof(own), .timeout = 15000},
      aesm::SelectAttKeyIdRequest{.att_key_id_list = std::nullopt, .timeout = 15000},
      aesm::SelectAttKeyIdRequest{.att_key_id_list = list, .timeout = std::nullopt},
      aesm::InitQuoteExRequest{
          .att_key_id = key, .b_pub_key_id = false, .buf_size = 0x7FFD'1234'5678, .timeout = 15000},
      aesm::InitQuoteExRequest{.att_key_id = key,
                               .b_pub_key_id = true,
                               .buf_size = sgx::PubKeyId::kSize,
                               .timeout = std::nullopt},
      aesm::GetQuoteSizeExRequest{.att_key_id = key, .timeout = 15000},
      quote,
      padded,
      huge,
      aesm::InitQuoteRequest{.timeout = 15000},
      aesm::CheckUpdateStatusRequest{.platform_info = std::nullopt,
                                     .update_info_size = 1,
                                     .config = 2,
                                     .timeout = std::nullopt},
      aesm::RegisterRequest{.buf = key, .data_type = 0, .timeout = std::nullopt},
  };
  std::vector<base::Bytes> frames;
  for (const aesm::Request& request : requests) {
    frames.push_back(aesm::encode_request_frame(request));
  }
  return frames;
}

}  // namespace quoted::fuzz
