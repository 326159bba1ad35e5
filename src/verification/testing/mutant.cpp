#include "verification/testing/mutant.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/text.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/pem.h"
#include "quote/quote_builder.h"
#include "verification/testing/quote_layout.h"

namespace quoted::verification::testing {
namespace {

using base::text;
using collateral::CertificateChain;
using collateral::ParsedCollateral;
using Json = nlohmann::ordered_json;

// Sorted, so that the order in the text does not show.
std::string certificates(const collateral::Judged<CertificateChain>& chain) {
  if (!chain) return {};
  std::vector<std::string> all;
  for (const crypto::Certificate& certificate : chain->certificates()) {
    all.push_back(base::to_hex(certificate.der()));
  }
  std::ranges::sort(all);
  std::string out;
  for (const std::string& one : all) out += one + '\n';
  return out;
}

std::string key(const crypto::Certificate* certificate) {
  return certificate != nullptr && certificate->has_p256_key()
             ? certificate->public_key().point().hex()
             : std::string("none");
}

std::string crl(const base::Bytes& content) {
  const std::string_view all = base::as_text(content);
  base::Bytes der = content;
  const std::size_t end = all.find_last_not_of(std::string_view("\0 \t\r\n", 5)) + 1;
  if (auto from_pem = crypto::decode_pem(all, "X509 CRL")) {
    der = *std::move(from_pem);
  } else if (auto from_digits = base::from_hex(all.substr(0, end))) {
    der = *std::move(from_digits);
  }
  crypto::DerReader outer(der);
  const auto parts = outer.next(crypto::der_tag::kSequence);
  if (!parts || !outer.at_end()) return {};
  crypto::DerReader reader(*parts);
  const auto tbs = reader.next();
  const auto algorithm = reader.next();
  const auto signature = reader.next();
  if (!tbs || !algorithm || !signature) return {};
  return base::to_hex(tbs->content) + ' ' + base::to_hex(signature->content);
}

std::string document(const collateral::SignedDocument& from) {
  return from.exact_body + '\n' + (from.signature ? from.signature->hex() : std::string());
}

std::string quote_meaning(const base::Bytes& bytes) {
  auto quote = quote::Quote::parse_leniently(bytes);
  if (!quote) return {};
  const auto chain = crypto::parse_pem_chain(base::as_text(quote->certification_data));
  if (!chain) return {};
  std::string certificates;
  for (const crypto::Certificate& one : *chain) certificates += base::to_hex(one.der()) + '\n';
  quote->certification_data.clear();
  const auto rest = quote::serialize(*quote);
  return rest ? base::to_hex(*rest) + '\n' + certificates +
                    text(quote->trailing_bytes, ' ', quote->slack_bytes, '\n')
              : std::string();
}

// All objects and arrays of a document.
void collect(Json& value, std::vector<Json*>& out) {
  if (!value.is_structured()) return;
  out.push_back(&value);
  for (auto& member : value) collect(member, out);
}

constexpr std::string_view kDuplicate = "@duplicate@";

}  // namespace

VectorCase vector_case(std::string_view name) {
  const auto all = vector_cases();
  const auto found = std::ranges::find(all, name, &VectorCase::name);
  if (found == all.end()) throw std::logic_error("no such case: " + std::string(name));
  return *found;
}

Subject::Subject(const VectorCase& vector)
    : quote(vector.file("quote.bin")),
      collateral(vector.collateral()),
      roots{vector.trusted_root()},
      at(vector.at) {}

Verdict Subject::verdict(Mode mode) const {
  return Verifier(roots).verify(quote, ParsedCollateral::parse(collateral), at,
                                VerifyOptions{.mode = mode});
}

Meaning meaning(const Subject& subject) {
  const ParsedCollateral parsed = ParsedCollateral::parse(subject.collateral);
  if (!parsed.tcb_info || !parsed.qe_identity || !parsed.pck_crl_issuer_chain) return {};
  const auto& crl_chain = *parsed.pck_crl_issuer_chain;
  Meaning out{{"quote", quote_meaning(subject.quote)},
              {"TCB info", document(parsed.tcb_info->document)},
              {"QE identity", document(parsed.qe_identity->document)},
              {"root CA CRL", crl(subject.collateral.root_ca_crl)},
              {"PCK CRL", crl(subject.collateral.pck_crl)},
              {"TCB info issuer chain", certificates(parsed.tcb_info_issuer_chain)},
              {"QE identity issuer chain", certificates(parsed.qe_identity_issuer_chain)},
              {"PCK CRL issuer chain", key(crl_chain.intermediate()) + key(crl_chain.root())}};
  for (auto& [name, content] : out) {
    content = crypto::sha256({base::as_bytes(content)}).value().hex();
  }
  return out;
}

ParsedCollateral parse_changed(const Subject& mutant, const Mutation& mutation,
                               const ParsedCollateral& genuine) {
  collateral::Collateral some;
  for (const auto part : mutation.changed) some.*part = mutant.collateral.*part;
  ParsedCollateral out = ParsedCollateral::parse(some);
  const auto restore = [&](base::Bytes collateral::Collateral::* part, auto member) {
    if (std::ranges::find(mutation.changed, part) != mutation.changed.end()) return;
    out.*member = genuine.*member;
    std::erase_if(out.unusable, [&](std::string_view name) {
      return std::ranges::find(collateral::kCollateralParts, part,
                               &collateral::CollateralPart::bytes)
                 ->name == name;
    });
  };
  using collateral::Collateral;
  restore(&Collateral::pck_crl_issuer_chain, &ParsedCollateral::pck_crl_issuer_chain);
  restore(&Collateral::root_ca_crl, &ParsedCollateral::root_ca_crl);
  restore(&Collateral::pck_crl, &ParsedCollateral::pck_crl);
  restore(&Collateral::tcb_info_issuer_chain, &ParsedCollateral::tcb_info_issuer_chain);
  restore(&Collateral::tcb_info, &ParsedCollateral::tcb_info);
  restore(&Collateral::qe_identity_issuer_chain, &ParsedCollateral::qe_identity_issuer_chain);
  restore(&Collateral::qe_identity, &ParsedCollateral::qe_identity);
  return out;
}

std::size_t Mutator::below(std::size_t limit) {
  return limit == 0 ? 0 : static_cast<std::size_t>(random_()) % limit;
}

std::string Mutator::mutate_bytes(base::Bytes& bytes, const base::Bytes& other) {
  const std::size_t at = below(bytes.size());
  const std::size_t count = 1 + below(std::min<std::size_t>(bytes.size() - at, 600));
  const auto here = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  const auto end = here + static_cast<std::ptrdiff_t>(std::min(count, bytes.size() - at));
  switch (below(8)) {
    case 0:
      bytes.resize(at);
      return text("cut at ", at);
    case 1: {
      const base::Bytes copy(here, end);
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(below(bytes.size() + 1)),
                   copy.begin(), copy.end());
      return text("duplicated ", count, " at ", at);
    }
    case 2:
      bytes.erase(here, end);
      return text("removed ", count, " at ", at);
    case 3: {
      const std::size_t from = std::min(other.size(), below(2) == 0 ? at : below(other.size()));
      bytes.resize(at);
      bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      return text("spliced at ", at, " with another from ", from);
    }
    case 4: {
      const std::size_t size = std::min(count, other.size() - std::min(at, other.size()));
      if (size > 0) std::memcpy(&bytes[at], &other[at], size);
      return text("took ", size, " at ", at, " from another");
    }
    case 5:
      bytes[at] = static_cast<std::byte>(below(256));
      return text("another byte at ", at);
    case 6:
      std::reverse(here, end);
      return text("reversed ", count, " at ", at);
    default:
      for (std::size_t i = at; i < std::min(at + 4, bytes.size()); ++i) bytes[i] = std::byte{0xFF};
      return text("a length of ff at ", at);
  }
}

