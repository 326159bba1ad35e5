// Prints docs/errors.md from the error table, or with --man docs/man/quoted-errors.7.
// scripts/generate-docs writes them; a test compares.
#include <cstdio>
#include <string>
#include <string_view>

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

std::string codes_of(const ErrorEntry& row) {
  std::string codes = text("AESM ", row.aesm, " ", quoted::base::aesm_error_name(row.aesm),
                           ", SDK ", hex_number(row.sdk));
  if (row.native != 0) codes += text(", native ", hex_number(row.native));
  return codes;
}

std::string markdown_row(const ErrorEntry& row) {
  return text("\n### ", row.id, " ", row.name, "\n\n", row.sentence, "\n\n- Cause: ", row.cause,
              ".\n- Remedy: ", row.remedy, ".\n- Codes: ", codes_of(row), ".\n");
}

// Words as roff takes them for words: an escape character, and a line that looks like a request.
std::string roff(std::string_view words) {
  std::string out;
  if (words.starts_with('.') || words.starts_with('\'')) out += "\\&";
  for (const char c : words) {
    if (c == '\\') {
      out += "\\e";
    } else {
      out += c;
    }
  }
  return out;
}

std::string man_row(const ErrorEntry& row) {
  return text(".It ", row.id, " ", row.name, "\n", roff(row.sentence),
              "\n.br\nCause: ", roff(row.cause), ".\n.br\nRemedy: ", roff(row.remedy),
              ".\n.br\nCodes: ", codes_of(row), ".\n");
}

constexpr std::string_view kMarkdownHead =
    "# Errors\n\n"
    "Generated from `src/base/error_table.cpp` by `scripts/generate-docs`; do not edit.\n\n"
    "Ids are stable. \"AESM\" is what a client finds in `errorCode`, \"SDK\" what\n"
    "`libsgx_quote_ex` makes of it on `sgx_get_quote_ex`, \"native\" the code of the enclave,\n"
    "instruction or library where the error has one of its own.\n";

constexpr std::string_view kManHead =
    ".\\\" Generated from src/base/error_table.cpp by scripts/generate-docs; do not edit.\n"
    ".Dd November 24, 2026\n"
    ".Dt QUOTED-ERRORS 7\n"
    ".Os quoted\n"
    ".Sh NAME\n"
    ".Nm quoted-errors\n"
    ".Nd every error of quoted, its cause and its remedy\n"
    ".Sh DESCRIPTION\n"
    "Logs, messages and JSON name an error by its id, which is stable, such as QD8305.\n"
    "Below each stands what usually causes it, what mends it, and its codes:\n"
    ".Dq AESM\n"
    "is what a client of the socket finds in errorCode,\n"
    ".Dq SDK\n"
    "what\n"
    ".Xr libsgx_quote_ex 3\n"
    "makes of it on\n"
    ".Fn sgx_get_quote_ex ,\n"
    ".Dq native\n"
    "the code of the enclave, instruction or library where the error has one of its own.\n";

constexpr std::string_view kManTail =
    ".Sh SEE ALSO\n"
    ".Xr quotectl 1 ,\n"
    ".Xr libsgx_quote_ex 3 ,\n"
    ".Xr quoted 8\n";

std::string markdown() {
  std::string out(kMarkdownHead);
  std::string section;
  for (const ErrorEntry& row : quoted::base::error_table()) {
    if (section_of(row) != section) {
      section = section_of(row);
      out += text("\n## ", section, "\n");
    }
    out += markdown_row(row);
  }
  return out;
}

std::string man() {
  std::string out(kManHead);
  std::string section;
  for (const ErrorEntry& row : quoted::base::error_table()) {
    if (section_of(row) != section) {
      if (!section.empty()) out += ".El\n";
      section = section_of(row);
      out += text(".Ss ", section, "\n.Bl -tag -width Ds\n");
    }
    out += man_row(row);
  }
  return out + ".El\n" + std::string(kManTail);
}

}  // namespace

int main(int argc, char** argv) {
  const bool as_man = argc == 2 && std::string_view(argv[1]) == "--man";
  if (argc != 1 && !as_man) {
    (void)std::fputs("usage: generate_error_docs [--man]\n", stderr);
    return 1;
  }
  const std::string out = as_man ? man() : markdown();
  return std::fwrite(out.data(), 1, out.size(), stdout) == out.size() ? 0 : 1;
}
