// Generate quote (quote-generation 3.8): the checks with their codes and order, and the result.
#include <gtest/gtest.h>

#include "quote/certification_data.h"
#include "simulation/testing/enclaves.h"
#include "simulation/testing/quote_checks.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using test::named;
using test::outcome;

constexpr std::size_t kHeaderSize = 6;  // of certification data
constexpr std::uint16_t kPceSvn = 13;
const sgx::QuoteNonce kNonce = test::counting<sgx::QuoteNonce>(0x77);

// An application's CPU that cannot make a REPORT for one target.
class PartlyBrokenCpu final : public Cpu {
 public:
  static constexpr std::uint8_t kBrokenTarget = 0xBB;

  [[nodiscard]] sgx::CpuSvn cpu_svn() const override { return test::filled<sgx::CpuSvn>(4); }

 protected:
  [[nodiscard]] sgx::OwnerEpoch owner_epoch() const override { return {}; }
  [[nodiscard]] sgx::KeyId report_key_id() const override { return {}; }
  [[nodiscard]] base::Result<sgx::CpuSvn> accept_cpu_svn(
      const sgx::CpuSvn& requested) const override {
    return requested;
  }
  [[nodiscard]] base::Result<crypto::Key128> derive(
      const KeyDependencies& dependencies) const override {
    if (dependencies.mr_enclave == test::filled<sgx::MrEnclave>(kBrokenTarget)) {
      return base::fail(ErrorCode::kCryptoFailure, "this target is broken");
    }
    return crypto::derive_key128(test::counting<crypto::Key128>(9),
                                 base::struct_bytes(dependencies));
  }
};

// One call of generate_quote, with the memory its input refers to.
struct Call {
  base::Bytes blob;
  base::Bytes report;
  NonceInput nonce;
  std::uint16_t type = 0;
  base::Bytes data;
  std::size_t total = 0;
  std::size_t buffer_size = 0;

  void certify_with(std::uint16_t certification_type, std::size_t size) {
    type = certification_type;
    data.assign(size, std::byte{'c'});
    total = size + kHeaderSize;
    buffer_size = quote::kSizeWithoutCertificationData + size;
  }
};

class Qe3QuoteTest : public testing::Test {
 protected:
  // A plain call that succeeds: type 3 data, no nonce.
  [[nodiscard]] Call plain_call(const Cpu& report_cpu) const {
    const sgx::Report report =
        report_cpu.ereport(app_, world_.qe.target_info(), test::counting<sgx::ReportData>(1))
            .value();
    return {blob_, base::to_bytes(base::struct_bytes(report)), {}, 0, {}, 0, 1456};
  }
  [[nodiscard]] Call plain_call() const { return plain_call(world_.cpu); }

  [[nodiscard]] base::Result<GeneratedQuote> make(const Call& call, const Cpu& report_cpu) const {
    GenerateQuoteInput in;
    in.blob = call.blob;
    in.report = call.report;
    in.nonce = call.nonce;
    in.certification_type = call.type;
    in.certification_data = call.data;
    in.certification_total_size = call.total;
    in.pce_isv_svn = kPceSvn;
    in.buffer_size = call.buffer_size;
    return world_.qe.generate_quote(in, report_cpu);
  }
  [[nodiscard]] base::Result<GeneratedQuote> make(const Call& call) const {
    return make(call, world_.cpu);
  }

  [[nodiscard]] NonceInput nonce_for(const Secs& target) const {
    return {kNonce, test::target_of(target), true};
  }

  [[nodiscard]] crypto::P256PublicKey pck() const {
    return derive_pck_key(world_.cpu, simulated_pce_secs(kSimulatedPceIsvSvn), world_.raw_tcb())
        .value()
        .public_key();
  }

  test::Enclaves world_;
  const base::Bytes blob_ = world_.certified_blob();
  const Secs app_ = test::app_enclave();
};

// ---- The table of 3.8

