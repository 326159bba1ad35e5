#include "crypto/der.h"

#include <gmock/gmock.h>

#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using test::unhex;

std::string value_hex(std::uint32_t value) {
  return base::to_hex(der_unsigned_element(der_tag::kInteger, value));
}

TEST(DerReader, GivesElementsInOrder) {
  const base::Bytes bytes = unhex("0201050403aabbcc3000");
  DerReader reader(bytes);
  EXPECT_EQ(base::to_hex(reader.next(der_tag::kInteger).value()), "05");
  const DerElement octets = reader.next().value();
  EXPECT_EQ(octets.tag, der_tag::kOctetString);
  EXPECT_EQ(base::to_hex(octets.content), "aabbcc");
  EXPECT_FALSE(reader.at_end());
  EXPECT_TRUE(reader.next(der_tag::kSequence).value().empty());
  EXPECT_TRUE(reader.at_end());
}

TEST(DerReader, LongLengthsAreRead) {
  for (const std::size_t size : {127U, 128U, 255U, 256U, 65535U, 65536U}) {
    const base::Bytes element = der_element(der_tag::kOctetString, base::Bytes(size));
    DerReader reader(element);
    EXPECT_EQ(reader.next(der_tag::kOctetString).value().size(), size);
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(DerReader, WhatIsNotDerIsRefused) {
  for (const std::string_view bad : {
           "",                  // nothing
           "02",                // no length
           "0202ff",            // content cut off
           "0280ff0000",        // indefinite length
           "02817f",            // long form for a short length
           "0281",              // length cut off
           "028200ff",          // length with a leading zero
           "0285000000000100",  // length of five bytes
           "0284ffffffff00",    // more than there is
           "1f0100",            // tag number of more than one byte
           "3f810100",          // the same, constructed
       }) {
    const base::Bytes bytes = unhex(bad);
    const auto element = DerReader(bytes).next();
    ASSERT_FALSE(element) << bad;
    EXPECT_EQ(element.error().code(), base::ErrorCode::kMalformed) << bad;
  }
}

TEST(DerReader, AnotherTagIsRefused) {
  const base::Bytes bytes = unhex("040100");
  const auto element = DerReader(bytes).next(der_tag::kInteger);
  ASSERT_FALSE(element);
  EXPECT_EQ(element.error().message(), "DER tag 0x02 expected, got 0x04");
}

TEST(Der, UnsignedNumbersAreMinimalBothWays) {
  EXPECT_EQ(value_hex(0), "020100");
  EXPECT_EQ(value_hex(127), "02017f");
  EXPECT_EQ(value_hex(128), "02020080");
  EXPECT_EQ(value_hex(255), "020200ff");
  EXPECT_EQ(value_hex(0xFFFFFFFF), "020500ffffffff");
  for (const std::uint32_t value :
       {0U, 1U, 127U, 128U, 255U, 256U, 65535U, 0x80000000U, 0xFFFFFFFFU}) {
    const base::Bytes element = der_unsigned_element(der_tag::kEnumerated, value);
    EXPECT_EQ(der_unsigned(DerReader(element).next(der_tag::kEnumerated).value()).value(), value);
  }
}

TEST(Der, OtherNumbersAreRefused) {
  for (const std::string_view bad :
       {"", "80", "ff", "0000", "007f", "0100000000", "000000000001"}) {
    const auto number = der_unsigned(unhex(bad));
    ASSERT_FALSE(number) << bad;
    EXPECT_EQ(number.error().code(), base::ErrorCode::kMalformed) << bad;
  }
}

TEST(Der, BooleansAreZeroOrAllOnes) {
  EXPECT_FALSE(der_boolean(unhex("00")).value());
  EXPECT_TRUE(der_boolean(unhex("ff")).value());
  for (const std::string_view bad : {"", "01", "fe", "0000"}) EXPECT_FALSE(der_boolean(unhex(bad)));
}

TEST(Der, SequencesHoldTheirElements) {
  EXPECT_EQ(base::to_hex(der_sequence({})), "3000");
  EXPECT_EQ(base::to_hex(der_sequence({unhex("020101"), unhex("0500")})), "30050201010500");
}

}  // namespace
}  // namespace quoted::crypto