std::string Mutator::mutate_quote_field(base::Bytes& quote) {
  const std::size_t signed_size =
      quote.size() > 50 && get_le<std::uint16_t>(quote, 0) == 5
          ? 54 + get_le<std::uint32_t>(quote, 50)
          : (get_le<std::uint32_t>(quote, offset::kTeeType) == quote::kTeeTypeTdx ? 632U : 432U);
  // Lengths and types, relative to the end of what is signed; the last two rows for version 3.
  constexpr std::array<std::size_t, 6> kFields{0, 132, 134, 586, 614, 616};
  const std::size_t at = below(4) == 0 ? below(55) : signed_size + kFields[below(kFields.size())];
  if (at + 4 > quote.size()) return "nothing";
  const std::uint32_t value = get_le<std::uint32_t>(quote, at);
  const std::array<std::uint32_t, 8> values{0,
                                            1,
                                            value + 1,
                                            value - 1,
                                            value ^ (1U << below(32)),
                                            0xFFFFFFFFU,
                                            static_cast<std::uint32_t>(below(quote.size())),
                                            0xFFFFFFFAU};
  const std::uint32_t chosen = values[below(values.size())];
  set_le<std::uint32_t>(quote, at, chosen);
  return text("field at ", at, " from ", value, " to ", chosen);
}

