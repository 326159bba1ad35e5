// Two quotes of the same REPORT, made at different times. What an honest daemon makes anew each
// time is not looked at: the quote's signature, the QE report's signature, and the signatures of
// certificates, which a daemon that lost its state issues again.
#pragma once

#include "recording/differences.h"

namespace quoted::recording {

// How far the sizes of two quotes of the same platform can be apart: a signature in DER has 66 to
// 72 bytes but for one in 2^30, which PEM turns into at most 8 characters and a line end, in each
// of three certificates.
inline constexpr std::size_t kSizeAllowance = 27;

// Both as the daemon sent them, zero bytes behind. Their sizes are the caller's business.
void compare_quotes(base::ByteView expected, base::ByteView observed, Differences& out);

// Two answers of sizeof(sgx::QeReportInfo) bytes; others are compared byte by byte. The QE's report
// covers the quote's signature, so its report data, key id and MAC are not looked at.
void compare_qe_report_infos(base::ByteView expected, base::ByteView observed, Differences& out);

}  // namespace quoted::recording
