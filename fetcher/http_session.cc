// SPDX-License-Identifier: MIT
// One request, several exchanges on the wire:
//
//   queued ──room──▶ running ──final answer──▶ done
//     ▲               │ │ └── 9 s of (nearly) silence: a second exchange beside; the first to end
//     well wins │               │ └──── redirect: queued again with the next address └────timer──
//     resting ◀── transient fault, tries left
//
// What must stay true:
//  (1) Credentials are looked up anew for each hop and leave with no other (T-NET-01, T-NET-02).
//      https never becomes http.
//  (2) Each exchange that was started has been counted in the queue, and is counted out once.
//  (3) A request is removed before its `done` is called: `done` may send, cancel and destroy.
//  (4) What waits for an origin that is down (origin_health.h) ends with the error that showed it,
//      at once, instead of each request finding out for itself.
//  (5) PUT and POST are repeated only if nothing can have reached the server, or it said 429.
#include "fetcher/http_session.h"

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/base/assert.h"
#include "core/base/printable.h"
#include "fetcher/origin_health.h"
#include "fetcher/request_queue.h"

namespace hod::fetcher {

namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kMaxHops = 10;
constexpr std::int64_t kSlowBytesPerSecond = 100;
// HTTP/2 shares one connection: a stream may wait while others flow. Only if it waits this many
// times longer than the limit is it believed stuck.
constexpr int kSharedPatience = 2;

struct Call;

// One exchange on the wire.
struct Leg {
  Call* call = nullptr;
  HttpClient::RequestId id = 0;
  Clock::time_point started, last_byte, window_start;
  std::uint64_t received = 0;      // of the body
  std::uint64_t window_bytes = 0;  // since window_start
  Milliseconds slow{0};            // for so long next to nothing has come
  std::uint64_t counted = 0;       // among the bytes in flight
};

enum class CallState : std::uint8_t { queued, running, resting };

struct Call {
  HttpSession::RequestId id = 0;
  SessionRequest request;
  HttpSession::Done done;
  CallState state = CallState::queued;
  Url url;  // of this hop
  unsigned hops = 0;
  unsigned attempt = 1;
  bool fresh = false;
  bool doubled = false;     // this try has had its second connection
  Milliseconds silence{0};  // in all tries
  std::optional<Clock::time_point> first_sent;
  Loop::TimerId timer = 0;  // while resting
  bool holds_place = false;
  std::vector<std::unique_ptr<Leg>> legs;  // two at most
};

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_read(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

Milliseconds since(Clock::time_point start, Clock::time_point now) {
  return std::chrono::duration_cast<Milliseconds>(now - start);
}

// What only the first address may see of an asker's own headers.
bool is_secret_header(std::string_view name) {
  return name == "authorization" || name == "npm-otp" || name == "cookie";
}

}  // namespace

struct HttpSession::State : std::enable_shared_from_this<HttpSession::State> {
  Loop& loop;
  HttpClient& http;
  SessionSettings settings;
  RequestQueue queue;
  OriginHealth health;
  NetworkStatistics statistics;
  std::unordered_map<RequestId, std::unique_ptr<Call>> calls;
  std::set<RequestId> begun;                      // those that were sent at least once
  std::map<Origin, Clock::time_point> last_byte;  // of HTTP/2 origins: a shared sign of life
  RequestId next_id = 1;
  std::uint64_t in_flight = 0;
  Loop::TimerId watchdog = 0;
  bool closed = false;
  bool pumping = false;
  Clock::time_point began;

  State(Loop& the_loop, HttpClient& the_http, SessionSettings the_settings)
      : loop(the_loop),
        http(the_http),
        settings(std::move(the_settings)),
        queue(settings.max_connections),
        began(the_loop.now()) {}

  void pump();
  void enqueue(Call& call);
  void start_leg(Call& call, bool extra);
  HttpRequest request_for_hop(const Call& call) const;
  void add_credentials(const Call& call, HttpRequest& http_request) const;
  void on_bytes(Leg& leg, std::size_t count);
  void on_outcome(RequestId id, Leg* leg, HttpOutcome outcome);
  void on_failure(Call& call, HttpFailure failure);
  void on_response(Call& call, HttpResponse response, Clock::time_point sent);
  void on_redirect(Call& call, HttpResponse response);
  void count_against_origin(const Call& call, const Error& error);
  void end_with_origin(Call& call);
  void rest(Call& call, Milliseconds wait);
  void stop_resting(Call& call);
  void finish(Call& call, Result<SessionAnswer> result);
  void answer(Call& call, HttpResponse response);
  void end_leg(Call& call, Leg* leg, bool cancel);
  void end_legs(Call& call);
  void give_back(std::uint64_t count);