std::string Mutator::mutate_json(base::Bytes& bytes) {
  Json root = Json::parse(base::as_text(bytes), nullptr, false);
  if (!root.is_object()) return "nothing";
  std::vector<Json*> all;
  collect(root, all);
  Json& chosen = *all[below(all.size())];
  if (chosen.empty()) return "nothing";
  const std::size_t index = below(chosen.size());
  const auto member = std::next(chosen.begin(), static_cast<std::ptrdiff_t>(index));
  const std::string name = chosen.is_object() ? member.key() : text(index);
  std::string done;
  std::string duplicate;
  switch (below(6)) {
    case 0:
      done = "removed ";
      chosen.erase(member);
      break;
    case 1: {
      done = "duplicated ";
      Json copy = *all[below(all.size())];
      if (below(2) == 0) copy = *member;
      if (chosen.is_object()) {
        duplicate = name;
        chosen[std::string(kDuplicate)] = std::move(copy);
      } else {
        chosen.push_back(std::move(copy));
      }
      break;
    }
    case 2: {
      done = "moved ";
      const auto other =
          std::next(chosen.begin(), static_cast<std::ptrdiff_t>(below(chosen.size())));
      std::swap(*member, *other);
      break;
    }
    case 3:
      done = "nested ";
      *member = below(2) == 0 ? Json::array({*member}) : Json{{name, *member}};
      break;
    case 4:
      done = "counted up ";
      if (member->is_number_unsigned()) {
        *member = member->get<std::uint64_t>() + (below(2) == 0 ? 1 : 256);
      } else if (member->is_string() && !member->get_ref<std::string&>().empty()) {
        auto& value = member->get_ref<std::string&>();
        value[below(value.size())] = static_cast<char>('0' + below(10));
      }
      break;
    default:
      done = "replaced ";
      *member = *all[below(all.size())];
  }
  std::string out = root.dump(below(8) == 0 ? 1 : -1);
  if (const std::size_t at = out.find(kDuplicate); at != std::string::npos) {
    out.replace(at, kDuplicate.size(), duplicate);
  }
  bytes = base::to_bytes(base::as_bytes(out));
  return done + name;
}

Mutation Mutator::mutate(Subject& subject) {
  const Subject& donor = donors_[below(donors_.size())];
  Mutation out;
  // Whole parts are swapped at most once, because several of another platform would fit together.
  const std::size_t swapped = below(16) == 0 ? below(2 * collateral::kCollateralParts.size()) : 100;
  if (swapped < collateral::kCollateralParts.size()) {
    const auto& part = collateral::kCollateralParts[swapped];
    subject.collateral.*part.bytes = donor.collateral.*part.bytes;
    out = {text("swapped ", part.name, "; "), {part.bytes}};
  } else if (swapped != 100) {
    subject.quote = donor.quote;
    out.what = "swapped the quote; ";
  }
  const std::size_t count = out.what.empty() ? 1 + below(2) : below(2);
  for (std::size_t i = 0; i < count; ++i) {
    // The quote as often as all its collateral.
    if (below(2) == 0) {
      const bool field = subject.quote.size() > 60 && below(3) == 0;
      out.what +=
          text("quote: ",
               field ? mutate_quote_field(subject.quote) : mutate_bytes(subject.quote, donor.quote),
               "; ");
      continue;
    }
    const auto& part = collateral::kCollateralParts[below(collateral::kCollateralParts.size())];
    base::Bytes& bytes = subject.collateral.*part.bytes;
    const bool json = part.name == "tcb_info" || part.name == "qe_identity";
    out.what += text(part.name, ": ",
                     json && below(4) != 0 ? mutate_json(bytes)
                                           : mutate_bytes(bytes, donor.collateral.*part.bytes),
                     "; ");
    out.changed.push_back(part.bytes);
  }
  return out;
}

}  // namespace quoted::verification::testing
