// The client's end of one connection, and the judge of what comes back on it: which answers are
// due for the bytes that were sent, in which order and with what inside (aesm-protocol 1.4, 3).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "aesm/messages.h"
#include "base/bytes.h"
#include "base/unique_fd.h"
#include "sgx/report.h"

namespace quoted::fuzz {

class FrontEndPeer {
 public:
  // `quote_size` is what the platform's quotes have.
  FrontEndPeer(base::UniqueFd socket, std::uint32_t quote_size);

  // As many of `bytes` as the socket takes.
  void send(base::ByteView bytes);
  void half_close();
  void close();
  void set_reading(bool reading) { reading_ = reading; }

  // Takes what has arrived and judges it.
  void receive();

  // Judges the end of a service that had all the time it wanted: `ended` when it closed the
  // connection, `excused` when something other than this peer may have made it.
  void judge_rest(bool ended, bool excused) const;

  [[nodiscard]] bool open() const { return socket_.valid(); }
  [[nodiscard]] bool reading() const { return reading_; }
  [[nodiscard]] bool answered() const { return answers_ > 0; }
  [[nodiscard]] bool awaits_answer() const { return !due_.empty(); }
  // Between two frames, as far as this side knows.
  [[nodiscard]] bool idle() const { return due_.empty() && unparsed_.empty() && !doomed_; }

 private:
  // What has to be known of a request to judge its answer.
  struct Due {
    aesm::MessageKind kind{};
    bool incomplete = false;  // a required field is missing
    std::uint64_t buf_size = 0;
    bool wants_key_id = false;
    bool wants_qe_report = false;
    std::optional<sgx::ReportBody> report;
  };

  void parse_sent();
  void parse_received();
  void judge(const Due& due, const aesm::Response& response) const;
  void judge_success(const Due& due, const aesm::GetQuoteExResponse& response) const;

  static Due due_for(const aesm::Request& request);

  base::UniqueFd socket_;
  std::uint32_t quote_size_;
  base::Bytes unparsed_;  // sent, not yet a whole frame
  base::Bytes received_;
  std::deque<Due> due_;
  std::size_t answers_ = 0;
  bool doomed_ = false;  // sent something that is never answered
  bool half_closed_ = false;
  bool reading_ = true;
};

}  // namespace quoted::fuzz
