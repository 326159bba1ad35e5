// The names of everything that is logged, one sentence each. Stable: people alert on them.
#pragma once

#include <string_view>

namespace quoted::telemetry::event {

// Life of the daemon.

// The front process accepts connections.
inline constexpr std::string_view kServing = "serving";
// An orderly stop began; connections accepted so far still get their answer.
inline constexpr std::string_view kStopping = "stopping";
// The daemon has ended in order.
inline constexpr std::string_view kStopped = "stopped";
// A drain ran out of time and closed connections that had not got their answer.
inline constexpr std::string_view kDrainIncomplete = "drain_incomplete";
// The front process ended although nobody asked it to.
inline constexpr std::string_view kFrontCrashed = "front_crashed";
// The front process was killed because it did not stop in time, or on a second signal.
inline constexpr std::string_view kFrontKilled = "front_killed";
// The front process crashed so often in a row that it is not started again.
inline constexpr std::string_view kFrontGaveUp = "front_gave_up";
// A signal arrived that has no meaning here.
inline constexpr std::string_view kSignalIgnored = "signal_ignored";

// Start-up.

// The platform in use has no security.
inline constexpr std::string_view kSimulatedPlatform = "simulated_platform";
// The simulated world is made from the seed that everybody knows.
inline constexpr std::string_view kDevelopmentSeed = "development_seed";
// Users other than its owner can read the seed file.
inline constexpr std::string_view kSeedFileExposed = "seed_file_exposed";
// A setting of another program's configuration is not followed.
inline constexpr std::string_view kConfigurationIgnored = "configuration_ignored";
// The platform tells something a person should know: a state file rebuilt, a certificate issued.
inline constexpr std::string_view kPlatformNotice = "platform_notice";
// A socket that nobody listened on was replaced.
inline constexpr std::string_view kStaleSocketReplaced = "stale_socket_replaced";
// The lock that keeps two starting daemons apart was held by someone else for too long.
inline constexpr std::string_view kSocketLockBusy = "socket_lock_busy";
// The socket, or a file published beside it, could not be removed.
inline constexpr std::string_view kSocketNotRemoved = "socket_not_removed";

// Certification.

// Whether and with what the platform is certified changed.
inline constexpr std::string_view kCertificationState = "certification_state";
// The SVNs of the simulated node were changed by an update.
inline constexpr std::string_view kNodeUpdated = "node_updated";
// The file with the SVNs of the simulated node cannot be used; those of before stay.
inline constexpr std::string_view kNodeStateUnusable = "node_state_unusable";
// A document was fetched, verified and taken into the cache.
inline constexpr std::string_view kDocumentFetched = "document_fetched";
// A source did not give a document, or gave one that does not verify.
inline constexpr std::string_view kDocumentFailed = "document_failed";
// The cache lost its directory and goes on in memory.
inline constexpr std::string_view kCacheDegraded = "cache_degraded";
// The cache has its directory again.
inline constexpr std::string_view kCacheRestored = "cache_restored";
// A file of the cache was damaged; the document is fetched again.
inline constexpr std::string_view kCacheDamaged = "cache_damaged";
// This platform was registered with its certification service.
inline constexpr std::string_view kPlatformRegistered = "platform_registered";
// This platform could not be registered.
inline constexpr std::string_view kRegistrationFailed = "registration_failed";
// The certifier process cannot work.
inline constexpr std::string_view kCertifierFailed = "certifier_failed";
// The certifier process ended although nobody asked it to; it is started again.
inline constexpr std::string_view kCertifierCrashed = "certifier_crashed";
// The status file beside the socket could not be written.
inline constexpr std::string_view kStatusNotWritten = "status_not_written";

// Connections and requests.

// A request was answered with success.
inline constexpr std::string_view kRequestAnswered = "request_answered";
// A request was answered with an error code.
inline constexpr std::string_view kRequestFailed = "request_failed";
// A connection was closed without an answer because it sent something that is not a request.
inline constexpr std::string_view kRequestMalformed = "request_malformed";
// A peer closed, or broke, its connection in the middle of a request or an answer.
inline constexpr std::string_view kConnectionBroken = "connection_broken";
// A connection was closed because the peer stopped in the middle of a request or an answer.
inline constexpr std::string_view kConnectionStalled = "connection_stalled";
// A connection without a request in progress was closed.
inline constexpr std::string_view kConnectionIdle = "connection_idle";
// A connection was closed because the kernel did not say who its peer is.
inline constexpr std::string_view kPeerUnknown = "peer_unknown";
// No connection can be accepted at the moment; it is tried again.
inline constexpr std::string_view kAcceptFailed = "accept_failed";
// A connection was closed because of a defect or exhausted memory in the daemon.
inline constexpr std::string_view kSessionFailed = "session_failed";
// An event loop caught what no session had caught, and goes on.
inline constexpr std::string_view kLoopFailed = "loop_failed";

// The verification service and its HTTP server.

// Collateral was loaded, at the start or on SIGHUP.
inline constexpr std::string_view kCollateralLoaded = "collateral_loaded";
// Collateral could not be loaded again; the service goes on with what it had.
inline constexpr std::string_view kCollateralReloadFailed = "collateral_reload_failed";
// A part of the collateral has expired; quotes of its platforms are refused or warned about.
inline constexpr std::string_view kCollateralExpired = "collateral_expired";
// The root that quotes are trusted by is that of a simulated world.
inline constexpr std::string_view kSimulatedRoot = "simulated_root";
// An address that other machines reach is served without TLS.
inline constexpr std::string_view kServingUnprotected = "serving_unprotected";
// A quote was judged, whatever the verdict.
inline constexpr std::string_view kQuoteJudged = "quote_judged";
// A request to verify could not be carried out.
inline constexpr std::string_view kVerifyRequestRefused = "verify_request_refused";
// The simulated manufacturer answered a request, with whatever status.
inline constexpr std::string_view kPcsAnswered = "pcs_answered";
// The HTTP server refused a request or connection.
inline constexpr std::string_view kHttpRejected = "http_rejected";
// The HTTP server met a defect or exhausted resources.
inline constexpr std::string_view kHttpFailed = "http_failed";

}  // namespace quoted::telemetry::event

// The names of everything that is counted; docs/verification-service.md lists them.
namespace quoted::telemetry::metric {

inline constexpr std::string_view kVerifyRequestsTotal = "quoted_verify_requests_total";
inline constexpr std::string_view kVerifySeconds = "quoted_verify_duration_seconds";
inline constexpr std::string_view kVerifyInFlight = "quoted_verify_in_flight";
inline constexpr std::string_view kVerifyReloadsTotal = "quoted_verify_collateral_reloads_total";
inline constexpr std::string_view kVerifyCollateralSets = "quoted_verify_collateral_sets";
inline constexpr std::string_view kVerifyCollateralExpires =
    "quoted_verify_collateral_expires_timestamp_seconds";
inline constexpr std::string_view kVerifyKnownQeReports = "quoted_verify_known_qe_reports";
inline constexpr std::string_view kVerifyKnownTotal = "quoted_verify_known_quotes_total";
inline constexpr std::string_view kHttpConnections = "quoted_http_connections";
inline constexpr std::string_view kHttpConnectionsTotal = "quoted_http_connections_total";
inline constexpr std::string_view kHttpResponsesTotal = "quoted_http_responses_total";
inline constexpr std::string_view kHttpRejectedTotal = "quoted_http_rejected_total";
inline constexpr std::string_view kHttpFailuresTotal = "quoted_http_failures_total";

}  // namespace quoted::telemetry::metric
