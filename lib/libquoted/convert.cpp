#include "libquoted/convert.h"

namespace quoted::api {

Error to_public(const base::Error& error) {
  const base::ErrorEntry& entry = error.entry();
  return {.id = std::string(entry.id),
          .name = std::string(entry.name),
          .message = error.summary(),
          .cause = std::string(entry.cause),
          .remedy = std::string(entry.remedy),
          .service_code = error.peer_code().value_or(0)};
}

Bytes to_public(base::ByteView bytes) {
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {begin, begin + bytes.size()};
}

}  // namespace quoted::api
