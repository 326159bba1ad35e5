// Every message of the protocol, fully populated and minimal, written down twice: as our
// structure and with the accessors that protobuf generated. For tests.
#pragma once

#include <string>
#include <vector>

#include "aesm/messages.h"
#include "aesm_messages.pb.h"

namespace quoted::aesm::test {

template <class Ours, class Theirs>
struct Sample {
  std::string name;
  MessageKind kind;
  Ours ours;
  Theirs theirs;
};
using RequestSample = Sample<Request, ::aesm::message::Request>;
using ResponseSample = Sample<Response, ::aesm::message::Response>;

[[nodiscard]] const std::vector<RequestSample>& request_samples();
[[nodiscard]] const std::vector<ResponseSample>& response_samples();

}  // namespace quoted::aesm::test
