// The extensions of a certificate in the order of its encoding, which no parser of ours keeps.
// For tests.
#pragma once

#include <string>
#include <vector>

#include "base/hex.h"
#include "crypto/der.h"

namespace quoted::simulation::test {

struct ExtensionFact {
  std::string oid;  // content of the OID, hexadecimal
  bool critical = false;
  std::string value;  // hexadecimal
};

[[nodiscard]] inline std::vector<ExtensionFact> extensions_of(base::ByteView certificate_der) {
  namespace tag = crypto::der_tag;
  constexpr std::uint8_t kExtensions = 0xA3;
  crypto::DerReader outer(certificate_der);
  crypto::DerReader certificate(outer.next(tag::kSequence).value());
  crypto::DerReader body(certificate.next(tag::kSequence).value());
  crypto::DerElement element = body.next().value();
  while (element.tag != kExtensions) element = body.next().value();
  crypto::DerReader wrapper(element.content);
  crypto::DerReader list(wrapper.next(tag::kSequence).value());

  std::vector<ExtensionFact> out;
  while (!list.at_end()) {
    crypto::DerReader extension(list.next(tag::kSequence).value());
    ExtensionFact fact;
    fact.oid = base::to_hex(extension.next(tag::kOid).value());
    crypto::DerElement next = extension.next().value();
    if (next.tag == tag::kBoolean) {
      fact.critical = crypto::der_boolean(next.content).value();
      next = extension.next().value();
    }
    fact.value = base::to_hex(next.content);
    out.push_back(std::move(fact));
  }
  return out;
}

}  // namespace quoted::simulation::test