struct Row {
  ErrorCode code;
  std::string_view words;  // of the message, to tell rows of one code apart
};
constexpr Row kRows[] = {
    {ErrorCode::kQeInvalidParameter, "missing"},
    {ErrorCode::kQeInvalidParameter, "2205"},
    {ErrorCode::kQeInvalidParameter, "all three or none"},
    {ErrorCode::kQeInvalidParameter, "certification data of type"},
    {ErrorCode::kQeInvalidReport, "MAC"},
    {ErrorCode::kQeInvalidBlob, ""},
    {ErrorCode::kQeInvalidParameter, "the buffer has"},
    {ErrorCode::kQeUnexpected, "signature"},
    {ErrorCode::kQeReportGeneration, ""},
};
constexpr unsigned kRowCount = std::size(kRows);

// Makes the condition of the row with this index hold. Later rows must be applied first.
void break_row(Call& call, unsigned row, const base::Bytes& inconsistent_blob) {
  switch (row) {
    case 0:
      call.buffer_size = 0;
      break;
    case 1:
      call.blob.push_back(std::byte{0});
      break;
    case 2:
      call.nonce.wants_report = false;
      break;
    case 3:
      call.type = 17;
      break;
    case 4:
      call.report.back() ^= std::byte{1};
      break;
    case 5:
      call.blob[1000] ^= std::byte{1};
      break;
    case 6:
      call.buffer_size -= 1;
      break;
    case 7:
      call.blob = inconsistent_blob;
      break;
    case 8:
      call.nonce.app_target_info->mr_enclave =
          test::filled<sgx::MrEnclave>(PartlyBrokenCpu::kBrokenTarget);
      break;
    default:
      FAIL() << row;
  }
}

// Every set of conditions at once: the first row in the table wins.
TEST_F(Qe3QuoteTest, ChecksComeInTheOrderOfTheTable) {
  const PartlyBrokenCpu report_cpu;
  AttestationKey inconsistent = world_.qe.open_blob(blob_).value();
  inconsistent.clear.attestation_key = pck().point();
  const base::Bytes inconsistent_blob =
      seal_blob(world_.cpu, world_.qe.secs(), inconsistent).value();
  Call good = plain_call(report_cpu);
  good.certify_with(5, 600);
  good.nonce = nonce_for(app_);

  for (unsigned broken = 0; broken < (1U << kRowCount); ++broken) {
    Call call = good;
    unsigned first = kRowCount;
    for (unsigned row = kRowCount; row-- > 0;) {
      if ((broken & (1U << row)) == 0) continue;
      break_row(call, row, inconsistent_blob);
      first = row;
    }
    const auto made = make(call, report_cpu);
    if (first == kRowCount) {
      EXPECT_EQ(outcome(made), "OK");
      continue;
    }
    ASSERT_EQ(outcome(made), named(kRows[first].code)) << "rows " << broken;
    EXPECT_NE(made.error().message().find(kRows[first].words), std::string::npos)
        << made.error().message();
  }
}

TEST_F(Qe3QuoteTest, BlobReportAndBufferAreNeeded) {
  for (const auto lose : {+[](Call& c) { c.blob.clear(); }, +[](Call& c) { c.report.clear(); },
                          +[](Call& c) { c.buffer_size = 0; }}) {
    Call call = plain_call();
    lose(call);
    EXPECT_EQ(outcome(make(call)), named(ErrorCode::kQeInvalidParameter));
  }
  Call call = plain_call();
  call.report.pop_back();
  EXPECT_EQ(outcome(make(call)), named(ErrorCode::kQeInvalidParameter));
}

TEST_F(Qe3QuoteTest, NonceTargetAndReportGoTogether) {
  for (unsigned given = 0; given < 8; ++given) {
    Call call = plain_call();
    if ((given & 1) != 0) call.nonce.nonce = kNonce;
    if ((given & 2) != 0) call.nonce.app_target_info = test::target_of(app_);
    call.nonce.wants_report = (given & 4) != 0;
    const auto made = make(call);
    if (given != 0 && given != 7) {
      EXPECT_EQ(outcome(made), named(ErrorCode::kQeInvalidParameter)) << given;
      continue;
    }
    ASSERT_TRUE(made) << given;
    EXPECT_EQ(made->qe_report.has_value(), given == 7);
  }
}

