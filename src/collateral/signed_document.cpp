#include "collateral/signed_document.h"

#include "base/text.h"

namespace quoted::collateral {
namespace {

using base::text;

constexpr std::size_t kSignatureDigits = 2 * crypto::P256Signature::kSize;

bool signed_by(const crypto::P256PublicKey& key, const std::string& message,
               const std::optional<crypto::P256Signature>& signature,
               const crypto::SignatureMemo& memo) {
  return signature && !message.empty() &&
         memo.good(key, [&] { return key.verify(base::as_bytes(message), *signature); });
}

}  // namespace

Judged<SignedDocument> SignedDocument::parse(std::string_view all, std::string_view member,
                                             const EnvelopeStatuses& statuses) {
  auto root = parse_json(all);
  if (!root) return flaw(statuses.not_json, root.error().message());
  if (root->object() == nullptr) return flaw(statuses.not_json, "the JSON is not an object");
  const JsonValue* const body = root->member(member);
  const JsonValue* const signature = root->member("signature");
  const bool body_missing = body == nullptr || body->object() == nullptr;
  const std::string no_body = text("'", member, "' is missing or not an object");
  if (body_missing && statuses.body_first) return flaw(statuses.body_missing, no_body);
  if (signature == nullptr) return flaw(statuses.signature_missing, "'signature' is missing");
  const std::string* const digits = signature->string();
  if (digits == nullptr || digits->size() != kSignatureDigits) {
    return flaw(statuses.signature_malformed,
                text("'signature' is not a string of ", kSignatureDigits, " characters"));
  }
  if (body_missing) return flaw(statuses.body_missing, no_body);
  SignedDocument out;
  out.exact_memo = std::make_shared<const crypto::SignatureMemo>();
  out.compact_memo = std::make_shared<const crypto::SignatureMemo>();
  out.duplicate = duplicate_member(*root);
  out.body = *body;
  out.exact_body = std::string(member_text(all, member));
  out.compact_body = compact_json(*body);
  if (const auto parsed = crypto::P256Signature::parse_hex(*digits)) out.signature = *parsed;
  return out;
}

bool SignedDocument::signed_exactly(const crypto::P256PublicKey& key) const {
  return signed_by(key, exact_body, signature, *exact_memo);
}

bool SignedDocument::signed_compactly(const crypto::P256PublicKey& key) const {
  return signed_by(key, compact_body, signature, *compact_memo);
}

}  // namespace quoted::collateral
