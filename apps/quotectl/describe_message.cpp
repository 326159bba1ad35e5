#include "quotectl/describe_message.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "aesm/codec.h"
#include "aesm/framing.h"
#include "aesm/schema.h"
#include "base/byte_reader.h"
#include "base/hex.h"
#include "base/text.h"
#include "quote/certification_data.h"
#include "quote/quote.h"
#include "recording/compare_answers.h"
#include "sgx/attestation_key_id.h"

namespace quoted::quotectl {
namespace {

using base::ByteView;
using base::text;
using recording::Item;
using recording::Side;

std::string_view algorithm_name(std::uint32_t algorithm) {
  switch (algorithm) {
    case 0:
      return "EPID, unlinkable";
    case 1:
      return "EPID, linkable";
    case sgx::kAlgorithmEcdsaP256:
      return "ECDSA P-256";
    default:
      return "unknown";
  }
}

Json describe_key_id(const sgx::AttestationKeyId& id) {
  const std::uint32_t algorithm = id.base.algorithm_id;
  const std::size_t signer_size = std::min<std::size_t>(
      static_cast<std::uint16_t>(id.base.mrsigner_length), id.base.mrsigner.view().size());
  return {{"algorithm", text(algorithm, ' ', algorithm_name(algorithm))},
          {"prod_id", static_cast<std::uint32_t>(id.base.prod_id)},
          {"mr_signer", base::to_hex(id.base.mrsigner.view().first(signer_size))},
          {"is_usual_ecdsa_key", id.base == sgx::ecdsa_p256_key_id().base}};
}

Json describe_key_ids(ByteView bytes) {
  Json out = Json::array();
  while (bytes.size() >= sizeof(sgx::AttestationKeyId)) {
    const auto id = base::parse_struct<sgx::AttestationKeyId>(
        bytes.first(sizeof(sgx::AttestationKeyId)), "key id");
    if (id) out.push_back(describe_key_id(*id));
    bytes = bytes.subspan(sizeof(sgx::AttestationKeyId));
  }
  if (!bytes.empty()) out.push_back({{"rest", base::to_hex(bytes)}});
  return out;
}

Json describe_key_id_list(ByteView bytes) {
  base::ByteReader reader(bytes);
  const auto header = reader.take_struct<sgx::AttestationKeyIdListHeader>("header");
  if (!header) return base::to_hex(bytes);
  return {{"count", static_cast<std::uint32_t>(header->num_att_ids)},
          {"key_ids", describe_key_ids(bytes.subspan(sizeof(*header)))}};
}

// What tells quotes apart; `quotectl inspect` shows the rest.
Json describe_quote_summary(ByteView bytes) {
  std::size_t padding = 0;
  const auto quote = quote::Quote::parse(bytes, &padding);
  if (!quote) {
    return {
        {"size", bytes.size()}, {"damaged", quote.error().summary()}, {"hex", base::to_hex(bytes)}};
  }
  Json out = {{"size", bytes.size() - padding},
              {"zero_bytes_behind", padding},
              {"version", static_cast<std::uint16_t>(quote->header.version)}};
  if (const auto* const body = quote->report_body()) {
    out["mr_enclave"] = body->mr_enclave.hex();
    out["mr_signer"] = body->mr_signer.hex();
    out["report_data"] = body->report_data.hex();
  }
  out["attestation_key"] = quote->signature.attestation_key.hex();
  out["certification_data"] = quote::certification_type_name(quote->certification_type);
  return out;
}

template <class Struct, class Describe>
Json describe_struct(ByteView bytes, const Describe& describe) {
  const auto parsed = base::parse_struct<Struct>(bytes, "it");
  if (parsed) return describe(*parsed);
  return {
      {"size", bytes.size()}, {"damaged", parsed.error().message()}, {"hex", base::to_hex(bytes)}};
}

Json describe_qe_report_info(const sgx::QeReportInfo& info) {
  return {{"nonce", info.nonce.hex()},
          {"target_mr_enclave", info.app_enclave_target_info.mr_enclave.hex()},
          {"qe_report", base::all_zero(base::struct_bytes(info.qe_report))
                            ? Json("zero")
                            : describe_report(info.qe_report)}};
}

// The fields of the same name mean the same in every message that has one.
Json describe_bytes(std::string_view name, ByteView bytes) {
  if (name == "report") return describe_struct<sgx::Report>(bytes, describe_report);
  if (name == "target_info") return describe_struct<sgx::TargetInfo>(bytes, describe_target_info);
  if (name == "qe_report_info") {
    return describe_struct<sgx::QeReportInfo>(bytes, describe_qe_report_info);
  }
  if (name == "quote") return describe_quote_summary(bytes);
  if (name == "att_key_id_list") return describe_key_id_list(bytes);
  if (name == "att_key_ids") return describe_key_ids(bytes);
  if (name == "att_key_id" || name == "selected_att_key_id") {
    return describe_struct<sgx::AttestationKeyId>(bytes, describe_key_id);
  }
  return base::to_hex(bytes);
}

Json describe_value(std::string_view name, ByteView value) { return describe_bytes(name, value); }
Json describe_value(std::string_view /*name*/, bool value) { return value; }
Json describe_value(std::string_view /*name*/, std::uint64_t value) { return value; }
Json describe_value(std::string_view name, std::uint32_t value) {
  return name == "errorCode" ? Json(recording::error_code_text(value)) : Json(value);
}

template <class Variant>
Json describe_fields(const Variant& variant) {
  Json out = Json::object();
  std::visit(
      [&](const auto& message) {
        aesm::schema::for_each_field(message, [&](const auto& field) {
          const auto& value = message.*field.member;
          const std::string name(field.name);
          if (value) {
            out[name] = describe_value(name, *value);
          } else if (field.is_required) {
            out[name] = "missing, though it is required";
          }
        });
      },
      variant);
  return out;
}

Json damaged(const std::string& reason, ByteView bytes) {
  // As much as a message may have. The rest of a recording may follow a length that is none, and
  // its description takes many times the memory.
  const std::size_t shown = std::min(bytes.size(), aesm::kMaxResponseSize);
  Json out = {
      {"damaged", reason}, {"size", bytes.size()}, {"hex", base::to_hex(bytes.first(shown))}};
  if (shown < bytes.size()) out["bytes_left_out"] = bytes.size() - shown;
  return out;
}

// `encoded` is what the decoded message is encoded to.
template <class Decoded>
Json describe_decoded(const Decoded& decoded, std::string_view kind, ByteView encoded,
                      ByteView body) {
  Json out = {{"message", text(aesm::name_of(aesm::kind_of(*decoded)), ' ', kind)},
              {"size", body.size()}};
  if (Json fields = describe_fields(*decoded); !fields.empty()) out["fields"] = std::move(fields);
  // Fields out of order or twice are as unusual as unknown ones; whoever looks wants to know.
  if (!base::equal(encoded, body)) out["holds_more_than_understood"] = base::to_hex(body);
  return out;
}

Json describe_request(ByteView body) {
  const auto decoded = aesm::decode_request(body);
  if (!decoded) return damaged(decoded.error().summary(), body);
  return describe_decoded(decoded, "request", aesm::encode_request(*decoded), body);
}

Json describe_response(ByteView body) {
  const auto decoded = aesm::decode_response(body);
  if (!decoded) return damaged(decoded.error().summary(), body);
  return describe_decoded(decoded, "response", aesm::encode_response(*decoded), body);
}

}  // namespace

Json describe_message(const Item& item) {
  switch (item.kind) {
    case Item::Kind::kOpened:
      return {{"event", "connected"}};
    case Item::Kind::kEnded:
      return {{"event", "ended"}};
    case Item::Kind::kDamaged:
      return damaged(item.reason, item.bytes);
    case Item::Kind::kFrame:
      break;
  }
  return item.from == Side::kClient ? describe_request(item.bytes) : describe_response(item.bytes);
}

}  // namespace quoted::quotectl
