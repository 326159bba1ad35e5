#include "crypto/testing/certificate_surgery.h"

#include <algorithm>
#include <stdexcept>

#include "base/hex.h"
#include "crypto/der.h"

namespace quoted::crypto::testing {
namespace {

constexpr std::uint8_t kBitString = 0x03;
constexpr std::uint8_t kExtensions = 0xA3;

// INTEGER of a big-endian number of 32 bytes.
base::Bytes der_integer(base::ByteView number) {
  base::Bytes content = base::to_bytes(number);
  const auto first = std::ranges::find_if(content, [](std::byte b) { return b != std::byte{0}; });
  content.erase(content.begin(), first);
  if (content.empty() || (content.front() & std::byte{0x80}) != std::byte{0}) {
    content.insert(content.begin(), std::byte{0});
  }
  return der_element(der_tag::kInteger, content);
}

base::ByteView tbs_content(base::ByteView der) {
  DerReader reader(der);
  DerReader inside(reader.next(der_tag::kSequence).value());
  return inside.next(der_tag::kSequence).value();
}

}  // namespace

base::ByteView to_be_signed(base::ByteView certificate_der) {
  DerReader reader(certificate_der);
  const base::ByteView outer = reader.next(der_tag::kSequence).value();
  const base::ByteView content = tbs_content(certificate_der);
  return outer.first(static_cast<std::size_t>(content.data() - outer.data()) + content.size());
}

base::Bytes sign_certificate(base::ByteView tbs_content, const P256PrivateKey& issuer) {
  const base::Bytes tbs = der_element(der_tag::kSequence, tbs_content);
  const P256Signature signature = issuer.sign(tbs).value();
  const base::Bytes ecdsa_with_sha256 = base::from_hex("300a06082a8648ce3d040302").value();
  base::Bytes bits{std::byte{0}};
  base::append(bits, der_sequence({der_integer(signature.view().first(32)),
                                   der_integer(signature.view().last(32))}));
  return der_sequence({tbs, ecdsa_with_sha256, der_element(kBitString, bits)});
}

base::Bytes replace_and_sign(base::ByteView der, base::ByteView find, base::ByteView replacement,
                             const P256PrivateKey& issuer) {
  base::Bytes content = base::to_bytes(tbs_content(der));
  const auto found = std::ranges::search(content, find);
  const auto again = std::search(found.end(), content.end(), find.begin(), find.end());
  if (found.empty() || again != content.end() || find.size() != replacement.size()) {
    throw std::logic_error("not exactly one place to replace");
  }
  std::ranges::copy(replacement, found.begin());
  return sign_certificate(content, issuer);
}

base::Bytes drop_extension_and_sign(base::ByteView der, base::ByteView oid_content,
                                    const P256PrivateKey& issuer) {
  base::Bytes out;
  bool dropped = false;
  for (DerReader fields(tbs_content(der)); !fields.at_end();) {
    const DerElement field = fields.next().value();
    if (field.tag != kExtensions) {
      base::append(out, der_element(field.tag, field.content));
      continue;
    }
    base::Bytes kept;
    DerReader list(field.content);
    for (DerReader extensions(list.next(der_tag::kSequence).value()); !extensions.at_end();) {
      const base::ByteView extension = extensions.next(der_tag::kSequence).value();
      if (base::equal(DerReader(extension).next(der_tag::kOid).value(), oid_content)) {
        dropped = true;
      } else {
        base::append(kept, der_element(der_tag::kSequence, extension));
      }
    }
    base::append(out, der_element(kExtensions, der_element(der_tag::kSequence, kept)));
  }
  if (!dropped) throw std::logic_error("no such extension");
  return sign_certificate(out, issuer);
}

std::string pem_of(base::ByteView der) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string body;
  for (std::size_t i = 0; i < der.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = (group << 8U) | (i + j < der.size() ? std::to_integer<unsigned>(der[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      body += i + j <= der.size() ? kAlphabet[(group >> (18U - 6U * j)) & 0x3FU] : '=';
    }
  }
  std::string out = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t i = 0; i < body.size(); i += 64) out += body.substr(i, 64) + "\n";
  return out + "-----END CERTIFICATE-----\n";
}

}  // namespace quoted::crypto::testing
