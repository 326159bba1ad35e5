#include "collateral/sgx_extension.h"

#include "base/hex.h"
#include "base/text.h"
#include "crypto/der.h"

namespace quoted::collateral {
namespace {

using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using crypto::DerElement;
using crypto::DerReader;
namespace der_tag = crypto::der_tag;

// Content of the OID 1.2.840.113741.1.13.1, DER encoded: the arc that every field stands below.
constexpr std::array<std::byte, 9> kSgxArc{std::byte{0x2A}, std::byte{0x86}, std::byte{0x48},
                                           std::byte{0x86}, std::byte{0xF8}, std::byte{0x4D},
                                           std::byte{0x01}, std::byte{0x0D}, std::byte{0x01}};

// Numbers of the fields below the arc, and below those.
constexpr std::uint8_t kPpid = 1;
constexpr std::uint8_t kTcb = 2;
constexpr std::uint8_t kPceId = 3;
constexpr std::uint8_t kFmspc = 4;
constexpr std::uint8_t kSgxType = 5;
constexpr std::uint8_t kPlatformInstanceId = 6;
constexpr std::uint8_t kConfiguration = 7;
constexpr std::uint8_t kTcbPceSvn = 17;
constexpr std::uint8_t kTcbCpuSvn = 18;
constexpr std::uint8_t kDynamicPlatform = 1;
constexpr std::uint8_t kCachedKeys = 2;
constexpr std::uint8_t kSmtEnabled = 3;
constexpr std::size_t kMaxKnownNumber = 18;
constexpr std::size_t kFieldsOfProcessorCa = 5;
constexpr std::size_t kFieldsOfPlatformCa = 7;
constexpr std::size_t kFieldsOfTcb = 18;

std::string field_name(std::string_view parent, std::size_t number) {
  return text("SGX extension field ", parent, ".", number);
}

// A subidentifier that starts with 0x80 is not minimal, one that ends with the high bit set is cut
// off (X.690 8.19.2). Some clients find fields by their bytes, so only one spelling may pass.
bool is_minimal_oid_tail(ByteView tail) {
  bool at_start = true;
  for (const std::byte b : tail) {
    if (at_start && b == std::byte{0x80}) return false;
    at_start = (b & std::byte{0x80}) == std::byte{0};
  }
  return at_start;
}

// The elements of one SEQUENCE OF SEQUENCE { OID, value }, by the last number of their OID.
class Fields {
 public:
  // `arc` is the OID that the fields stand below, `name` the same for messages: "" or ".2".
  [[nodiscard]] static Result<Fields> read(ByteView content, ByteView arc, std::string_view name) {
    Fields out{std::string(name)};
    for (DerReader reader(content); !reader.at_end();) {
      QUOTED_TRY(const ByteView pair, reader.next(der_tag::kSequence));
      ++out.count_;
      DerReader pair_reader(pair);
      QUOTED_TRY(const ByteView oid, pair_reader.next(der_tag::kOid));
      QUOTED_TRY(const DerElement value, pair_reader.next());
      if (!pair_reader.at_end()) {
        return fail(ErrorCode::kMalformed, "SGX extension: a field of more than OID and value");
      }
      if (oid.size() <= arc.size() || !base::equal(oid.first(arc.size()), arc)) continue;
      if (!is_minimal_oid_tail(oid.subspan(arc.size()))) {
        return fail(ErrorCode::kMalformed,
                    "SGX extension: the OID of a field is not minimally encoded");
      }
      const auto number = std::to_integer<std::size_t>(oid.back());
      // Numbers of later versions of the extension are passed over (quote-generation 5.3).
      if (oid.size() != arc.size() + 1 || number == 0 || number > kMaxKnownNumber) continue;
      if (out.by_number_[number]) {
        return fail(ErrorCode::kMalformed, text(field_name(name, number), " stands there twice"));
      }
      out.by_number_[number] = value;
    }
    return out;
  }

  // Of all fields, known or not.
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] bool has(std::uint8_t number) const { return by_number_[number].has_value(); }

  // Malformed when the field is missing or its value has another tag.
  [[nodiscard]] Result<ByteView> content(std::uint8_t number, std::uint8_t tag) const {
    const auto& element = by_number_[number];
    if (!element) {
      return fail(ErrorCode::kMalformed, text(field_name(name_, number), " is missing"));
    }
    if (element->tag != tag) {
      return fail(ErrorCode::kMalformed,
                  text(field_name(name_, number), " has DER tag ",
                       base::hex_number(element->tag, 2), ", expected ", base::hex_number(tag, 2)));
    }
    return element->content;
  }

