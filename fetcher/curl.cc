// SPDX-License-Identifier: MIT
// libcurl, loaded at run time, driven by the event loop.
//
//   send ──▶ waiting ──flush──▶ running ──curl says done──▶ finished ──▶ done()
//                                  └──cancel (after curl returned)──▶ gone
//
// What must stay true:
//  (1) libcurl is not called from inside its own callbacks: what a callback wants (a cancel, a new
//      transfer, the timer's immediate action) is noted and done when libcurl has returned.
//  (2) `done` runs from the loop only, never from inside send(); it may send and cancel at will.
//  (3) Nothing curl would do by itself with credentials happens here: no netrc, no cookies, no
//      redirects, no proxy of the environment, http and https only (T-NET-01, T-NET-09).
//  (4) Never HTTP/2 by prior knowledge: libcurl 7.88 breaks reused connections then.
//  (5) Of many that wait a few are begun in a turn of the loop, the urgent first: where answers
//      come at once, the next take the connections of these instead of opening 64, and the workers
//      have something to do meanwhile. (A connection within a machine costs some 80 µs.)
//
// Easy handles are kept and used again: what is common to all transfers is set once.
#include "fetcher/curl.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

#include <curl/curl.h>

#include "core/base/assert.h"
#include "fetcher/curl_library.h"
#include "fetcher/http_failure.h"
#include "fetcher/request_queue.h"
#include "fetcher/spare_sockets.h"
#include "fetcher/transfer.h"
#include "fetcher/trust.h"

namespace hod::fetcher {

namespace {

constexpr long kBufferBytes = 64 << 10;  // a read from the socket; stays in the processor's cache
constexpr long kStreamsPerConnection = 64;  // HTTP/2: two such connections suffice
constexpr long kSlowBytesPerSecond = 100;   // T-NET-10
constexpr int kRoundsInOneTurn = 16;        // then timers and other sockets get their turn
constexpr std::size_t kBegunInOneTurn = 8;  // (5); one more for each that ended
// A server that has not answered within so long is far away.
constexpr std::chrono::milliseconds kFarAway{5};

struct Exchange {
  explicit Exchange(HttpRequest request) : transfer(std::move(request)) {}
  HttpClient::RequestId id = 0;
  HttpClient::Done done;
  Transfer transfer;
  CURL* easy = nullptr;
  curl_slist* header_list = nullptr;
  int trust_round = 0;        // of the easy handle
  bool common_handle = true;  // holds nothing but the common options: may be used again
  std::array<char, CURL_ERROR_SIZE> error_text{};
};

std::size_t on_curl_header(char* data, std::size_t, std::size_t count, void* exchange) {
  bool fine = static_cast<Exchange*>(exchange)->transfer.take_header({data, count});
  return fine ? count : 0;
}

std::size_t on_curl_body(char* data, std::size_t, std::size_t count, void* exchange) {
  bool fine = static_cast<Exchange*>(exchange)->transfer.take_body({data, count});
  return fine ? count : 0;
}

bool is_plain_get(const HttpRequest& request) {
  return request.method == "GET" && request.body.empty() && request.client_certificate.empty();
}

}  // namespace

struct CurlClient::State {
  Loop& loop;
  CurlSettings settings;
  const CurlLibrary* curl = nullptr;
  CURLM* multi = nullptr;
  CURLSH* share = nullptr;
  std::optional<Trust> trust;
  int trust_round = 0;  // counts how often it changed

  RequestId next_id = 1;
  std::unordered_map<RequestId, std::unique_ptr<Exchange>> exchanges;
  std::vector<RequestId> waiting;  // to be handed to curl
  std::vector<RequestId> doomed;   // to be taken from curl
  std::vector<CURL*> idle;
  SpareSockets spares;  // to http:// servers that are far away
  curl_socket_t spare_taken = CURL_SOCKET_BAD;
  std::string spare_address;  // where they are to lead
  Loop::TimerId spare_timer = 0;
  bool any_ended = false;
  bool inside_curl = false;
  bool driving = false;
  bool act_now = false;  // curl's timer asked for zero milliseconds
  std::size_t room = 0;  // for so many more in this turn
  Loop::TimerId curl_timer = 0;
  Loop::TimerId flush_timer = 0;

