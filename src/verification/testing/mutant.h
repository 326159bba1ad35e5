// A recorded case of tests/vectors, its mutants, and what a mutant may change without meaning
// anything else. The same in every run: bytes come from files, choices from a seed.
#pragma once

#include <random>

#include "collateral/parsed_collateral.h"
#include "verification/testing/vector_cases.h"

namespace quoted::verification::testing {

// What a verifier is given, still mutable.
struct Subject {
  explicit Subject(const VectorCase& vector);

  base::Bytes quote;
  collateral::Collateral collateral;
  std::vector<TrustedRoot> roots;
  base::UnixTime at;

  [[nodiscard]] Verdict verdict(Mode mode) const;
};

// The recorded case of this name.
[[nodiscard]] VectorCase vector_case(std::string_view name);

// Everything that the strict verifier draws a conclusion from: names of parts and hashes. Left out
// are, and nothing else:
//   - NULs and white space at the end of the quote's certificate chain, and how PEM breaks lines;
//   - whether CRLs are PEM, hexadecimal digits or DER, and the name of the algorithm that a CRL
//     repeats beside its signed part;
//   - in TCB info and QE identity all that stands beside the signed member and the signature, and
//     the case of the signature's digits;
//   - order of and text around the certificates of the issuer chains;
//   - all of the PCK CRL issuer chain but its CA keys: whose certificates count is known from the
//     quote's chain.
// Empty for what does not parse: that means nothing to any verifier.
using Meaning = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Meaning meaning(const Subject& subject);

struct Mutation {
  std::string what;                                              // for people
  std::vector<base::Bytes collateral::Collateral::*> changed{};  // parts of the collateral
};

// The collateral of `mutant`, whose unchanged parts have been parsed before.
[[nodiscard]] collateral::ParsedCollateral parse_changed(
    const Subject& mutant, const Mutation& mutation, const collateral::ParsedCollateral& genuine);

class Mutator {
 public:
  // Parts are spliced and swapped with those of the donors.
  Mutator(std::uint32_t seed, std::vector<Subject> donors)
      : random_(seed), donors_(std::move(donors)) {}

  // One or two changes.
  Mutation mutate(Subject& subject);

 private:
  std::size_t below(std::size_t limit);
  std::string mutate_bytes(base::Bytes& bytes, const base::Bytes& other);
  std::string mutate_json(base::Bytes& text);
  std::string mutate_quote_field(base::Bytes& quote);

  std::mt19937 random_;
  std::vector<Subject> donors_;
};

}  // namespace quoted::verification::testing