  void watch();
  void look_at(Call& call, Clock::time_point now);
  void measure(Leg& leg, Clock::time_point now) const;
  bool gone_silent(const Leg& leg, Milliseconds limit, Clock::time_point now) const;
  void give_up_leg(Call& call, Leg* leg, Clock::time_point now);
  std::int64_t epoch_now() const;
};

// --- starting
// --------------------------------------------------------------------------------------

void HttpSession::State::enqueue(Call& call) {
  if (health.down(call.url.origin, loop.now()) != nullptr) return end_with_origin(call);
  call.state = CallState::queued;
  auto which = call.attempt == 1 ? RequestQueue::Try::first : RequestQueue::Try::again;
  queue.push(call.id, call.url.origin, call.request.http.priority, which);
}

void HttpSession::State::pump() {
  if (pumping || closed) return;
  pumping = true;
  while (in_flight < settings.bytes_in_flight * 2) {
    bool full = in_flight >= settings.bytes_in_flight;
    auto ticket = queue.next(full ? RequestQueue::Which::urgent : RequestQueue::Which::any);
    if (!ticket) break;
    auto found = calls.find(*ticket);
    HOD_ASSERT(found != calls.end());
    start_leg(*found->second, false);
  }
  pumping = false;
}

HttpRequest HttpSession::State::request_for_hop(const Call& call) const {
  HttpRequest made = call.request.http;
  made.url = call.url;
  made.url.userinfo.clear();
  made.fresh_connection = made.fresh_connection || call.fresh;
  if (call.url.origin != call.request.http.url.origin) {
    std::erase_if(made.headers, [](const auto& header) { return is_secret_header(header.first); });
    made.client_certificate.clear();
    made.client_key.clear();
  }
  if (call.request.use_credentials) add_credentials(call, made);
  return made;
}

void HttpSession::State::add_credentials(const Call& call, HttpRequest& made) const {
  if (find_header(made.headers, "authorization") != nullptr) return;
  std::string authorization;
  if (const Credential* credential = find_credential(settings.credentials, made.url)) {
    authorization = credential->authorization;
    made.client_certificate = credential->client_certificate;
    made.client_key = credential->client_key;
  }
  bool first_hop = call.hops == 0;
  if (authorization.empty() && first_hop) {
    authorization = authorization_of_userinfo(call.request.http.url);
  }
  if (!authorization.empty()) made.headers.emplace_back("authorization", authorization);
}

void HttpSession::State::start_leg(Call& call, bool extra) {
  call.state = CallState::running;
  auto leg = std::make_unique<Leg>();
  leg->call = &call;
  leg->started = leg->last_byte = leg->window_start = loop.now();
  if (!call.first_sent) call.first_sent = leg->started;
  begun.insert(call.id);
  leg->counted = std::min(call.request.expected_bytes, call.request.http.spill_above);
  in_flight += leg->counted;
  if (extra) {
    queue.started_extra(call.url.origin);
    call.doubled = true;
  }
  HttpRequest made = request_for_hop(call);
  made.fresh_connection = made.fresh_connection || extra;
  Leg* raw = leg.get();
  made.on_bytes = [this, raw](std::string_view bytes) { on_bytes(*raw, bytes.size()); };
  call.legs.push_back(std::move(leg));
  ++statistics.requests;
  raw->id = http.send(std::move(made), [this, id = call.id, raw](HttpOutcome outcome) {
    on_outcome(id, raw, std::move(outcome));
  });
  watch();
}

// --- running
// ---------------------------------------------------------------------------------------

void HttpSession::State::on_bytes(Leg& leg, std::size_t count) {
  Clock::time_point now = loop.now();
  leg.last_byte = now;
  leg.received += count;
  leg.window_bytes += count;
  auto shared = last_byte.find(leg.call->url.origin);
  if (shared != last_byte.end()) shared->second = now;
  std::uint64_t in_memory = std::min(leg.received, leg.call->request.http.spill_above);
  if (in_memory > leg.counted) {
    in_flight += in_memory - leg.counted;
    leg.counted = in_memory;
  }
  statistics.bytes_received += count;
  if (leg.call->request.http.priority < kUrgentPriority) statistics.archive_bytes += count;
}

void HttpSession::State::end_leg(Call& call, Leg* leg, bool cancel) {
  if (cancel) http.cancel(leg->id);
  in_flight -= leg->counted;
  queue.ended(call.url.origin);
  std::erase_if(call.legs, [leg](const auto& owned) { return owned.get() == leg; });
}

void HttpSession::State::end_legs(Call& call) {
  while (!call.legs.empty()) end_leg(call, call.legs.back().get(), true);
}

void HttpSession::State::on_outcome(RequestId id, Leg* leg, HttpOutcome outcome) {
  auto found = calls.find(id);
  HOD_ASSERT(found != calls.end());
  Call& call = *found->second;
  Clock::time_point sent = leg->started;
  Milliseconds quiet = since(leg->last_byte, loop.now());
  const bool first = call.legs.front().get() == leg;
  end_leg(call, leg, false);
  if (auto* failed = std::get_if<HttpFailure>(&outcome)) {
    // The other one goes on, unless all it does is look the same name up: that is told in 15 s.
    if (!call.legs.empty() && !(first && failed->kind == FailureKind::name_lookup)) return;
    end_legs(call);
    if (failed->kind == FailureKind::timeout) call.silence += quiet;
    on_failure(call, std::move(*failed));
  } else {
    end_legs(call);
    on_response(call, std::move(std::get<HttpResponse>(outcome)), sent);
  }
  pump();
}

void HttpSession::State::on_failure(Call& call, HttpFailure failure) {
  Milliseconds took = since(*call.first_sent, loop.now());
  bool again = worth_another_try(settings.retry, failure.kind, is_read(call.request.http), took,
                                 call.silence);
  if (again && call.attempt <= settings.retry.retries) {
    return rest(call, backoff(settings.retry, call.attempt + 1, settings.random()));
  }
  if (call.attempt > 1) {
    failure.error =
        std::move(failure.error).detail("tried " + std::to_string(call.attempt) + " times");
  }
  bool of_origin = failure.kind != FailureKind::too_large && failure.kind != FailureKind::local;
  if (of_origin) count_against_origin(call, failure.error);
  finish(call, tl::unexpected(std::move(failure.error)));
}

namespace {

Error overload_error(const Origin& origin, int status) {
  return Error(ErrorCode::registry_answer,
               "the registry answers " + std::to_string(status) + " to every request")
      .at(origin.text())
      .hint("wait a little and run the command again");
}

}  // namespace

void HttpSession::State::on_response(Call& call, HttpResponse response, Clock::time_point sent) {
  const Origin& origin = call.url.origin;
  if (response.http_version == 2) {
    queue.found_http2(origin);
    last_byte[origin] = loop.now();
  }
  bool read = is_read(call.request.http);
  if (is_redirect(response.status) && read) return on_redirect(call, std::move(response));
  if (response.status == 429 || response.status == 503) {
    queue.overloaded(origin, sent, loop.now());
  } else if (response.status < 500) {
    queue.answered(origin);
  }
  if (!is_transient(response.status)) health.answered(origin, loop.now());
  bool tries_left = call.attempt <= settings.retry.retries;
  if (is_transient(response.status) && tries_left && (read || response.status == 429)) {
    const std::string* asked = find_header(response.headers, "retry-after");
    const std::string* date = find_header(response.headers, "date");
    auto wait = asked != nullptr ? retry_after(*asked, date != nullptr ? *date : "", epoch_now())
                                 : std::nullopt;
    Milliseconds own = backoff(settings.retry, call.attempt + 1, settings.random());
    return rest(call, std::max(own, wait.value_or(own)));
  }
  if (response.status == 200 && call.request.check) {
    if (auto fine = call.request.check(response); !fine) {
      call.fresh = true;
      if (!tries_left) return finish(call, tl::unexpected(std::move(fine).error()));
      return rest(call, backoff(settings.retry, call.attempt + 1, settings.random()));
    }
  }
  if (is_transient(response.status)) {
    count_against_origin(call, overload_error(origin, response.status));
  }
  answer(call, std::move(response));
}

namespace {

Error redirect_error(const Call& call, std::string what) {
  return Error(ErrorCode::registry_answer, std::move(what)).at(call.request.http.url.text());
}

Result<Url> next_hop(const Call& call, const HttpResponse& response) {
  const std::string* location = find_header(response.headers, "location");
  if (location == nullptr) {
    return failure(redirect_error(call, "the server redirects without saying where to"));
  }
  if (call.hops >= kMaxHops) {
    return failure(redirect_error(call, "the server redirects in a circle (more than 10 times)"));
  }
  auto next = call.url.resolved(*location);
  if (!next) {
    return failure(redirect_error(call, "the server redirects to an address that hod refuses")
                       .detail(printable(redacted(*location))));
  }
  if (call.url.origin.scheme == "https" && next->origin.scheme != "https") {
    return failure(redirect_error(call, "the server redirects from https to http")
                       .detail("to " + printable(next->text())));
  }
  next->userinfo.clear();
  return next;
}

}  // namespace

void HttpSession::State::on_redirect(Call& call, HttpResponse response) {
  auto next = next_hop(call, response);
  if (!next) return finish(call, tl::unexpected(std::move(next).error()));
  call.url = std::move(*next);
  ++call.hops;
  enqueue(call);
}

// --- origins that are down
// -------------------------------------------------------------------------

void HttpSession::State::count_against_origin(const Call& call, const Error& error) {
  if (!health.failed(call.url.origin, *call.first_sent, error, loop.now())) return;
  for (auto& [id, other] : calls) {
    if (other.get() == &call || other->state == CallState::running) continue;
    if (other->url.origin != call.url.origin) continue;
    queue.remove(id);
    stop_resting(*other);
    end_with_origin(*other);
  }
}

void HttpSession::State::end_with_origin(Call& call) {
  call.state = CallState::resting;
  call.timer = loop.after(Milliseconds(0), [this, &call] {
    call.timer = 0;
    const Error* error = health.down(call.url.origin, loop.now());
    if (error != nullptr) return finish(call, failure(error->clone()));
    enqueue(call);  // it has answered after all
    pump();
  });
}

// --- ending
// ----------------------------------------------------------------------------------------

void HttpSession::State::rest(Call& call, Milliseconds wait) {
  ++call.attempt;
  ++statistics.retries;
  call.state = CallState::resting;
  call.url = call.request.http.url;  // a redirect's target may have been good for one use
  call.hops = 0;
  call.doubled = false;
  // Else each of a thousand others would take the place for its own first try, and all would find
  // out in turn that the server is silent.
  queue.hold(call.url.origin);
  call.holds_place = true;
  call.timer = loop.after(wait, [this, &call] {
    stop_resting(call);
    enqueue(call);
    pump();
  });
}

void HttpSession::State::stop_resting(Call& call) {
  loop.cancel(std::exchange(call.timer, 0));
  if (std::exchange(call.holds_place, false)) queue.let_go(call.url.origin);
}

void HttpSession::State::answer(Call& call, HttpResponse response) {
  std::uint64_t count = response.body.size();
  in_flight += count;
  // The state outlives the session while bytes are out; the asker gives them back when it likes.
  HeldBytes held([state = shared_from_this()](std::uint64_t back) { state->give_back(back); },
                 count);
  finish(call, SessionAnswer{std::move(response), std::move(held)});
}

void HttpSession::State::finish(Call& call, Result<SessionAnswer> result) {
  Done done = std::move(call.done);
  RequestId id = call.id;  // not a reference into what is erased
  calls.erase(id);
  begun.erase(id);
  if (calls.empty()) loop.cancel(std::exchange(watchdog, 0));
  done(std::move(result));
}

void HttpSession::State::give_back(std::uint64_t count) {
  in_flight -= count;
  pump();
}

std::int64_t HttpSession::State::epoch_now() const {
  return settings.now + since(began, loop.now()).count() / 1000;
}

// --- silence
// ---------------------------------------------------------------------------------------

void HttpSession::State::watch() {
  if (watchdog != 0) return;
  Milliseconds shortest = std::min(settings.retry.second_after, settings.retry.stall);
  Milliseconds period = std::clamp(shortest / 8, Milliseconds(1), Milliseconds(250));
  watchdog = loop.every(period, [this] {
    Clock::time_point now = loop.now();
    std::vector<RequestId> ids;
    for (const auto& [id, call] : calls) {
      // Uploads make no bytes here: curl itself watches those.
      if (call->state == CallState::running && is_read(call->request.http)) ids.push_back(id);
    }
    for (RequestId id : ids) {
      auto found = calls.find(id);
      if (found != calls.end()) look_at(*found->second, now);
    }
    pump();
  });
}

// A trickle counts as silence: looked at in pieces of a third of the time that must not be silent.
void HttpSession::State::measure(Leg& leg, Clock::time_point now) const {
  Milliseconds passed = since(leg.window_start, now);
  if (passed < settings.retry.second_after / 3) return;
  auto enough = static_cast<std::uint64_t>(passed.count() * kSlowBytesPerSecond / 1000);
  leg.slow = leg.window_bytes < enough ? leg.slow + passed : Milliseconds(0);
  leg.window_start = now;
  leg.window_bytes = 0;
}

bool HttpSession::State::gone_silent(const Leg& leg, Milliseconds limit,
                                     Clock::time_point now) const {
  Milliseconds quiet = std::max(since(leg.last_byte, now), leg.slow);
  if (quiet < limit) return false;
  auto shared = last_byte.find(leg.call->url.origin);
  bool others_flow = shared != last_byte.end() && since(shared->second, now) < limit;
  return !others_flow || quiet >= limit * kSharedPatience;
}

void HttpSession::State::look_at(Call& call, Clock::time_point now) {
  const RetryPolicy& retry = settings.retry;
  for (const auto& leg : call.legs) measure(*leg, now);
  if (!call.doubled && gone_silent(*call.legs.front(), retry.second_after, now)) {
    start_leg(call, true);
  }
  for (std::size_t i = call.legs.size(); i-- > 0;) {
    if (!gone_silent(*call.legs[i], retry.stall, now)) continue;
    bool last = call.legs.size() == 1;
    give_up_leg(call, call.legs[i].get(), now);
    if (last) return;  // the call rests or is gone
  }
}

void HttpSession::State::give_up_leg(Call& call, Leg* leg, Clock::time_point now) {
  Milliseconds quiet = std::max(since(leg->last_byte, now), settings.retry.stall);
  Url url = call.url;
  end_leg(call, leg, true);
  if (!call.legs.empty()) return;
  call.silence += quiet;
  call.fresh = true;
  Error error(ErrorCode::network_timeout, "`" + printable(url.origin.host) + "` went silent");
  error = std::move(error)
              .at(url.text())
              .hint("check the network connection; if a cache is complete, `--offline` needs none");
  on_failure(call, {FailureKind::timeout, std::move(error)});
}

// --- the face
// --------------------------------------------------------------------------------------

HttpSession::HttpSession(Loop& loop, HttpClient& http, SessionSettings settings)
    : state_(std::make_shared<State>(loop, http, std::move(settings))) {
  HOD_ASSERT(state_->settings.random != nullptr);
}

HttpSession::~HttpSession() {
  State& state = *state_;
  state.closed = true;
  state.loop.cancel(state.watchdog);
  for (auto& [id, call] : state.calls) {
    state.loop.cancel(call->timer);
    for (const auto& leg : call->legs) state.http.cancel(leg->id);
  }
  state.calls.clear();
}

HttpSession::RequestId HttpSession::send(SessionRequest request, Done done) {
  auto call = std::make_unique<Call>();
  RequestId id = state_->next_id++;
  call->id = id;
  call->url = request.http.url;
  call->request = std::move(request);
  call->done = std::move(done);
  Call& added = *call;
  state_->calls.emplace(id, std::move(call));
  state_->enqueue(added);
  state_->pump();
  return id;
}

void HttpSession::cancel(RequestId id) {
  auto found = state_->calls.find(id);
  if (found == state_->calls.end()) return;
  Call& call = *found->second;
  state_->queue.remove(id);
  state_->stop_resting(call);
  state_->end_legs(call);
  state_->calls.erase(found);
  state_->begun.erase(id);
  if (state_->calls.empty()) state_->loop.cancel(std::exchange(state_->watchdog, 0));
  state_->pump();
}

const Credential* HttpSession::credential_for(const Url& url) const {
  return find_credential(state_->settings.credentials, url);
}

NetworkStatistics& HttpSession::statistics() { return state_->statistics; }

std::string HttpSession::slowest() const {
  if (state_->begun.empty()) return "";
  return state_->calls.at(*state_->begun.begin())->request.what;
}

}  // namespace hod::fetcher
