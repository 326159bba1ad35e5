// quotectl quote: has the daemon turn a REPORT into a quote.
#include <memory>

#include "aesm/client.h"
#include "base/file.h"
#include "base/text.h"
#include "quote/quote.h"
#include "quotectl/commands.h"
#include "quotectl/describe_quote.h"
#include "quotectl/output.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

struct QuoteOptions {
  std::string report;
  std::string socket;
  std::string out;
};

Result<sgx::Report> read_report(const std::string& path) {
  QUOTED_TRY(const base::Bytes content, base::read_file(path, sizeof(sgx::Report)));
  return base::parse_struct<sgx::Report>(content, text(path, ": a REPORT"));
}

Result<ExitCode> run(const QuoteOptions& options) {
  QUOTED_TRY(const sgx::Report report, read_report(options.report));
  QUOTED_TRY(const aesm::QuoteAnswer answer, aesm::Client(options.socket).quote_for(report));
  std::size_t padding = 0;
  auto quote = quote::Quote::parse(answer.quote, &padding);
  if (!quote) {
    return fail(std::move(quote).error().with_context(text("the answer of ", options.socket)));
  }
  const auto bytes = base::ByteView(answer.quote).first(answer.quote.size() - padding);
  QUOTED_CHECK(write_output_file(options.out, bytes));
  const std::string done = text("quote of ", bytes.size(), " bytes written to ", options.out);
  if (is_simulated(*quote)) {
    warn_simulated(done);
  } else {
    note(done);
  }
  return ExitCode::kSuccess;
}

}  // namespace

void add_quote_command(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<QuoteOptions>();
  CLI::App* const command = app.add_subcommand("quote", "Have the daemon make a quote of a REPORT");
  command->add_option("REPORT", options->report, "File of 432 bytes")->type_name("")->required();
  add_socket_option(*command, options->socket);
  command->add_option("--out", options->out, "Where the quote goes")->type_name("FILE")->required();
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
