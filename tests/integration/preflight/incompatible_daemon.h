// A daemon that is compatible but for one thing: the service's own request handler on a simulated
// platform, and one deliberate mistake between it and the socket. The proof that the corpus sees
// such mistakes; never installed.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "aesm/messages.h"
#include "base/unique_fd.h"
#include "quoting/simulated_platform.h"
#include "service/request_handler.h"

namespace quoted::preflight {

enum class Mistake : std::uint8_t {
  kNone,
  kNoPadding,            // a quote is as long as it is, whatever the buffer
  kWrongResponseType,    // GetQuoteSizeEx is answered with another response
  kSplitAnswer,          // many writes, each taken before the next
  kWholeKeyIdCompared,   // 256 bytes, not 158
  kSmallBufferCode,      // not 3
  kBadMacCode,           // not 47
  kObeysTimeout,         // as microseconds
  kUnaskedPubKeyId,      // in the answer to the first InitQuoteEx
  kTargetInfoSize,       // 511 bytes
  kDropsQeReportInfo,    // though it was asked for
  kLegacyClosed,         // no answer to EPID and launch requests
  kLegacyUnsupported,    // unsupportedRequestResponse to them
  kErrorCodeOmitted,     // when it is 0
  kFirstBufSizeChecked,  // in the InitQuoteEx that asks for the size
  kBigEndianPrefix,      // of answers
  kUnknownFieldRefused,
  kClosesOnHalfClose,
  kOwnEntrySelected,  // not the client's
  kKeyIdNumOmitted,
  kUnpaddedTail,  // what stands behind a quote is not zero
  kShortPubKeyId,
  kReportBeforeKeyId,  // 3 where 38 comes first
  kAnswersEmpty,       // an error to a message without a request
  kForgedQuote,        // a byte of a signature altered
  kForgedQeReport,     // the MAC of the QE's REPORT altered
  kZeroPubKeyId,
  kManyFields,   // in the answer to GetSupportedAttKeyIDNum
  kPrivateMode,  // of the socket
  kOffersEpid,   // two keys of it, and answers of its own to its requests
  kManyKeys,
  kOneAtATime,  // whoever has connected first is waited for
};

class IncompatibleDaemon {
 public:
  // Serves at directory/aesm.socket until its end, a thread for each connection.
  IncompatibleDaemon(const std::filesystem::path& directory, Mistake mistake);
  IncompatibleDaemon(const IncompatibleDaemon&) = delete;
  IncompatibleDaemon& operator=(const IncompatibleDaemon&) = delete;
  ~IncompatibleDaemon();

  [[nodiscard]] const std::filesystem::path& socket() const { return socket_; }

 private:
  void run();
  void serve(int connection);
  [[nodiscard]] base::Bytes read_body(int connection) const;
  [[nodiscard]] base::Bytes answer(base::ByteView body);
  [[nodiscard]] base::Bytes answer(const aesm::Request& request);
  // The answer to a question for keys; nothing when these are those of the platform.
  [[nodiscard]] std::optional<base::Bytes> answer_about_keys(const aesm::Request& request) const;
  [[nodiscard]] service::Answer conclude(service::QuoteJob job);
  [[nodiscard]] base::Bytes spoil(const aesm::Request& request, base::Bytes frame) const;
  void send(int connection, base::Bytes frame) const;
  [[nodiscard]] bool is(Mistake mistake) const { return mistake_ == mistake; }

  std::filesystem::path socket_;
  Mistake mistake_;
  std::unique_ptr<quoting::SimulatedPlatform> platform_;
  base::UniqueFd listener_;
  std::mutex mutex_;  // one answer at a time
  std::vector<std::thread> connections_;
  std::thread thread_;
};

}  // namespace quoted::preflight
