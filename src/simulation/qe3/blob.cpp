#include "simulation/qe3/blob.h"

#include <cstddef>

#include "crypto/aead.h"
#include "crypto/random.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

// Of the SDK's sealing functions (quote-generation 3.6).
constexpr std::uint64_t kSealFlagsMask = 0xFF0000000000000B;
constexpr std::uint32_t kSealMiscMask = 0xF0000000;

struct SealedHeader {
  sgx::KeyRequest key_request;
  sgx::Le32 clear_part_offset;
  sgx::Reserved<12> reserved1{};
  sgx::Le32 payload_size;
  sgx::Reserved<12> reserved2{};
  crypto::GcmTag tag;
};
static_assert(sizeof(SealedHeader) == 560 && alignof(SealedHeader) == 1);
static_assert(offsetof(SealedHeader, clear_part_offset) == 512);
static_assert(offsetof(SealedHeader, payload_size) == 528);
static_assert(offsetof(SealedHeader, tag) == 544);
static_assert(sizeof(SealedHeader) + sizeof(BlobSecretPart) + sizeof(BlobClearPart) == kBlobSize);

tl::unexpected<base::Error> invalid_blob(std::string why) {
  return fail(ErrorCode::kQeInvalidBlob, std::move(why));
}

}  // namespace

Result<base::Bytes> seal_blob(const Cpu& cpu, const Secs& secs, const AttestationKey& content) {
  SealedHeader header;
  header.key_request.key_name = static_cast<std::uint16_t>(sgx::KeyName::kSeal);
  header.key_request.key_policy = sgx::key_policy::kMrSigner;
  header.key_request.isv_svn = secs.isv_svn;
  header.key_request.cpu_svn = cpu.cpu_svn();
  header.key_request.attribute_mask.flags = kSealFlagsMask;
  header.key_request.misc_mask = kSealMiscMask;
  QUOTED_CHECK(crypto::fill_random(header.key_request.key_id.mutable_view()));
  header.clear_part_offset = sizeof(BlobSecretPart);
  header.payload_size = sizeof(BlobSecretPart) + sizeof(BlobClearPart);

  BlobClearPart clear = content.clear;
  clear.seal_cpu_svn = cpu.cpu_svn();
  clear.seal_qe_isv_svn = secs.isv_svn;

  base::SecretBytes secret(sizeof(BlobSecretPart));
  {
    BlobSecretPart part;
    std::memcpy(part.private_key.data(), content.key.scalar().view().data(),
                part.private_key.size());
    part.crypto_suite = kCryptoSuiteRsa3072Oaep;
    part.encrypted_ppid_size = crypto::kRsa3072Size;
    part.encrypted_ppid = content.encrypted_ppid;
    std::memcpy(secret.mutable_view().data(), &part, sizeof(part));
    explicit_bzero(&part, sizeof(part));
  }

  QUOTED_TRY(const crypto::Key128 key, cpu.egetkey(secs, header.key_request));
  QUOTED_TRY(const crypto::Sealed sealed,
             crypto::seal_with_single_use_key(key, secret.view(), base::struct_bytes(clear)));
  header.tag = sealed.tag;

  base::Bytes out = base::to_bytes(base::struct_bytes(header));
  base::append(out, sealed.ciphertext);
  base::append(out, base::struct_bytes(clear));
  return out;
}

Result<AttestationKey> unseal_blob(const Cpu& cpu, const Secs& secs, base::ByteView blob) {
  if (blob.size() != kBlobSize) {
    return invalid_blob(text("the blob has ", blob.size(), " bytes, expected ", kBlobSize));
  }
  base::ByteReader reader(blob);
  QUOTED_TRY(const auto header, reader.take_struct<SealedHeader>("sealed header"));
  QUOTED_TRY(const base::ByteView ciphertext, reader.take(sizeof(BlobSecretPart), "secret part"));
  QUOTED_TRY(const auto clear, reader.take_struct<BlobClearPart>("clear part"));
  if (header.clear_part_offset != sizeof(BlobSecretPart) ||
      header.payload_size != sizeof(BlobSecretPart) + sizeof(BlobClearPart)) {
    return invalid_blob("the inner lengths of the blob are not those of its layout");
  }
  // Nothing authenticates the reserved bytes. Other key names are refused because a simulated CPU
  // publishes its report keys: anyone could make a blob under one.
  if (header.key_request.key_name != static_cast<std::uint16_t>(sgx::KeyName::kSeal) ||
      header.key_request.key_policy != sgx::key_policy::kMrSigner ||
      !base::all_zero(header.reserved1) || !base::all_zero(header.reserved2)) {
    return invalid_blob(
        "the blob is not sealed to the QE's signer, or its reserved bytes are not zero");
  }
  auto key = cpu.egetkey(secs, header.key_request);
  if (!key) return invalid_blob("no seal key for the blob: " + key.error().summary());
  auto secret = crypto::unseal(*key, ciphertext, base::struct_bytes(clear), header.tag);
  if (!secret) return invalid_blob(secret.error().message());
  if (clear.type != 0 || clear.version != 0 ||
      clear.authentication_data_size != kQeAuthenticationDataSize) {
    return invalid_blob(text("the blob has type ", clear.type, ", version ", clear.version, " and ",
                             std::uint32_t{clear.authentication_data_size},
                             " bytes of authentication data; expected 0, 0 and ",
                             kQeAuthenticationDataSize));
  }
  base::ByteReader secret_reader(secret->view());
  QUOTED_TRY(const base::ByteView scalar, secret_reader.take(32, "private key"));
  auto private_key = crypto::P256PrivateKey::create(scalar);
  if (!private_key) return invalid_blob(private_key.error().message());
  crypto::RsaCiphertext encrypted_ppid;
  QUOTED_TRY(encrypted_ppid,
             crypto::RsaCiphertext::parse(secret->view().last(crypto::kRsa3072Size)));
  return AttestationKey{*std::move(private_key), encrypted_ppid, clear};
}

}  // namespace quoted::simulation
