#include "appraisal/workload_text.h"

#include "base/hex.h"
#include "base/text.h"

namespace quoted::appraisal {
namespace {

using base::hex_number;
using base::text;
using config::TableReader;

constexpr std::size_t kMaxName = 100;
constexpr std::int64_t kMaxSvn = 0xFFFF;
// Set in every XFRM and XFAM: x87 and SSE (sgx-cpu-model 1.1).
constexpr std::uint64_t kAlwaysInXfrm = 0x3;
// Bits of TDATTRIBUTES: the first byte is for debugging, of which the verifier lets pass bit 0
// alone.
constexpr std::uint64_t kTdDebug = 0x1;
constexpr std::uint64_t kTdUnderObservation = 0xFE;

template <class T>
OneOf<T> read_list(TableReader& table, std::string_view key) {
  return {table.fixed_list<T>(key)};
}

// A measurement of zeros is a place that was never filled in.
template <class T>
OneOf<T> read_measurements(TableReader& table, std::string_view key) {
  OneOf<T> out = read_list<T>(table, key);
  if (std::ranges::any_of(out.values, &T::is_zero)) {
    table.mistake(key, "all zero, which no measurement is; put in the real value");
  }
  return out;
}

AtLeast read_svn(TableReader& table, std::string_view key) {
  const auto number = table.integer(key, 0, kMaxSvn);
  return {number ? std::optional(static_cast<std::uint16_t>(*number)) : std::nullopt};
}

Prefix read_report_data(TableReader& table) {
  if (table.has("report_data") && table.has("report_data_prefix")) {
    table.mistake("report_data_prefix", "report_data gives all bytes already; leave one out");
  }
  Prefix out;
  out.bytes = table.bytes("report_data_prefix", 1, sgx::ReportData::kSize).value_or(base::Bytes());
  if (const auto all = table.bytes("report_data", 1, sgx::ReportData::kSize)) {
    if (all->size() != sgx::ReportData::kSize) {
      table.mistake("report_data", text(all->size(), " bytes, expected ", sgx::ReportData::kSize,
                                        "; fill up with zeros, or write report_data_prefix if any "
                                        "bytes may follow"));
    }
    out.bytes = *all;
  }
  return out;
}

// `read` gives the value of a key as 64 bits.
template <class Read>
Bits read_bits(TableReader& table, std::string_view key, std::string_view mask_key,
               const Read& read) {
  const std::optional<std::uint64_t> value = read(key);
  const std::optional<std::uint64_t> mask = read(mask_key);
  if (!table.has(key)) {
    if (table.has(mask_key)) {
      table.mistake(mask_key, text("has no effect without ", key, "; say what the bits must be"));
    }
    return {};
  }
  if (!value || (table.has(mask_key) && !mask)) return {};
  const Bits out{*value, mask.value_or(~std::uint64_t{0})};
  if (out.mask == 0) {
    table.mistake(mask_key,
                  text("selects no bit, so that ", key, " has no effect; leave out both"));
  }
  if ((out.value & ~out.mask) != 0) {
    table.mistake(key, text("has the bits ", hex_number(out.value & ~out.mask), ", which ",
                            mask_key, " leaves out; clear them here, or set them there"));
  }
  return out;
}

void check_always_set(TableReader& table, std::string_view key, const Bits& bits,
                      std::uint64_t always, std::string_view where) {
  if (bits.forbids(always)) {
    table.mistake(key, text("can never be met: it demands that the bits ",
                            hex_number(always & bits.mask & ~bits.value),
                            " are clear, which are "
                            "set in ",
                            where));
  }
}

// `table` has the bits, `outer` the key allow_debug.
void check_debug(TableReader& table, TableReader& outer, std::string_view key, const Bits& bits,
                 std::uint64_t debug, bool allow_debug) {
  if (bits.forbids(debug) && allow_debug) {
    outer.mistake("allow_debug",
                  text("has no effect: ", table.name_of(key), " in line ", table.place_of(key).line,
                       " demands that DEBUG is clear; change one of them"));
  }
  if (bits.demands(debug) && !allow_debug) {
    table.mistake(key,
                  "can never be met: it demands DEBUG, which is refused without "
                  "'allow_debug = true'");
  }
}

void read_attributes(TableReader& table, EnclaveAlternative& out) {
  auto attributes = table.table("attributes");
  if (!attributes) return;
  const auto read = [&](std::string_view key) { return attributes->bits(key); };
  out.flags = read_bits(*attributes, "flags", "flags_mask", read);
  out.xfrm = read_bits(*attributes, "xfrm", "xfrm_mask", read);
  check_always_set(*attributes, "flags", out.flags, sgx::flags::kInit, "every enclave (INIT)");
  check_always_set(*attributes, "xfrm", out.xfrm, kAlwaysInXfrm, "every enclave (x87, SSE)");
  check_debug(*attributes, table, "flags", out.flags, sgx::flags::kDebug, out.allow_debug);
  if (!attributes->has("flags") && !attributes->has("xfrm")) {
    table.mistake("attributes", "demands nothing; name flags or xfrm, or leave it out");
  }
  attributes->finish();
}

// Product ids and versions are written by whoever signs. They say something only under a signer
// that is trusted to write them, and only within one of its products.
void check_signer(TableReader& table, bool any_product) {
  const bool signer = table.has("mr_signer");
  const bool enclave = table.has("mr_enclave");
  if (!signer && !enclave) {
    table.mistake("mr_enclave",
                  "missing, and so is mr_signer: any enclave would do; name the "
                  "enclave or its signer");
    return;
  }
  if (signer && !enclave && !table.has("isv_prod_id") && !any_product) {
    table.mistake("isv_prod_id",
                  "missing beside mr_signer: every enclave of this signer would do, "
                  "its test programs too; name the product, or write "
                  "'any_product = true' to mean it");
  }
  if (!signer) {
    for (const std::string_view key :
         {"isv_prod_id", "min_isv_svn", "isv_family_id", "isv_ext_prod_id"}) {
      if (table.has(key)) {
        table.mistake(key,
                      "says nothing without mr_signer: mr_enclave does not cover it, and anyone "
                      "can sign the same enclave with another value; name mr_signer too");
      }
    }
  }
  if (!any_product) return;
  if (enclave || !signer) {
    table.mistake("any_product", "goes with mr_signer alone; mr_enclave names one enclave already");
  }
  for (const std::string_view key : {"isv_prod_id", "min_isv_svn"}) {
    if (table.has(key)) {
      table.mistake(key,
                    key == "isv_prod_id"
                        ? "contradicts 'any_product = true'; leave one out"
                        : "compares versions of different products under 'any_product = true'; "
                          "name isv_prod_id instead");
    }
  }
}

// Without KSS the processor has zeros in these fields (sgx-cpu-model 1.7).
void check_kss(TableReader& table, const EnclaveAlternative& found) {
  if (!found.flags.forbids(sgx::flags::kKss)) return;
  for (const std::string_view key :
       {"isv_family_id", "isv_ext_prod_id", "config_id", "min_config_svn"}) {
    if (table.has(key)) {
      table.mistake(key,
                    "can never be met: attributes.flags demands that KSS is clear, and only "
                    "enclaves with KSS have this field");
    }
  }
}

// Only the measurement of the TD says what runs in it; the host chooses MRCONFIGID, MROWNER and
// MROWNERCONFIG, and what the firmware starts is in the RTMRs.
void check_td_identity(TableReader& table, bool any_runtime) {
  if (!table.has("mr_td")) {
    table.mistake("mr_td",
                  "missing: the firmware of any TD would do, and it is what fills the other "
                  "registers; name it");
    return;
  }
  bool runtime = false;
  for (const std::string_view key : {"rt_mr0", "rt_mr1", "rt_mr2", "rt_mr3"}) {
    runtime = runtime || table.has(key);
  }
  if (!runtime && !any_runtime) {
    table.mistake("rt_mr1",
                  "missing, and so are the other rt_mr: any system that this firmware "
                  "starts would do; name them, or write 'any_runtime = true' to mean it");
  }
  if (runtime && any_runtime) {
    table.mistake("any_runtime", "contradicts the rt_mr that are named; leave one out");
  }
}

}  // namespace

EnclaveAlternative read_enclave(TableReader& table) {
  EnclaveAlternative out;
  out.place = table.place();
  out.name = table.string("name", kMaxName).value_or("");
  out.mr_enclave = read_measurements<sgx::MrEnclave>(table, "mr_enclave");
  out.mr_signer = read_measurements<sgx::MrSigner>(table, "mr_signer");
  if (const auto id = table.integer("isv_prod_id", 0, kMaxSvn)) {
    out.isv_prod_id.values = {static_cast<std::uint16_t>(*id)};
  }
  out.min_isv_svn = read_svn(table, "min_isv_svn");
  out.isv_family_id = read_list<sgx::IsvFamilyId>(table, "isv_family_id");
  out.isv_ext_prod_id = read_list<sgx::IsvExtProdId>(table, "isv_ext_prod_id");
  out.config_id = read_list<sgx::ConfigId>(table, "config_id");
  out.min_config_svn = read_svn(table, "min_config_svn");
  out.report_data = read_report_data(table);
  out.allow_debug = table.boolean("allow_debug").value_or(false);
  read_attributes(table, out);
  check_signer(table, table.boolean("any_product").value_or(false));
  check_kss(table, out);
  if (!out.mr_enclave.values.empty() && !out.mr_signer.values.empty() &&
      out.mr_enclave.values.front().array() == out.mr_signer.values.front().array()) {
    table.mistake("mr_signer",
                  "the same digits as mr_enclave; one of them stands in the wrong place");
  }
  table.finish();
  return out;
}

TdAlternative read_td(TableReader& table) {
  using quote::TdMeasurement;
  TdAlternative out;
  out.place = table.place();
  out.name = table.string("name", kMaxName).value_or("");
  out.mr_td = read_measurements<TdMeasurement>(table, "mr_td");
  constexpr std::array<std::string_view, 4> kRtMrs{"rt_mr0", "rt_mr1", "rt_mr2", "rt_mr3"};
  for (std::size_t i = 0; i < kRtMrs.size(); ++i) {
    out.rt_mr[i] = read_list<TdMeasurement>(table, kRtMrs[i]);
  }
  out.mr_seam = read_measurements<TdMeasurement>(table, "mr_seam");
  out.mr_signer_seam = read_list<TdMeasurement>(table, "mr_signer_seam");
  out.mr_config_id = read_list<TdMeasurement>(table, "mr_config_id");
  out.mr_owner = read_list<TdMeasurement>(table, "mr_owner");
  out.mr_owner_config = read_list<TdMeasurement>(table, "mr_owner_config");
  out.mr_service_td = read_list<TdMeasurement>(table, "mr_service_td");
  out.min_tee_tcb_svn = table.fixed<quote::TeeTcbSvn>("min_tee_tcb_svn");
  out.report_data = read_report_data(table);
  out.allow_debug = table.boolean("allow_debug").value_or(false);
  const auto read = [&](std::string_view key) {
    const auto flags = table.fixed<quote::TdFlags>(key);
    return flags ? std::optional(to_bits(*flags)) : std::nullopt;
  };
  out.td_attributes = read_bits(table, "td_attributes", "td_attributes_mask", read);
  out.xfam = read_bits(table, "xfam", "xfam_mask", read);
  check_always_set(table, "xfam", out.xfam, kAlwaysInXfrm, "every TD (x87, SSE)");
  check_debug(table, table, "td_attributes", out.td_attributes, kTdDebug, out.allow_debug);
  if (out.td_attributes.demands(kTdUnderObservation)) {
    table.mistake("td_attributes",
                  "can never be met: the verifier refuses TDs whose first byte has "
                  "a bit other than DEBUG");
  }
  check_td_identity(table, table.boolean("any_runtime").value_or(false));
  table.finish();
  return out;
}

}  // namespace quoted::appraisal
