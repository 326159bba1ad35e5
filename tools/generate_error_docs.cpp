// Prints docs/errors.md from the error table. scripts/generate-docs writes it; a test compares.
#include <cstdio>
#include <string>

#include "base/error_table.h"
#include "base/hex.h"
#include "base/text.h"

namespace {

using quoted::base::ErrorEntry;
using quoted::base::hex_number;
using quoted::base::text;

std::string section_of(const ErrorEntry& row) {
  switch (row.id[2]) {
    case '1':
      return "General";
    case '2':
      return "Cryptography";
    case '3':
      return "The AESM wire";
    case '4':
      if (row.id[3] == '2') return "Services of others";
      return row.id[3] == '1' ? "HTTP" : "Sockets, directories and start-up";
    case '5':
      return "The simulated CPU";
    case '6':
      return "Quoting Enclave and Provisioning Certification Enclave";
    case '7':
      return "Quoting";
    default:
      return "Verification";
  }
}

std::string describe(const ErrorEntry& row) {
  std::string codes = text("AESM ", row.aesm, " ", quoted::base::aesm_error_name(row.aesm),
                           ", SDK ", hex_number(row.sdk));
  if (row.native != 0) codes += text(", native ", hex_number(row.native));
  return text("### ", row.id, " ", row.name, "\n\n", row.sentence, "\n\n- Cause: ", row.cause,
              ".\n- Remedy: ", row.remedy, ".\n- Codes: ", codes, ".\n");
}

}  // namespace

int main() {
  std::string out =
      "# Errors\n\n"
      "Generated from `src/base/error_table.cpp` by `scripts/generate-docs`; do not edit.\n\n"
      "Ids are stable. \"AESM\" is what a client finds in `errorCode`, \"SDK\" what\n"
      "`libsgx_quote_ex` makes of it on `sgx_get_quote_ex`, \"native\" the code of the enclave,\n"
      "instruction or library where the error has one of its own.\n";
  std::string section;
  for (const ErrorEntry& row : quoted::base::error_table()) {
    if (section_of(row) != section) {
      section = section_of(row);
      out += text("\n## ", section, "\n");
    }
    out += text("\n", describe(row));
  }
  return std::fwrite(out.data(), 1, out.size(), stdout) == out.size() ? 0 : 1;
}
