// The wire corpus: what every supported client says to the service, how, and what it needs back.
// One file a client, JSON Lines: a header, then one step a line (docs/preflight.md). Judges a
// daemon and comes from wherever --corpus points, so it is parsed as hostile: bounded, and nothing
// in it is trusted before it is checked.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "conformance/response_shape.h"

namespace quoted::conformance {

// A number that the daemon told in an earlier step of the conversation.
enum class Told : std::uint8_t { kQuoteSize, kKeyIdsSize };
[[nodiscard]] std::string_view name_of(Told told);

// A number, or one that was told and what is to be added to it.
struct Quantity {
  std::optional<Told> told;
  std::int64_t number = 0;
};

// Bytes that are known only when the daemon has answered.
enum class Filled : std::uint8_t {
  kReport,         // a REPORT for the target info of this conversation
  kAlteredReport,  // the same, its MAC altered
  kKeyId,          // the daemon's ECDSA key id
};

struct Piece {
  enum class Kind : std::uint8_t {
    kBytes,     // `bytes`
    kFilled,    // `filled`
    kQuantity,  // `quantity` as a varint of two bytes, so that all lengths are constant
  };
  Kind kind = Kind::kBytes;
  base::Bytes bytes;
  Filled filled = Filled::kReport;
  Quantity quantity;
};
using Write = std::vector<Piece>;

// What a field of the answer has to be.
struct Rule {
  enum class Kind : std::uint8_t {
    kValue,     // a number: `quantity`
    kRange,     // from `quantity` to `most`
    kSize,      // so many bytes
    kNonzero,   // bytes that are not all zero
    kEquals,    // exactly `bytes`
    kBegins,    // `bytes`, and more behind
    kOptional,  // may be there
    kQuote,     // the quote of the REPORT that was sent, zero bytes behind
    kVouches,   // holds the QE's REPORT on nonce and quote (aesm-protocol 3.6)
  };
  const FieldShape* field = nullptr;
  Kind kind = Kind::kOptional;
  Quantity quantity;
  std::int64_t most = 0;
  base::Bytes bytes;
};

// What later steps of the conversation need of an answer.
struct Save {
  enum class What : std::uint8_t { kTargetInfo, kKeyId, kQuoteSize, kKeyIdsSize };
  What what = What::kTargetInfo;
  const FieldShape* field = nullptr;
  std::int64_t factor = 1;
};

struct Expectation {
  enum class Form : std::uint8_t {
    kClosed,  // the connection is closed without a byte
    kBytes,   // exactly `bytes` behind the length prefix
    kAnswer,  // a response of the shape `shape`: a field without a rule must be absent
  };
  Form form = Form::kClosed;
  bool may_close = false;  // closing without a byte is just as good
  base::Bytes bytes;
  base::Bytes or_bytes;  // unless empty: exactly this is just as good
  const ResponseShape* shape = nullptr;
  std::vector<Rule> rules;
  std::vector<Save> saves;
};

// One connection: what is written to it, and what has to come back.
struct Step {
  std::string name;
  std::vector<Write> writes;
  bool half_close = false;    // the client sends no more, and says so
  bool leaves = false;        // the client goes without its answer, which is not judged
  bool required = true;       // else: the daemon does well to do so, but no client needs it
  bool hostile = false;       // may harm a daemon that is not proof against it
  bool without_epid = false;  // only a daemon that has no EPID has to answer so
  // Other connections, open meanwhile, and what each has sent: they keep it waiting for the rest.
  std::vector<base::Bytes> neighbours;
  std::optional<std::chrono::milliseconds> within;  // else the player's own patience
  Expectation expectation;
};

// Steps that need each other's answers.
struct Conversation {
  std::string client;
  std::string name;
  std::vector<Step> steps;
};

using Corpus = std::vector<Conversation>;

inline constexpr int kCorpusVersion = 1;
inline constexpr std::size_t kMaxCorpusFile = std::size_t{1024} * 1024;
inline constexpr std::size_t kMaxCorpusFiles = 64;
inline constexpr std::size_t kMaxStepsInFile = 1024;

// The conversations of one file. Malformed names the line.
[[nodiscard]] base::Result<Corpus> parse_client(std::string_view content);

// The corpus that the program was built with.
[[nodiscard]] base::Result<Corpus> built_in_corpus();

// All files *.jsonl of a directory. Malformed and FileUnreadable name the file; a directory without
// any is an error: a daemon must not pass for want of questions.
[[nodiscard]] base::Result<Corpus> load_corpus(const std::filesystem::path& directory);

}  // namespace quoted::conformance
