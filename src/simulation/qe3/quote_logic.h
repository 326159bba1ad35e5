// The library flow around the QE (quote-generation 3.9): decides when a key must be made or
// certified again, and makes quotes with the certification data at hand.
#pragma once

#include <filesystem>

#include "simulation/notice.h"
#include "simulation/qe3/pck_provider.h"
#include "simulation/qe3/qe3.h"

namespace quoted::simulation {

// Where the blob survives a restart. An empty path keeps it nowhere.
struct BlobFile {
  std::filesystem::path path;
};

// An attestation key that is certified and ready: immutable.
struct CertifiedKey {
  base::Bytes blob;
  AttestationKey opened;
  std::uint16_t certification_type = 0;  // 5 with a provider, 0 (type 3 data) without
  base::Bytes certification_data;
  std::uint32_t quote_size = 0;
};

class QuoteLogic {
 public:
  // `provider` may be null: quotes then carry type 3 data. All must outlive it.
  QuoteLogic(const Cpu& cpu, const Pce& pce, const Qe3& qe, const PckProvider* provider,
             BlobFile blob_file, Notice notice)
      : cpu_(cpu),
        pce_(pce),
        qe_(qe),
        provider_(provider),
        blob_file_(std::move(blob_file)),
        notice_(std::move(notice)) {}

  // Brings up the attestation key: the stored one when it still fits, else a new one, which is the
  // same key as long as CPUSVN and QE ISVSVN are.
  [[nodiscard]] base::Result<CertifiedKey> initialize() const;

  // The same in two steps, for those who ask for the PCK certificate themselves.
  [[nodiscard]] base::Result<PckQuery> pck_query() const;
  [[nodiscard]] base::Result<CertifiedKey> initialize(const PckCertification& at) const;

  // Usable from many threads.
  [[nodiscard]] base::Result<GeneratedQuote> get_quote(
      const CertifiedKey& key, base::ByteView report, const NonceInput& nonce,
      std::size_t buffer_size, const Cpu& report_cpu, bool check_own_signature) const;

 private:
  [[nodiscard]] std::optional<base::Bytes> load_blob() const;
  void save_blob(const base::Bytes& blob) const;
  [[nodiscard]] base::Result<base::Bytes> certify(base::ByteView blob, const sgx::Report& qe_report,
                                                  const PckQuery& query,
                                                  const PckCertification& at) const;

  const Cpu& cpu_;
  const Pce& pce_;
  const Qe3& qe_;
  const PckProvider* provider_;
  BlobFile blob_file_;
  Notice notice_;
};

}  // namespace quoted::simulation
