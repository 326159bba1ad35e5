// {"<member>":{...},"signature":"<128 hex digits>"}: the envelope of TCB info and QE identity
// (quote-verification 5).
#pragma once

#include <optional>

#include "collateral/json_value.h"
#include "collateral/qvl_status.h"
#include "crypto/signature_memo.h"

namespace quoted::collateral {

// The statuses by which the reader of a document says what is wrong with the envelope.
struct EnvelopeStatuses {
  QvlStatus not_json;
  QvlStatus body_missing;
  QvlStatus signature_missing;
  QvlStatus signature_malformed;
  bool body_first;  // a missing body counts before a missing signature
};

struct SignedDocument {
  JsonValue body;
  // The bytes of the body as received. Empty when its name, or one before it, has escapes.
  std::string exact_body;
  // What Intel's verifier signs over: the body written anew.
  std::string compact_body;
  // Absent when it has 128 characters that are not all hexadecimal digits: a bad signature.
  std::optional<crypto::P256Signature> signature;
  // A name that stands twice, as a path; empty when there is none.
  std::string duplicate;
  // Of the signature over either text, shared by copies.
  std::shared_ptr<const crypto::SignatureMemo> exact_memo;
  std::shared_ptr<const crypto::SignatureMemo> compact_memo;

  [[nodiscard]] static Judged<SignedDocument> parse(std::string_view text, std::string_view member,
                                                    const EnvelopeStatuses& statuses);

  // True when `key` signed the received bytes. Found out once for a key, as is the next.
  [[nodiscard]] bool signed_exactly(const crypto::P256PublicKey& key) const;
  // True when `key` signed the body as Intel's verifier writes it.
  [[nodiscard]] bool signed_compactly(const crypto::P256PublicKey& key) const;
};

}  // namespace quoted::collateral
