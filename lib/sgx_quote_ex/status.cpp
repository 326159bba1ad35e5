#include "sgx_quote_ex/status.h"

#include <array>
#include <cstddef>

namespace quoted::quote_ex {
namespace {

constexpr unsigned bit(Column column) { return 1U << static_cast<unsigned>(column); }

constexpr unsigned kInit = bit(Column::kInit);
constexpr unsigned kQuote = bit(Column::kQuote);
constexpr unsigned kInitAndQuote = kInit | kQuote;
constexpr unsigned kSizeAndQuote = bit(Column::kSize) | kQuote;
constexpr unsigned kAll = bit(Column::kSelect) | bit(Column::kIds) | kInitAndQuote | kSizeAndQuote;
constexpr unsigned kAllButIds = kAll & ~bit(Column::kIds);

struct Row {
  std::uint32_t aesm;
  sgx_status_t status;
  unsigned columns;
};

constexpr auto kRows = std::to_array<Row>({
    {0, SGX_SUCCESS, kAll},
    {2, SGX_ERROR_NO_DEVICE, kAll},
    {3, SGX_ERROR_INVALID_PARAMETER, kAll},
    {4, SGX_ERROR_AE_INVALID_EPIDBLOB, kInitAndQuote},
    {5, SGX_ERROR_EPID_MEMBER_REVOKED, kInitAndQuote},
    {12, SGX_ERROR_NETWORK_FAILURE, kAll},
    {13, SGX_ERROR_NETWORK_FAILURE, kAll},
    {14, SGX_ERROR_NETWORK_FAILURE, kAll},
    {17, SGX_ERROR_SERVICE_UNAVAILABLE, kAll},
    {18, SGX_ERROR_BUSY, kAll},
    {19, SGX_ERROR_BUSY, kInitAndQuote},
    {20, SGX_ERROR_UPDATE_NEEDED, kAll},
    {21, SGX_ERROR_OUT_OF_MEMORY, kAll},
    {29, SGX_ERROR_OUT_OF_EPC, kInitAndQuote},
    {30, SGX_ERROR_SERVICE_UNAVAILABLE, kAll},
    {31, SGX_ERROR_UNRECOGNIZED_PLATFORM, kAll},
    {38, SGX_ERROR_UNSUPPORTED_ATT_KEY_ID, kAllButIds},
    {42, SGX_ERROR_ATT_KEY_UNINITIALIZED, kSizeAndQuote},
    {44, SGX_ERROR_PLATFORM_CERT_UNAVAILABLE, kInit},
    {45, SGX_ERROR_MAC_MISMATCH, kQuote},
    {46, SGX_ERROR_SERVICE_UNAVAILABLE, kAll},
    {47, SGX_ERROR_MAC_MISMATCH, kQuote},
    {48, SGX_ERROR_SERVICE_UNAVAILABLE, kAll},
    {50, SGX_ERROR_ATT_KEY_CERTIFICATION_FAILURE, kInit},
});

}  // namespace

sgx_status_t status_for(Column column, std::uint32_t aesm) {
  for (const Row& row : kRows) {
    if (row.aesm == aesm && (row.columns & bit(column)) != 0) return row.status;
  }
  return SGX_ERROR_UNEXPECTED;
}

}  // namespace quoted::quote_ex
