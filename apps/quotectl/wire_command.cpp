// quotectl wire: what clients and the daemon say to each other, kept, shown and said again.
#include <memory>

#include "base/file.h"
#include "quotectl/commands.h"
#include "quotectl/wire.h"

namespace quoted::quotectl {
namespace {

void add_record(CLI::App& wire, Action& chosen) {
  auto options = std::make_shared<WireRecordOptions>();
  CLI::App* const command =
      wire.add_subcommand("record", "Stand between clients and the daemon, and keep what they say");
  command->add_option("--listen", options->listen, "Socket that clients are to use meanwhile")
      ->type_name("PATH")
      ->required();
  add_socket_option(*command, options->socket);
  command->add_option("--out", options->out, "Where the recording goes; never overwritten")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--count", options->count,
                   "End after so many connections; without it at SIGINT or SIGTERM")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command->callback([options, &chosen] { chosen = [options] { return record_wire(*options); }; });
}

void add_show(CLI::App& wire, Action& chosen) {
  auto options = std::make_shared<WireShowOptions>();
  CLI::App* const command = wire.add_subcommand("show", "Show a recording, every message decoded");
  command->add_option("FILE", options->file, "The recording")->type_name("")->required();
  command->add_flag("--json", options->json, "JSON instead of text");
  command->callback([options, &chosen] { chosen = [options] { return show_wire(*options); }; });
}

void add_replay(CLI::App& wire, Action& chosen) {
  auto options = std::make_shared<WireReplayOptions>();
  CLI::App* const command = wire.add_subcommand(
      "replay",
      "Send recorded requests to a daemon and compare its answers; exits with 0 when all are the "
      "same, 2 when one is not");
  command->add_option("FILE", options->file, "The recording")->type_name("")->required();
  add_socket_option(*command, options->socket);
  constexpr std::uint32_t kMaxTimeout = 3'600'000;
  command->add_option("--timeout", options->timeout_ms, "How long to wait for each answer")
      ->type_name("MS")
      ->check(CLI::Range(std::uint32_t{1}, kMaxTimeout))
      ->capture_default_str();
  command->callback([options, &chosen] { chosen = [options] { return replay_wire(*options); }; });
}

}  // namespace

base::Result<std::vector<recording::Item>> read_transcript(const std::string& path) {
  QUOTED_TRY(base::Bytes content, base::read_file(path, recording::kMaxRecordingSize));
  auto transcript = recording::parse_recording(base::as_text(content)).and_then([&](auto events) {
    content = {};  // a large text and its transcript need not be in memory together
    return recording::transcript_of(events);
  });
  if (!transcript) return base::fail(std::move(transcript).error().with_context(path));
  return transcript;
}

void add_wire_command(CLI::App& app, Action& chosen) {
  CLI::App* const wire =
      app.add_subcommand("wire", "Record, show and replay what clients and the daemon say");
  add_record(*wire, chosen);
  add_show(*wire, chosen);
  add_replay(*wire, chosen);
}

}  // namespace quoted::quotectl