  State(Loop& the_loop, CurlSettings the_settings)
      : loop(the_loop), settings(std::move(the_settings)) {}

  Result<void> start();
  TrustSources trust_sources() const;
  template <class Value>
  void set(CURL* easy, CURLoption option, Value value) const {
    curl->easy_setopt(easy, option, value);
  }
  template <class Value>
  Value info(CURL* easy, CURLINFO which) const {
    Value value{};
    curl->easy_getinfo(easy, which, &value);
    return value;
  }
  CURL* new_easy() const;
  void set_trust(CURL* easy) const;
  void prepare(Exchange& exchange);
  void prepare_method(Exchange& exchange) const;

  void drive(curl_socket_t socket, int events);
  void socket_action(curl_socket_t socket, int events);
  std::vector<RequestId> next_waiting();
  void add_waiting();
  void remove_doomed();
  void detach(Exchange& exchange);
  void collect_finished();
  void finish(CURL* easy, CURLcode code);
  bool trust_more_thoroughly(const Exchange& exchange);
  HttpOutcome outcome_of(Exchange& exchange, CURLcode code);
  TransferFacts facts_of(const Exchange& exchange, CURLcode code) const;
  std::string proxy_for(const Url& url) const;
  void fail_all(const Error& error);
  void schedule_flush();
  void use_spares(CURL* easy, const HttpRequest& request);
  void note_connection(const curl_sockaddr& address);
  void open_spares();

  static curl_socket_t on_open(void* state, curlsocktype, curl_sockaddr* address);
  static int on_opened(void* state, curl_socket_t socket, curlsocktype);
  static int on_socket(CURL*, curl_socket_t socket, int what, void* state, void*);
  static int on_timer(CURLM*, long milliseconds, void* state);
};

// --- start
// -----------------------------------------------------------------------------------------

Result<void> CurlClient::State::start() {
  if (multi != nullptr) return {};
  const Result<CurlLibrary>& library = curl_library();
  if (!library) return failure(library.error().clone());
  curl = &*library;
  HOD_TRY(trust, Trust::quick(trust_sources()));
  share = curl->share_init();
  curl->share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  multi = curl->multi_init();
  HOD_ASSERT(multi != nullptr && share != nullptr);
  curl->multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &State::on_socket);
  curl->multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl->multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &State::on_timer);
  curl->multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  curl->multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, kStreamsPerConnection);
  curl->multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(settings.max_connections) * 2);
  return {};
}

TrustSources CurlClient::State::trust_sources() const {
  const curl_version_info_data* curl_knows = curl->version_info(CURLVERSION_NOW);
  auto text = [](const char* path) { return std::string(path != nullptr ? path : ""); };
  return {text(curl_knows->cainfo), text(curl_knows->capath), settings.ca_files,
          settings.ca_certificates};
}

CURL* CurlClient::State::new_easy() const {
  CURL* easy = curl->easy_init();
  HOD_ASSERT(easy != nullptr);
  set(easy, CURLOPT_SHARE, share);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_QUICK_EXIT, 1L);  // do not wait for a hanging name lookup at the end
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  set(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_2TLS});
  set(easy, CURLOPT_BUFFERSIZE, kBufferBytes);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout.count()));
  set(easy, CURLOPT_USERAGENT, settings.user_agent.c_str());
  set(easy, CURLOPT_HEADERFUNCTION, &on_curl_header);
  set(easy, CURLOPT_WRITEFUNCTION, &on_curl_body);
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_NOPROXY, settings.no_proxy.c_str());
  set_trust(easy);
  return easy;
}