TEST_F(Qe3QuoteTest, CertificationDataIsBounded) {
  const auto result = [this](std::uint16_t type, std::size_t size, long announced_too_much = 0) {
    Call call = plain_call();
    call.certify_with(type, size);
    call.total = static_cast<std::size_t>(static_cast<long>(call.total) + announced_too_much);
    return outcome(make(call));
  };
  const std::string_view refused = named(ErrorCode::kQeInvalidParameter);
  for (const std::uint16_t type : std::initializer_list<std::uint16_t>{1, 5, 16}) {
    EXPECT_EQ(result(type, 600), "OK") << type;
  }
  for (const std::uint16_t type : std::initializer_list<std::uint16_t>{17, 0xFFFF}) {
    EXPECT_EQ(result(type, 600), refused) << type;
  }
  EXPECT_EQ(result(5, 0), "OK");
  EXPECT_EQ(result(5, 12294), "OK");
  EXPECT_EQ(result(5, 12295), refused);
  EXPECT_EQ(result(5, 600, 1), refused);
  EXPECT_EQ(result(5, 600, -1), refused);
  EXPECT_EQ(result(5, 600, -606), refused);
}

TEST_F(Qe3QuoteTest, BufferMustHoldTheQuote) {
  Call call = plain_call();
  call.buffer_size = 1455;
  EXPECT_EQ(outcome(make(call)), named(ErrorCode::kQeInvalidParameter));
  call.buffer_size = 1456;
  EXPECT_EQ(make(call)->quote.size(), 1456U);
  call.buffer_size = 100'000;
  EXPECT_EQ(make(call)->quote.size(), 1456U);
}

// Body and MAC are authenticated, KEYID selects the key: no bit may be altered.
TEST_F(Qe3QuoteTest, AnyAlteredBitOfTheReportIsNoticed) {
  Call call = plain_call();
  for (std::size_t bit = 0; bit < call.report.size() * 8; ++bit) {
    const auto mask = static_cast<std::byte>(1U << (bit % 8));
    call.report[bit / 8] ^= mask;
    EXPECT_EQ(outcome(make(call)), named(ErrorCode::kQeInvalidReport)) << "byte " << bit / 8;
    call.report[bit / 8] ^= mask;
  }
  EXPECT_EQ(outcome(make(call)), "OK");
}

TEST_F(Qe3QuoteTest, ReportsForOtherEnclavesOrOfOtherCpusAreRefused) {
  Call for_pce = plain_call();
  for_pce.report = base::to_bytes(
      base::struct_bytes(world_.cpu.ereport(app_, world_.pce.target_info(), {}).value()));
  EXPECT_EQ(outcome(make(for_pce)), named(ErrorCode::kQeInvalidReport));
  const PlatformCpu foreign = test::with_cpu_svn(7).make();
  EXPECT_EQ(outcome(make(plain_call(foreign))), named(ErrorCode::kQeInvalidReport));
  EXPECT_EQ(outcome(make(plain_call(foreign), foreign)), "OK") << "checked on its own CPU";
}

// The verifier must refuse them, not the QE.
TEST_F(Qe3QuoteTest, DebugEnclavesGetQuotes) {
  Secs debug = app_;
  debug.attributes.flags = debug.attributes.flags | sgx::flags::kDebug;
  Call call = plain_call();
  call.report = base::to_bytes(
      base::struct_bytes(world_.cpu.ereport(debug, world_.qe.target_info(), {}).value()));
  const auto made = make(call);
  ASSERT_TRUE(made);
  EXPECT_TRUE(quote::Quote::parse(made->quote)->report_body()->attributes.has(sgx::flags::kDebug));
}

