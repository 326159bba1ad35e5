#include "conformance/quote_rules.h"

#include "base/byte_reader.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace quoted::conformance {
namespace {

using base::ByteView;
using base::text;

// Offsets of a version 3 quote.
constexpr std::size_t kReportBody = 48;
constexpr std::size_t kSignatureSize = 432;
constexpr std::size_t kFixedSize = 436;

}  // namespace

std::optional<ByteView> exact_quote(ByteView field) {
  if (field.size() < kFixedSize) return std::nullopt;
  base::Le32 size;
  std::memcpy(&size, field.data() + kSignatureSize, sizeof(size));
  if (size > field.size() - kFixedSize) return std::nullopt;
  return field.first(kFixedSize + size);
}

std::string flaw_of_quote(ByteView field, const std::optional<sgx::Report>& report) {
  const auto quote = exact_quote(field);
  if (!quote) {
    return text("its ", field.size(), " bytes do not hold the quote that they announce at offset ",
                kSignatureSize);
  }
  base::Le16 version;
  std::memcpy(&version, quote->data(), sizeof(version));
  if (version != 3)
    return text("it is of version ", static_cast<std::uint16_t>(version), ", expected 3");
  if (report && !base::equal(quote->subspan(kReportBody, sizeof(sgx::ReportBody)),
                             base::struct_bytes(report->body))) {
    return "it is not of the REPORT that was sent";
  }
  if (!base::all_zero(field.subspan(quote->size()))) return "the bytes behind it are not zero";
  return "";
}

std::string flaw_of_qe_report_info(ByteView info, ByteView quote_field,
                                   const std::optional<sgx::TargetInfo>& qe) {
  const auto parsed = base::parse_struct<sgx::QeReportInfo>(info, "it");
  if (!parsed) return parsed.error().message();
  const auto quote = exact_quote(quote_field);
  if (!quote) return "there is no quote for it to be on";
  const auto digest = crypto::sha256({parsed->nonce.view(), *quote});
  if (!digest) return digest.error().message();
  const ByteView data = parsed->qe_report.body.report_data.view();
  constexpr std::size_t kDigestSize = crypto::Sha256::kSize;
  if (!base::equal(data.first(kDigestSize), digest->view()) ||
      !base::all_zero(data.subspan(kDigestSize))) {
    return "the QE's REPORT in it is not on SHA-256(nonce || quote)";
  }
  const sgx::ReportBody& body = parsed->qe_report.body;
  if (qe && !base::equal(body.mr_enclave.view(), qe->mr_enclave.view())) {
    return "the REPORT in it is of another enclave than target_info";
  }
  if (qe && !base::equal(base::struct_bytes(body.attributes), base::struct_bytes(qe->attributes))) {
    return "the attributes of the REPORT in it are not those of target_info";
  }
  return "";
}

}  // namespace quoted::conformance