void CurlClient::State::set_trust(CURL* easy) const {
  set(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  set(easy, CURLOPT_SSL_VERIFYPEER, settings.strict_ssl ? 1L : 0L);
  set(easy, CURLOPT_SSL_VERIFYHOST, settings.strict_ssl ? 2L : 0L);
  std::string file = trust->file();
  const std::string& folder = trust->folder();
  set(easy, CURLOPT_CAINFO, file.empty() ? nullptr : file.c_str());
  set(easy, CURLOPT_CAPATH, folder.empty() ? nullptr : folder.c_str());
}

std::string CurlClient::State::proxy_for(const Url& url) const {
  return url.origin.scheme == "https" ? settings.https_proxy : settings.proxy;
}

// --- one transfer
// ----------------------------------------------------------------------------------

void CurlClient::State::prepare(Exchange& exchange) {
  const HttpRequest& request = exchange.transfer.request();
  exchange.common_handle = is_plain_get(request);
  if (exchange.common_handle && !idle.empty()) {
    exchange.easy = idle.back();
    idle.pop_back();
  } else {
    exchange.easy = new_easy();
  }
  CURL* easy = exchange.easy;
  exchange.trust_round = trust_round;
  bool https = request.url.origin.scheme == "https";
  set(easy, CURLOPT_PRIVATE, &exchange);
  set(easy, CURLOPT_HEADERDATA, &exchange);
  set(easy, CURLOPT_WRITEDATA, &exchange);
  set(easy, CURLOPT_ERRORBUFFER, exchange.error_text.data());
  set(easy, CURLOPT_URL, request.url.text().c_str());
  set(easy, CURLOPT_PROXY, proxy_for(request.url).c_str());  // "" keeps the environment's out
  set(easy, CURLOPT_PIPEWAIT, https ? 1L : 0L);
  set(easy, CURLOPT_FRESH_CONNECT, request.fresh_connection ? 1L : 0L);
  use_spares(easy, request);
  for (const auto& [name, value] : request.headers) {
    std::string line = name + (value.empty() ? ";" : ": " + value);
    exchange.header_list = curl->slist_append(exchange.header_list, line.c_str());
  }
  if (request.accept_compressed) {  // by hand: curl is not to inflate on this thread
    exchange.header_list = curl->slist_append(exchange.header_list, "accept-encoding: gzip");
  }
  set(easy, CURLOPT_HTTPHEADER, exchange.header_list);
  if (!exchange.common_handle) prepare_method(exchange);
}

void CurlClient::State::prepare_method(Exchange& exchange) const {
  const HttpRequest& request = exchange.transfer.request();
  CURL* easy = exchange.easy;
  if (request.method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.body.data());  // kept by the exchange, not copied
    set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    set(easy, CURLOPT_LOW_SPEED_LIMIT, kSlowBytesPerSecond);
    set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(settings.stall_timeout.count() / 1000));
  }
  if (!request.client_certificate.empty()) {
    set(easy, CURLOPT_SSLCERT, request.client_certificate.c_str());
    set(easy, CURLOPT_SSLKEY, request.client_key.c_str());
  }
}

// --- spare connections
// -----------------------------------------------------------------------------
//
// The first requests of a run are few, the next many: while the first are on their way to a server
// far away, connections for the next are opened. Not for TLS, where one connection will carry many
// requests, nor through proxies.

void CurlClient::State::use_spares(CURL* easy, const HttpRequest& request) {
  const bool may = settings.spare_connections > 0 && !request.fresh_connection &&
                   request.url.origin.scheme == "http" && settings.proxy.empty();
  set(easy, CURLOPT_OPENSOCKETFUNCTION, may ? &State::on_open : nullptr);
  set(easy, CURLOPT_OPENSOCKETDATA, this);
  set(easy, CURLOPT_SOCKOPTFUNCTION, may ? &State::on_opened : nullptr);
  set(easy, CURLOPT_SOCKOPTDATA, this);
}

