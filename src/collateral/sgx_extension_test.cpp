#include "collateral/sgx_extension.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <random>

#include "crypto/certificate.h"
#include "crypto/der.h"
#include "test_support/vectors.h"

namespace quoted::collateral {
namespace {

using test::unhex;
using ::testing::HasSubstr;

base::Bytes extension_of(const std::string& chain) {
  const auto certificates =
      crypto::parse_pem_chain(test::read_text_vector("real-certificates/" + chain)).value();
  return base::to_bytes(certificates.front().extension(kSgxExtensionOid).value());
}

base::Bytes platform_extension() { return extension_of("pck-chain-platform-B0C06F000000.pem"); }
base::Bytes processor_extension() { return extension_of("pck-chain-processor-00A067110000.pem"); }

// SEQUENCE { OID below the SGX arc, value }.
base::Bytes field(std::string_view oid_tail_hex, base::ByteView value) {
  const base::Bytes oid = unhex("2a864886f84d010d01" + std::string(oid_tail_hex));
  return crypto::der_sequence({crypto::der_element(crypto::der_tag::kOid, oid), value});
}

// The fields of an extension, or of its TCB, for taking apart and putting together differently.
std::vector<base::Bytes> split(base::ByteView sequence) {
  std::vector<base::Bytes> out;
  crypto::DerReader reader(sequence);
  for (crypto::DerReader rest(reader.next(crypto::der_tag::kSequence).value()); !rest.at_end();) {
    const crypto::DerElement element = rest.next().value();
    out.push_back(crypto::der_element(element.tag, element.content));
  }
  return out;
}

base::Bytes join(const std::vector<base::Bytes>& fields) {
  base::Bytes content;
  for (const base::Bytes& one : fields) base::append(content, one);
  return crypto::der_element(crypto::der_tag::kSequence, content);
}

std::string refusal(const base::Bytes& der) {
  const auto parsed = SgxExtension::parse(der);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code(), base::ErrorCode::kMalformed);
  return parsed.error().message();
}

// The extension of the real platform with its fields changed by `change`.
std::string refusal_with_fields(const std::function<void(std::vector<base::Bytes>&)>& change) {
  std::vector<base::Bytes> fields = split(platform_extension());
  change(fields);
  return refusal(join(fields));
}

// The same with the fields of its TCB, which is the second field.
std::string refusal_with_tcb(const std::function<void(std::vector<base::Bytes>&)>& change) {
  return refusal_with_fields([&](std::vector<base::Bytes>& fields) {
    const std::vector<base::Bytes> oid_and_value = split(fields[1]);
    std::vector<base::Bytes> tcb = split(oid_and_value[1]);
    change(tcb);
    fields[1] = field("02", join(tcb));
  });
}

TEST(SgxExtension, ReadsARealPlatformCertificate) {
  const auto parsed = SgxExtension::parse(platform_extension());
  ASSERT_TRUE(parsed) << parsed.error().summary();
  EXPECT_EQ(parsed->fmspc.hex(), "b0c06f000000");
  EXPECT_EQ(parsed->pce_id.hex(), "0000");
  EXPECT_EQ(parsed->sgx_type, SgxType::kScalable);
  EXPECT_TRUE(parsed->platform_instance_id.has_value());
  ASSERT_TRUE(parsed->configuration.has_value());
  EXPECT_EQ(parsed->configuration->dynamic_platform, true);
  EXPECT_EQ(parsed->configuration->cached_keys, true);
  EXPECT_TRUE(parsed->configuration->smt_enabled.has_value());
  // TCB type 0: the components are the bytes of the CPUSVN.
  EXPECT_EQ(base::to_hex(std::as_bytes(std::span(parsed->components))), parsed->cpu_svn.hex());
}

TEST(SgxExtension, ReadsARealProcessorCertificate) {
  const auto parsed = SgxExtension::parse(processor_extension());
  ASSERT_TRUE(parsed) << parsed.error().summary();
  EXPECT_EQ(parsed->fmspc.hex(), "00a067110000");
  EXPECT_EQ(parsed->sgx_type, SgxType::kStandard);
  EXPECT_FALSE(parsed->platform_instance_id.has_value());
  EXPECT_FALSE(parsed->configuration.has_value());
  EXPECT_EQ(base::to_hex(std::as_bytes(std::span(parsed->components))), parsed->cpu_svn.hex());
}

TEST(SgxExtension, RealExtensionsComeBackByteForByte) {
  for (const base::Bytes& der : {platform_extension(), processor_extension()}) {
    EXPECT_EQ(base::to_hex(SgxExtension::parse(der).value().serialize()), base::to_hex(der));
  }
}

TEST(SgxExtension, AnyValueComesBack) {
  SgxExtension extension;
  extension.ppid = sgx::Ppid::parse_hex("000102030405060708090a0b0c0d0e0f").value();
  extension.components = {0, 1, 127, 128, 255, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  extension.pce_svn = 0xFFFF;
  extension.fmspc = sgx::Fmspc::parse_hex("ffffffffffff").value();
  extension.sgx_type = SgxType::kScalableWithIntegrity;
  EXPECT_EQ(SgxExtension::parse(extension.serialize()).value(), extension);
  extension.platform_instance_id = sgx::PlatformInstanceId();
  EXPECT_EQ(SgxExtension::parse(extension.serialize()).value(), extension);
  extension.configuration = PlatformConfiguration{false, std::nullopt, true};
  EXPECT_EQ(SgxExtension::parse(extension.serialize()).value(), extension);
}

// 255 needs a leading zero: 02 02 00 FF (quote-generation 5.3).
TEST(SgxExtension, ComponentsArePositiveNumbers) {
  SgxExtension extension;
  extension.components[0] = 255;
  EXPECT_THAT(base::to_hex(extension.serialize()), HasSubstr("060b2a864886f84d010d010201"
                                                             "020200ff"));
}

TEST(SgxExtension, OrderDoesNotMatter) {
  std::vector<base::Bytes> fields = split(platform_extension());
  std::ranges::reverse(fields);
  EXPECT_EQ(SgxExtension::parse(join(fields)).value(),
            SgxExtension::parse(platform_extension()).value());
}

TEST(SgxExtension, UnknownFieldsArePassedOver) {
  std::vector<base::Bytes> fields = split(platform_extension());
  fields.push_back(field("08", unhex("0500")));
  fields.push_back(field("7f", unhex("0500")));
  fields.push_back(field("8101", unhex("3000")));
  fields.push_back(field("0101", unhex("3000")));
  EXPECT_EQ(SgxExtension::parse(join(fields)).value(),
            SgxExtension::parse(platform_extension()).value());
}

TEST(SgxExtension, EveryRequiredFieldMustBeThereOnce) {
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string name = base::text("field .", i + 1);
    EXPECT_THAT(refusal_with_fields([&](auto& f) { f.erase(f.begin() + static_cast<long>(i)); }),
                HasSubstr(name + " is missing"));
    EXPECT_THAT(refusal_with_fields([&](auto& f) { f.push_back(base::Bytes(f[i])); }),
                HasSubstr(name + " stands there twice"));
  }
  for (std::size_t i = 5; i < 7; ++i) {
    EXPECT_EQ(refusal_with_fields([&](auto& f) { f.erase(f.begin() + static_cast<long>(i)); }),
              "accepted");
    EXPECT_THAT(refusal_with_fields([&](auto& f) { f.push_back(base::Bytes(f[i])); }),
                HasSubstr("twice"));
  }
}

TEST(SgxExtension, EveryTcbFieldMustBeThereOnce) {
  for (std::size_t i = 0; i < 18; ++i) {
    const std::string name = base::text("field .2.", i + 1);
    EXPECT_THAT(refusal_with_tcb([&](auto& f) { f.erase(f.begin() + static_cast<long>(i)); }),
                HasSubstr(name + " is missing"));
    EXPECT_THAT(refusal_with_tcb([&](auto& f) { f.push_back(base::Bytes(f[i])); }),
                HasSubstr(name + " stands there twice"));
  }
}

TEST(SgxExtension, WrongSizesAreRefused) {
  const auto with = [](std::size_t index, base::Bytes replacement) {
    return refusal_with_fields([&](auto& f) { f[index] = std::move(replacement); });
  };
  const auto octets = [](std::size_t size) {
    return crypto::der_element(crypto::der_tag::kOctetString, base::Bytes(size));
  };
  EXPECT_EQ(with(0, field("01", octets(16))), "accepted");
  EXPECT_EQ(with(0, field("01", octets(15))), "SGX extension field .1 has 15 bytes, expected 16");
  EXPECT_EQ(with(0, field("01", octets(17))), "SGX extension field .1 has 17 bytes, expected 16");
  EXPECT_THAT(with(2, field("03", octets(1))), HasSubstr("expected 2"));
  EXPECT_THAT(with(3, field("04", octets(7))), HasSubstr("expected 6"));
  EXPECT_THAT(with(5, field("06", octets(0))), HasSubstr("expected 16"));
  EXPECT_THAT(with(4, field("05", unhex("0a0103"))), HasSubstr("is 3, at most 2 expected"));
  EXPECT_THAT(with(4, field("05", unhex("0a0180"))), HasSubstr("negative"));
}

TEST(SgxExtension, WrongTypesAreRefused) {
  const auto with = [](std::size_t index, base::Bytes replacement) {
    return refusal_with_fields([&](auto& f) { f[index] = std::move(replacement); });
  };
  EXPECT_EQ(with(0, field("01", crypto::der_element(0x03, base::Bytes(16)))),
            "SGX extension field .1 has DER tag 0x03, expected 0x04");
  EXPECT_THAT(with(1, field("02", unhex("0500"))), HasSubstr("field .2 has DER tag 0x05"));
  EXPECT_THAT(with(4, field("05", unhex("020101"))), HasSubstr("expected 0x0a"));
  EXPECT_THAT(with(6, field("07", crypto::der_sequence({field("0701", unhex("020101"))}))),
              HasSubstr("field .7.1 has DER tag 0x02"));
  EXPECT_THAT(with(6, field("07", crypto::der_sequence({field("0701", unhex("010101"))}))),
              HasSubstr("boolean"));
}

TEST(SgxExtension, NumbersOutOfRangeAreRefused) {
  const auto with = [](std::size_t index, std::string_view tail, std::string_view number) {
    return refusal_with_tcb([&](auto& f) { f[index] = field(tail, unhex(number)); });
  };
  EXPECT_EQ(with(0, "0201", "020200ff"), "accepted");
  EXPECT_THAT(with(0, "0201", "02020100"), HasSubstr("is 256, at most 255 expected"));
  EXPECT_THAT(with(0, "0201", "0201ff"), HasSubstr("negative"));
  EXPECT_THAT(with(0, "0201", "02020001"), HasSubstr("not minimal"));
  EXPECT_EQ(with(16, "0211", "020300ffff"), "accepted");
  EXPECT_THAT(with(16, "0211", "0203010000"), HasSubstr("at most 65535"));
}

TEST(SgxExtension, StrangeStructureIsRefused) {
  EXPECT_NE(refusal({}), "accepted");
  EXPECT_NE(refusal(unhex("3000")), "accepted");
  EXPECT_NE(refusal(unhex("0400")), "accepted");
  base::Bytes longer = platform_extension();
  longer.push_back(std::byte{0});
  EXPECT_EQ(refusal(longer), "bytes follow the SGX extension");

  const auto with_extra = [](const base::Bytes& extra) {
    return refusal_with_fields([&](auto& f) { f.push_back(extra); });
  };
  // Not a pair; an OID whose last number is padded or cut off. OIDs of other arcs are passed over.
  EXPECT_THAT(with_extra(unhex("3000")), HasSubstr("DER element ends"));
  EXPECT_THAT(with_extra(crypto::der_sequence(
                  {unhex("060b2a864886f84d010d010801"), unhex("0500"), unhex("0500")})),
              HasSubstr("more than OID and value"));
  EXPECT_EQ(with_extra(crypto::der_sequence({unhex("0603551d0e"), unhex("0500")})), "accepted");
  EXPECT_THAT(with_extra(field("8001", unhex("0500"))), HasSubstr("not minimally encoded"));
  EXPECT_THAT(with_extra(field("81", unhex("0500"))), HasSubstr("not minimally encoded"));
}

TEST(SgxExtension, IntelsVerifierTakesTheLowBitsOfASvn) {
  SgxExtension value = SgxExtension::parse(platform_extension()).value();
  value.components[0] = 5;
  base::Bytes der = value.serialize();
  // INTEGER 5 of the first component becomes INTEGER 261 in the same place, one byte longer.
  const base::Bytes small = unhex("060b2a864886f84d010d010201020105");
  const auto at = std::ranges::search(der, small).begin();
  ASSERT_NE(at, der.end());
  const auto low = [&](int content) {
    base::Bytes changed = der;
    changed[static_cast<std::size_t>(at - der.begin()) + small.size() - 1] = std::byte(content);
    return changed;
  };
  EXPECT_FALSE(SgxExtension::parse(low(0x85)));  // -123
  EXPECT_EQ(SgxExtension::parse(low(0x85), SvnRange::kLowBits)->components[0], 0x85);
}

TEST(SgxExtension, EveryTruncationIsRefused) {
  const base::Bytes der = platform_extension();
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(SgxExtension::parse(base::ByteView(der).first(size))) << size;
  }
}