  template <class T>
  [[nodiscard]] Result<T> octets(std::uint8_t number) const {
    QUOTED_TRY(const ByteView bytes, content(number, der_tag::kOctetString));
    if (bytes.size() != T::kSize) {
      return fail(ErrorCode::kMalformed, text(field_name(name_, number), " has ", bytes.size(),
                                              " bytes, expected ", T::kSize));
    }
    return T::parse(bytes);
  }

  // `tag` is INTEGER or ENUMERATED.
  [[nodiscard]] Result<std::uint32_t> number_up_to(std::uint8_t number, std::uint8_t tag,
                                                   std::uint32_t limit) const {
    QUOTED_TRY(const ByteView bytes, content(number, tag));
    QUOTED_TRY(const std::uint32_t value, crypto::der_unsigned(bytes));
    if (value > limit) {
      return fail(ErrorCode::kMalformed,
                  text(field_name(name_, number), " is ", value, ", at most ", limit, " expected"));
    }
    return value;
  }

  [[nodiscard]] Result<std::optional<bool>> optional_boolean(std::uint8_t number) const {
    if (!has(number)) return std::optional<bool>();
    QUOTED_TRY(const ByteView bytes, content(number, der_tag::kBoolean));
    QUOTED_TRY(const bool value, crypto::der_boolean(bytes));
    return std::optional<bool>(value);
  }

  // The fields below `number`.
  [[nodiscard]] Result<Fields> below(std::uint8_t number) const {
    QUOTED_TRY(const ByteView bytes, content(number, der_tag::kSequence));
    base::Bytes arc = base::to_bytes(kSgxArc);
    arc.push_back(std::byte{number});
    return read(bytes, arc, text(name_, ".", number));
  }

 private:
  explicit Fields(std::string name) : name_(std::move(name)) {}
  std::string name_;
  std::size_t count_ = 0;
  std::array<std::optional<DerElement>, kMaxKnownNumber + 1> by_number_{};
};

// An SVN of any size, of which Intel's verifier takes the low 8 bits (quote-verification 3).
Result<std::uint32_t> low_bits(const Fields& tcb, std::uint8_t number) {
  QUOTED_TRY(const ByteView bytes, tcb.content(number, der_tag::kInteger));
  if (bytes.empty()) return fail(ErrorCode::kMalformed, "an INTEGER without content");
  return std::to_integer<std::uint32_t>(bytes.back());
}

base::Status read_tcb(const Fields& fields, SvnRange range, SgxExtension& out) {
  QUOTED_TRY(const Fields tcb, fields.below(kTcb));
  for (std::size_t i = 0; i < out.components.size(); ++i) {
    const auto number = static_cast<std::uint8_t>(i + 1);
    QUOTED_TRY(const std::uint32_t svn, range == SvnRange::kLowBits
                                            ? low_bits(tcb, number)
                                            : tcb.number_up_to(number, der_tag::kInteger, 0xFF));
    out.components[i] = static_cast<std::uint8_t>(svn);
  }
  QUOTED_TRY(const std::uint32_t pce_svn, tcb.number_up_to(kTcbPceSvn, der_tag::kInteger, 0xFFFF));
  out.pce_svn = static_cast<std::uint16_t>(pce_svn);
  QUOTED_TRY(out.cpu_svn, tcb.octets<sgx::CpuSvn>(kTcbCpuSvn));
  return {};
}

Result<PlatformConfiguration> read_configuration(const Fields& fields) {
  QUOTED_TRY(const Fields configuration, fields.below(kConfiguration));
  PlatformConfiguration out;
  QUOTED_TRY(out.dynamic_platform, configuration.optional_boolean(kDynamicPlatform));
  QUOTED_TRY(out.cached_keys, configuration.optional_boolean(kCachedKeys));
  QUOTED_TRY(out.smt_enabled, configuration.optional_boolean(kSmtEnabled));
  return out;
}

// SEQUENCE { OID, value } with the OID made of the SGX arc and `numbers`.
base::Bytes field(std::initializer_list<std::uint8_t> numbers, ByteView value) {
  base::Bytes oid = base::to_bytes(kSgxArc);
  for (const std::uint8_t number : numbers) oid.push_back(std::byte{number});
  return crypto::der_sequence({crypto::der_element(der_tag::kOid, oid), value});
}

base::Bytes octets_field(std::initializer_list<std::uint8_t> numbers, ByteView octets) {
  return field(numbers, crypto::der_element(der_tag::kOctetString, octets));
}

base::Bytes integer_field(std::initializer_list<std::uint8_t> numbers, std::uint32_t value) {
  return field(numbers, crypto::der_unsigned_element(der_tag::kInteger, value));
}

void append_boolean(base::Bytes& out, std::uint8_t number, const std::optional<bool>& value) {
  if (!value) return;
  const base::Bytes content{*value ? std::byte{0xFF} : std::byte{0}};
  base::append(out,
               field({kConfiguration, number}, crypto::der_element(der_tag::kBoolean, content)));
}

base::Bytes tcb_field(const SgxExtension& extension) {
  base::Bytes content;
  std::uint8_t number = 1;
  for (const std::uint8_t svn : extension.components) {
    base::append(content, integer_field({kTcb, number++}, svn));
  }
  base::append(content, integer_field({kTcb, kTcbPceSvn}, extension.pce_svn));
  base::append(content, octets_field({kTcb, kTcbCpuSvn}, extension.cpu_svn.view()));
  return field({kTcb}, crypto::der_element(der_tag::kSequence, content));
}

base::Bytes configuration_field(const PlatformConfiguration& configuration) {
  base::Bytes content;
  append_boolean(content, kDynamicPlatform, configuration.dynamic_platform);
  append_boolean(content, kCachedKeys, configuration.cached_keys);
  append_boolean(content, kSmtEnabled, configuration.smt_enabled);
  return field({kConfiguration}, crypto::der_element(der_tag::kSequence, content));
}

}  // namespace