void CurlClient::State::note_connection(const curl_sockaddr& address) {
  if (!spare_address.empty()) return;
  spare_address.assign(reinterpret_cast<const char*>(&address.addr), address.addrlen);
  spare_timer = loop.after(kFarAway, [this] {
    spare_timer = 0;
    open_spares();
  });
}

void CurlClient::State::open_spares() {
  if (any_ended || exchanges.size() >= settings.spare_connections) return;
  spares.open(reinterpret_cast<const sockaddr*>(spare_address.data()),
              static_cast<socklen_t>(spare_address.size()),
              settings.spare_connections - exchanges.size());
}

curl_socket_t CurlClient::State::on_open(void* data, curlsocktype, curl_sockaddr* address) {
  auto* state = static_cast<State*>(data);
  state->spare_taken = CURL_SOCKET_BAD;
  if (address->socktype == SOCK_STREAM) {
    state->spare_taken = state->spares.take(&address->addr, address->addrlen).release();
    if (state->spare_taken != CURL_SOCKET_BAD) return state->spare_taken;
    state->note_connection(*address);
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int CurlClient::State::on_opened(void* data, curl_socket_t socket, curlsocktype) {
  const bool spare = static_cast<State*>(data)->spare_taken == socket;
  return spare ? CURL_SOCKOPT_ALREADY_CONNECTED : CURL_SOCKOPT_OK;
}

// --- driving
// ---------------------------------------------------------------------------------------

void CurlClient::State::socket_action(curl_socket_t socket, int events) {
  int running = 0;
  inside_curl = true;
  curl->multi_socket_action(multi, socket, events, &running);
  inside_curl = false;
}

// Everything curl wants and everybody wants of curl, until both are content for now.
void CurlClient::State::drive(curl_socket_t socket, int events) {
  if (driving) return;
  driving = true;
  act_now = false;
  socket_action(socket, events);
  for (int round = 0; round < kRoundsInOneTurn; ++round) {
    remove_doomed();
    collect_finished();
    remove_doomed();
    add_waiting();
    if (!act_now) break;
    act_now = false;
    socket_action(CURL_SOCKET_TIMEOUT, 0);
  }
  driving = false;
  room = 0;
  if (act_now || !waiting.empty()) schedule_flush();
}

void CurlClient::State::schedule_flush() {
  if (driving || flush_timer != 0) return;
  flush_timer = loop.next_turn([this] {
    flush_timer = 0;
    room = kBegunInOneTurn;
    if (auto started = start(); !started) return fail_all(started.error());
    drive(CURL_SOCKET_TIMEOUT, 0);
  });
}

// As many as there is room for.
std::vector<HttpClient::RequestId> CurlClient::State::next_waiting() {
  auto urgent = [this](RequestId id) {
    auto found = exchanges.find(id);
    return found == exchanges.end() ||
           found->second->transfer.request().priority >= kUrgentPriority;
  };
  if (waiting.size() > room) std::stable_partition(waiting.begin(), waiting.end(), urgent);
  auto end = waiting.begin() + static_cast<std::ptrdiff_t>(std::min(room, waiting.size()));
  std::vector<RequestId> batch(waiting.begin(), end);
  waiting.erase(waiting.begin(), end);
  room -= batch.size();
  return batch;
}

void CurlClient::State::add_waiting() {
  for (RequestId id : next_waiting()) {
    auto found = exchanges.find(id);
    if (found == exchanges.end()) continue;
    if (auto fine = check_headers(found->second->transfer.request().headers); !fine) {
      std::unique_ptr<Exchange> refused = std::move(found->second);
      exchanges.erase(found);
      refused->done(HttpFailure{FailureKind::local, std::move(fine.error())});
      continue;
    }
    prepare(*found->second);
    inside_curl = true;
    curl->multi_add_handle(multi, found->second->easy);
    inside_curl = false;
  }
}

void CurlClient::State::remove_doomed() {
  for (RequestId id : std::exchange(doomed, {})) {
    auto found = exchanges.find(id);
    if (found == exchanges.end()) continue;
    detach(*found->second);
    exchanges.erase(found);
  }
}

// Takes the handle out of curl. Kept ones must not point into the exchange any more.
void CurlClient::State::detach(Exchange& exchange) {
  if (exchange.easy == nullptr) return;
  inside_curl = true;
  curl->multi_remove_handle(multi, exchange.easy);
  inside_curl = false;
  set(exchange.easy, CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  set(exchange.easy, CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
  curl->slist_free_all(exchange.header_list);
  exchange.header_list = nullptr;
  if (exchange.common_handle && exchange.trust_round == trust_round) {
    idle.push_back(exchange.easy);
  } else {
    curl->easy_cleanup(exchange.easy);
  }
  exchange.easy = nullptr;
}

void CurlClient::State::collect_finished() {
  int left = 0;
  while (CURLMsg* message = curl->multi_info_read(multi, &left)) {
    if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
  }
}

void CurlClient::State::finish(CURL* easy, CURLcode code) {
  auto* ended = info<Exchange*>(easy, CURLINFO_PRIVATE);
  auto found = exchanges.find(ended->id);
  HOD_ASSERT(found != exchanges.end());
  if (code == CURLE_PEER_FAILED_VERIFICATION && trust_more_thoroughly(*ended)) {
    detach(*ended);
    waiting.push_back(ended->id);
    return;
  }
  std::unique_ptr<Exchange> exchange = std::move(found->second);
  exchanges.erase(found);
  ++room;
  any_ended = true;
  HttpOutcome outcome = outcome_of(*exchange, code);
  detach(*exchange);
  if (!exchange->transfer.silenced()) exchange->done(std::move(outcome));
}

// An unknown signature may be known to the system's file alone (trust.h). True: try again.
bool CurlClient::State::trust_more_thoroughly(const Exchange& exchange) {
  if (!trust->is_quick()) return exchange.trust_round < trust_round;
  auto thorough = Trust::thorough(trust_sources());
  if (!thorough) return false;
  trust = std::move(*thorough);
  ++trust_round;
  for (CURL* old : std::exchange(idle, {})) curl->easy_cleanup(old);
  return true;
}

void CurlClient::State::fail_all(const Error& error) {
  auto failed = std::exchange(exchanges, {});
  waiting.clear();
  for (auto& [id, exchange] : failed) {
    if (exchange->transfer.silenced()) continue;
    exchange->done(HttpFailure{FailureKind::local, error.clone()});
  }
}

// --- outcome
// ---------------------------------------------------------------------------------------

HttpOutcome CurlClient::State::outcome_of(Exchange& exchange, CURLcode code) {
  Transfer& transfer = exchange.transfer;
  if (auto error = transfer.take_error()) {
    return HttpFailure{FailureKind::local, std::move(*error)};
  }
  if (code != CURLE_OK || transfer.own_fault()) {
    return describe_failure(transfer.request().url, facts_of(exchange, code));
  }
  bool second = info<long>(exchange.easy, CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0;
  return transfer.take_response(second ? 2 : 1);
}

TransferFacts CurlClient::State::facts_of(const Exchange& exchange, CURLcode code) const {
  TransferFacts facts;
  facts.text = exchange.error_text.data();
  facts.proxy = proxy_for(exchange.transfer.request().url);
  facts.os_error = static_cast<int>(info<long>(exchange.easy, CURLINFO_OS_ERRNO));
  facts.verify_result = info<long>(exchange.easy, CURLINFO_SSL_VERIFYRESULT);
  facts.fault = curl_fault(code, facts.text);
  if (code == CURLE_OPERATION_TIMEDOUT) {
    bool resolved = info<curl_off_t>(exchange.easy, CURLINFO_NAMELOOKUP_TIME_T) > 0;
    bool connected = info<curl_off_t>(exchange.easy, CURLINFO_CONNECT_TIME_T) > 0;
    facts.fault = !resolved    ? TransferFault::resolve_silent
                  : !connected ? TransferFault::connect_silent
                               : TransferFault::silent;
  }
  long proxy_status = info<long>(exchange.easy, CURLINFO_HTTP_CONNECTCODE);
  if (proxy_status == 407) {
    facts.fault = TransferFault::proxy_login;
  } else if (proxy_status >= 400) {
    facts.fault = TransferFault::proxy;
  }
  if (auto own = exchange.transfer.own_fault()) {
    facts.fault = *own;
    facts.text.clear();  // curl only says that we stopped it
  }
  return facts;
}

// --- callbacks of curl
// -----------------------------------------------------------------------------

int CurlClient::State::on_socket(CURL*, curl_socket_t socket, int what, void* data, void*) {
  auto* state = static_cast<State*>(data);
  if (what == CURL_POLL_REMOVE) {
    state->loop.unwatch(socket);
    return 0;
  }
  Loop::Interest interest{what == CURL_POLL_IN || what == CURL_POLL_INOUT,
                          what == CURL_POLL_OUT || what == CURL_POLL_INOUT};
  state->loop.watch(socket, interest, [state, socket](Loop::Interest ready) {
    int events = (ready.read ? CURL_CSELECT_IN : 0) | (ready.write ? CURL_CSELECT_OUT : 0);
    state->drive(socket, events);
  });
  return 0;
}

int CurlClient::State::on_timer(CURLM*, long milliseconds, void* data) {
  auto* state = static_cast<State*>(data);
  state->loop.cancel(std::exchange(state->curl_timer, 0));
  if (milliseconds < 0) return 0;
  if (milliseconds == 0 && state->driving) {
    state->act_now = true;
    return 0;
  }
  state->curl_timer = state->loop.after(std::chrono::milliseconds(milliseconds), [state] {
    state->curl_timer = 0;
    state->drive(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

// --- the face
// --------------------------------------------------------------------------------------

CurlClient::CurlClient(Loop& loop, CurlSettings settings)
    : state_(std::make_unique<State>(loop, std::move(settings))) {}

CurlClient::~CurlClient() {
  State& state = *state_;
  state.loop.cancel(state.flush_timer);
  state.loop.cancel(state.spare_timer);
  if (state.multi == nullptr) return;
  state.driving = true;  // timers asked for from here on are not wanted
  for (auto& [id, exchange] : state.exchanges) state.detach(*exchange);
  for (CURL* easy : state.idle) state.curl->easy_cleanup(easy);
  state.curl->multi_cleanup(state.multi);
  state.curl->share_cleanup(state.share);
  state.loop.cancel(state.curl_timer);
}

HttpClient::RequestId CurlClient::send(HttpRequest request, Done done) {
  auto exchange = std::make_unique<Exchange>(std::move(request));
  RequestId id = state_->next_id++;
  exchange->id = id;
  exchange->done = std::move(done);
  state_->exchanges.emplace(id, std::move(exchange));
  state_->waiting.push_back(id);
  state_->schedule_flush();
  return id;
}

void CurlClient::cancel(RequestId id) {
  auto found = state_->exchanges.find(id);
  if (found == state_->exchanges.end()) return;
  found->second->transfer.silence();
  state_->doomed.push_back(id);
  state_->schedule_flush();
}

void CurlClient::preload() { static_cast<void>(curl_library()); }

Result<std::string> CurlClient::version() {
  const Result<CurlLibrary>& library = curl_library();
  if (!library) return failure(library.error().clone());
  return std::string(library->version());
}

}  // namespace hod::fetcher