// Whatever the bytes, the answer is a refusal or a value that survives its own encoding.
TEST(SgxExtension, MutationsAreRefusedOrConsistent) {
  // The same mutations in every run.
  std::minstd_rand random(20240601);  // NOLINT(cert-msc32-c,cert-msc51-cpp)
  const base::Bytes original = platform_extension();
  for (int round = 0; round < 20000; ++round) {
    base::Bytes mutated = original;
    for (auto changes = 1 + random() % 4; changes != 0; --changes) {
      mutated[random() % mutated.size()] = static_cast<std::byte>(random() & 0xFFU);
    }
    const auto parsed = SgxExtension::parse(mutated);
    if (!parsed) continue;
    EXPECT_EQ(SgxExtension::parse(parsed->serialize()).value(), *parsed);
  }
}

bool complete_with_fields(const std::function<void(std::vector<base::Bytes>&)>& change,
                          const base::Bytes& of) {
  std::vector<base::Bytes> fields = split(of);
  change(fields);
  return SgxExtension::is_complete(join(fields));
}

TEST(SgxExtension, IsCompleteWithFiveOrSevenFields) {
  EXPECT_TRUE(SgxExtension::is_complete(platform_extension()));
  EXPECT_TRUE(SgxExtension::is_complete(processor_extension()));
  for (const base::Bytes& good : {platform_extension(), processor_extension()}) {
    const std::size_t count = split(good).size();
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_FALSE(complete_with_fields(
          [&](auto& fields) { fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(i)); },
          good))
          << i;
    }
    EXPECT_FALSE(complete_with_fields(
        [&](auto& fields) { fields.push_back(field("09", unhex("0500"))); }, good));
    EXPECT_TRUE(complete_with_fields([](auto& fields) { std::ranges::reverse(fields); }, good));
    // The count fits, but a field that every certificate has is another.
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_FALSE(
          complete_with_fields([&](auto& fields) { fields[i] = field("09", unhex("0500")); }, good))
          << i;
    }
  }
  EXPECT_FALSE(SgxExtension::is_complete(unhex("3000")));
  // What is no list of fields lacks none of them: that is for `parse` to refuse.
  for (const char* const none : {"", "00", "30", "0500", "3005300102"}) {
    EXPECT_TRUE(SgxExtension::is_complete(unhex(none))) << none;
    EXPECT_FALSE(SgxExtension::parse(unhex(none))) << none;
  }
}

}  // namespace
}  // namespace quoted::collateral