TEST_F(Qe3QuoteTest, OpenedBlobGivesTheSameQuoteButForTheSignature) {
  const Call call = plain_call();
  const AttestationKey opened = world_.qe.open_blob(blob_).value();
  GenerateQuoteInput in;
  in.blob = call.blob;
  in.opened = &opened;
  in.report = call.report;
  in.pce_isv_svn = kPceSvn;
  in.buffer_size = call.buffer_size;
  const auto fast = world_.qe.generate_quote(in, world_.cpu);
  const auto slow = make(call);
  ASSERT_TRUE(fast && slow);
  const auto fast_quote = quote::Quote::parse(fast->quote).value();
  test::expect_genuine(fast_quote, pck());
  base::Bytes without_signature = fast->quote;
  base::Bytes expected = slow->quote;
  std::fill_n(without_signature.begin() + 436, 64, std::byte{});
  std::fill_n(expected.begin() + 436, 64, std::byte{});
  EXPECT_EQ(without_signature, expected);
}

// ---- The result

TEST_F(Qe3QuoteTest, HeaderAndBodyAreThoseOfTheSpecification) {
  const Call call = plain_call();
  const auto quote = quote::Quote::parse(make(call)->quote).value();
  EXPECT_EQ(quote.header.version, 3);
  EXPECT_EQ(quote.header.attestation_key_type, 2);
  EXPECT_EQ(quote.header.tee_type, 0U);
  EXPECT_EQ(quote.header.qe_svn, kSimulatedQeIsvSvn);
  EXPECT_EQ(quote.header.pce_svn, kPceSvn);
  EXPECT_EQ(quote.header.qe_vendor_id.hex(), "939a7233f79c4ca9940a0db3957f0607");
  EXPECT_EQ(quote.header.user_data.hex(), world_.qe.qe_id()->hex() + "00000000");
  EXPECT_TRUE(base::equal(base::struct_bytes(*quote.report_body()),
                          base::ByteView(call.report).first(384)));
  EXPECT_EQ(base::to_hex(quote.authentication_data), base::to_hex(test::authentication_data()));
  test::expect_genuine(quote, pck());
}

TEST_F(Qe3QuoteTest, WithoutProviderTheDataIsOfType3) {
  const auto made = make(plain_call());
  ASSERT_TRUE(made);
  EXPECT_EQ(made->quote.size(), 1456U);
  const auto quote = quote::Quote::parse(made->quote).value();
  EXPECT_EQ(quote.certification_type, 3);
  const auto data = quote::parse_certification_data(3, quote.certification_data).value();
  const auto& ppid = std::get<quote::EncryptedPpidRsa3072>(data);
  EXPECT_EQ(ppid.tcb.cpu_svn, world_.cpu.cpu_svn());
  EXPECT_EQ(ppid.tcb.pce_svn, kSimulatedPceIsvSvn);
  EXPECT_EQ(ppid.tcb.pce_id, 0);
  const auto clear = crypto::rsa_oaep_decrypt(ppid_private_key_pem(), ppid.encrypted_ppid).value();
  EXPECT_TRUE(base::equal(
      clear.view(), derive_ppid(world_.cpu, simulated_pce_secs(kSimulatedPceIsvSvn))->view()));
}

TEST_F(Qe3QuoteTest, GivenCertificationDataIsUsedAsItIs) {
  Call call = plain_call();
  call.certify_with(5, 3548);
  const auto made = make(call);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->quote.size(), 4600U);
  const auto quote = quote::Quote::parse(made->quote).value();
  EXPECT_EQ(quote.certification_type, 5);
  EXPECT_EQ(quote.certification_data, call.data);
  test::expect_genuine(quote, pck());
}

TEST_F(Qe3QuoteTest, NonceReportVouchesForTheQuoteAtTheApplication) {
  for (const Secs& target : {test::app_enclave(), test::kss_enclave()}) {
    Call call = plain_call();
    call.nonce = nonce_for(target);
    call.buffer_size = 5000;  // the hash covers the quote, not the buffer
    const auto made = make(call);
    ASSERT_TRUE(made && made->qe_report);
    EXPECT_TRUE(report_verifies(world_.cpu, target, *made->qe_report).value());
    EXPECT_EQ(made->qe_report->body.report_data, test::vouching_for_quote(kNonce, made->quote));
    EXPECT_EQ(made->qe_report->body.mr_enclave, world_.qe.secs().mr_enclave);
  }
}

}  // namespace
}  // namespace quoted::simulation
