// The parameters of a request, hostile: in the query, or the members of a JSON body. Names that
// are not asked for are passed over, because clients add parameters of their own (pcs-api 7).
// Private to the service.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/fixed_bytes.h"
#include "http/request.h"

namespace quoted::simulation {

class Parameters {
 public:
  // InvalidArgument when one stands there twice or there are too many.
  [[nodiscard]] static base::Result<Parameters> of_query(const http::Request& request);
  // InvalidArgument unless it is one JSON object with strings, each name once.
  [[nodiscard]] static base::Result<Parameters> of_json(base::ByteView body);

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] base::Result<std::string_view> required(std::string_view name) const;

  // Exactly the digits of a T, of either case. InvalidArgument.
  template <class T>
  [[nodiscard]] base::Result<T> hex(std::string_view name) const {
    QUOTED_TRY(const base::Bytes bytes, hex_bytes(name, T::kSize));
    return T::parse(bytes);
  }
  // Four digits, little endian (pcs-api 1).
  [[nodiscard]] base::Result<std::uint16_t> hex_16(std::string_view name) const;
  // Up to `max` bytes, empty allowed.
  [[nodiscard]] base::Result<base::Bytes> hex_up_to(std::string_view name, std::size_t max) const;

 private:
  [[nodiscard]] base::Result<base::Bytes> hex_bytes(std::string_view name, std::size_t size) const;

  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace quoted::simulation