Result<SgxExtension> SgxExtension::parse(ByteView der, SvnRange range) {
  DerReader reader(der);
  QUOTED_TRY(const ByteView content, reader.next(der_tag::kSequence));
  if (!reader.at_end()) return fail(ErrorCode::kMalformed, "bytes follow the SGX extension");
  QUOTED_TRY(const Fields fields, Fields::read(content, kSgxArc, ""));
  SgxExtension out;
  QUOTED_TRY(out.ppid, fields.octets<sgx::Ppid>(kPpid));
  QUOTED_CHECK(read_tcb(fields, range, out));
  QUOTED_TRY(out.pce_id, fields.octets<sgx::PceId>(kPceId));
  QUOTED_TRY(out.fmspc, fields.octets<sgx::Fmspc>(kFmspc));
  QUOTED_TRY(const std::uint32_t sgx_type,
             fields.number_up_to(kSgxType, der_tag::kEnumerated,
                                 static_cast<std::uint32_t>(SgxType::kScalableWithIntegrity)));
  out.sgx_type = static_cast<SgxType>(sgx_type);
  if (fields.has(kPlatformInstanceId)) {
    QUOTED_TRY(out.platform_instance_id,
               fields.octets<sgx::PlatformInstanceId>(kPlatformInstanceId));
  }
  if (fields.has(kConfiguration)) {
    QUOTED_TRY(out.configuration, read_configuration(fields));
  }
  return out;
}

bool SgxExtension::is_complete(ByteView der) {
  DerReader reader(der);
  const auto content = reader.next(der_tag::kSequence);
  if (!content) return true;
  const auto fields = Fields::read(*content, kSgxArc, "");
  if (!fields) return true;
  if (fields->count() != kFieldsOfProcessorCa && fields->count() != kFieldsOfPlatformCa) {
    return false;
  }
  for (std::uint8_t number = kPpid; number <= kSgxType; ++number) {
    if (!fields->has(number)) return false;
  }
  const auto tcb = fields->below(kTcb);
  if (!tcb) return true;
  if (tcb->count() != kFieldsOfTcb) return false;
  for (std::uint8_t number = 1; number <= kTcbCpuSvn; ++number) {
    if (!tcb->has(number)) return false;
  }
  return true;
}

base::Bytes SgxExtension::serialize() const {
  base::Bytes content;
  base::append(content, octets_field({kPpid}, ppid.view()));
  base::append(content, tcb_field(*this));
  base::append(content, octets_field({kPceId}, pce_id.view()));
  base::append(content, octets_field({kFmspc}, fmspc.view()));
  base::append(content,
               field({kSgxType}, crypto::der_unsigned_element(
                                     der_tag::kEnumerated, static_cast<std::uint32_t>(sgx_type))));
  if (platform_instance_id) {
    base::append(content, octets_field({kPlatformInstanceId}, platform_instance_id->view()));
  }
  if (configuration) base::append(content, configuration_field(*configuration));
  return crypto::der_element(der_tag::kSequence, content);
}

}  // namespace quoted::collateral
