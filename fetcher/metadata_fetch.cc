// SPDX-License-Identifier: MIT
// One name:
//
//   asked ──fresh in the cache──────────────────────────▶ settled
//     └──▶ requested ──304──────────────────────────────▶ settled (cached entry touched)
//              ▲  └───200──▶ parsing on a worker ──good──▶ settled (put into the cache)
//              └──broken: once more, new connection──┘
//
// What must stay true:
//  (1) The cache's key holds the registry and a hash of the credentials that are sent (T-CACHE-03):
//      what one login may see is never shown to another.
//  (2) Within a run a name has one answer; who asks again gets the same bytes.
#include "fetcher/metadata_fetch.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cache/hash.h"
#include "cache/inflate.h"
#include "core/base/encoding.h"
#include "fetcher/registry_errors.h"
#include "fetcher/request_queue.h"

namespace hod::fetcher {

namespace {

constexpr std::int64_t kDefaultMaxAge = 300;        // seconds, when the registry does not say
constexpr std::int64_t kLongestMaxAge = 24 * 3600;  // believed of a registry
constexpr std::uint64_t kUsualSize = 64 << 10;      // bytes of a packument on the wire
constexpr std::uint64_t kLargestMetadata = std::uint64_t{512} << 20;  // bytes, inflated: T-NET-13
constexpr std::uint64_t kSwellingFrom = std::uint64_t{64} << 20;      // bytes always allowed
constexpr std::uint64_t kMostSwelling = 200;                          // inflated : on the wire
constexpr std::size_t kIdentityBytes = 16;                            // of a SHA-256: T-CACHE-08
constexpr const char* kAbbreviated =
    "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";
constexpr const char* kFull = "application/json";

using FlightKey = std::pair<std::string, Freshness>;

struct Flight {
  Flight(PackageName the_name, Freshness the_freshness)
      : name(std::move(the_name)), freshness(the_freshness) {}

  PackageName name;
  Freshness freshness;
  std::vector<MetadataFetch::Done> waiting;
  cache::MetadataKey key;
  Url url;
  bool logged_in = false;
  bool second_try = false;                      // the first answer could not be parsed
  std::optional<cache::CachedMetadata> cached;  // to be revalidated
  Headers headers;                              // of the answer that is being parsed
  HeldBytes held;
};

std::string header_or_empty(const Headers& headers, std::string_view name) {
  const std::string* value = find_header(headers, name);
  return value == nullptr ? "" : *value;
}

std::int64_t seconds_after(std::string_view text, std::string_view key) {
  std::size_t at = text.find(key);
  std::int64_t seconds = 0;
  if (at == std::string_view::npos) return 0;
  text.remove_prefix(at + key.size());
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return error == std::errc::result_out_of_range ? kLongestMaxAge : seconds;
}

}  // namespace

std::int64_t freshness_of(const Headers& headers) {
  std::string control = header_or_empty(headers, "cache-control");
  std::transform(control.begin(), control.end(), control.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (control.find("no-cache") != std::string::npos ||
      control.find("no-store") != std::string::npos) {
    return -1;
  }
  // "s-maxage=" is for shared caches and does not contain "max-age=".
  if (control.find("max-age=") == std::string::npos) return 0;
  std::int64_t age = seconds_after(header_or_empty(headers, "age"), "");
  std::int64_t left = std::min(seconds_after(control, "max-age="), kLongestMaxAge) - age;
  return left > 0 ? left : -1;
}

struct MetadataFetch::State : std::enable_shared_from_this<MetadataFetch::State> {
  Loop& loop;
  HttpSession& session;
  cache::WorkerPool& pool;
  OpenMetadataCache open_cache;
  cache::MetadataCache* cache = nullptr;
  const RegistryAddresses& addresses;
  MetadataPolicy policy;

  std::map<FlightKey, Flight> flights;
  std::unordered_map<std::string, PackageMetadata> answers;  // of this run
  std::vector<std::function<void()>> later;                  // for the next turn of the loop
  Loop::TimerId later_timer = 0;

  State(Loop& the_loop, HttpSession& the_session, cache::WorkerPool& the_pool,
        OpenMetadataCache the_opener, const RegistryAddresses& the_addresses,
        MetadataPolicy the_policy)
      : loop(the_loop),
        session(the_session),
        pool(the_pool),
        open_cache(std::move(the_opener)),
        addresses(the_addresses),
        policy(the_policy) {}

  void run_later(std::function<void()> what);
  const PackageMetadata* answered(const PackageName& name, Freshness freshness) const;
  Result<void> open();
  void begin(Flight& flight);
  Result<void> find_place(Flight& flight) const;
  bool is_fresh(const cache::CachedMetadata& cached) const;
  void settle_later(Flight& flight, Result<PackageMetadata> result);
  void request(Flight& flight);
  void on_answer(const FlightKey& key, Result<SessionAnswer> result);
  void on_unchanged(Flight& flight, const Headers& headers);
  void parse(Flight& flight, std::string body);
  void on_parsed(const FlightKey& key, Result<PackageMetadata> result);
  void settle(const FlightKey& key, Result<PackageMetadata> result);
};

// --- asked
// -----------------------------------------------------------------------------------------

void MetadataFetch::State::run_later(std::function<void()> what) {
  later.push_back(std::move(what));
  if (later_timer != 0) return;
  later_timer = loop.after(Milliseconds(0), [this] {
    later_timer = 0;
    for (const auto& each : std::exchange(later, {})) each();
  });
}

const PackageMetadata* MetadataFetch::State::answered(const PackageName& name,
                                                      Freshness freshness) const {
  auto found = answers.find(name.str());
  if (found == answers.end()) return nullptr;
  bool enough = freshness == Freshness::normal || found->second.has_publish_times();
  return enough ? &found->second : nullptr;
}

Result<void> MetadataFetch::State::find_place(Flight& flight) const {
  HOD_TRY(Url base, addresses.registry_for(flight.name));
  HOD_TRY(flight.url, addresses.packument(flight.name));
  std::string secret = authorization_of_userinfo(flight.url);
  if (const Credential* credential = session.credential_for(flight.url)) {
    secret = credential->authorization + "\n" + credential->client_certificate;
  }
  flight.logged_in = !secret.empty();
  flight.key.registry = base.text();
  flight.key.name = flight.name.str();
  if (!secret.empty()) {
    std::string digest = cache::digest_of(DigestAlgorithm::sha256, secret);
    flight.key.identity = to_hex(std::string_view(digest).substr(0, kIdentityBytes));
  }
  return {};
}

bool MetadataFetch::State::is_fresh(const cache::CachedMetadata& cached) const {
  std::int64_t max_age = cached.max_age == 0 ? kDefaultMaxAge : cached.max_age;
  std::int64_t age = policy.now - cached.fetched;
  return age >= 0 && age < max_age;
}

void MetadataFetch::State::settle_later(Flight& flight, Result<PackageMetadata> result) {
  // std::function wants to be copied; a Result does not.
  auto kept = std::make_shared<Result<PackageMetadata>>(std::move(result));
  run_later([this, key = FlightKey(flight.name.str(), flight.freshness), kept] {
    settle(key, std::move(*kept));
  });
}

Result<void> MetadataFetch::State::open() {
  if (cache == nullptr) {
    HOD_TRY(cache, open_cache());
  }
  return {};
}

void MetadataFetch::State::begin(Flight& flight) {
  if (auto placed = find_place(flight); !placed) {
    return settle_later(flight, tl::unexpected(std::move(placed).error()));
  }
  if (auto opened = open(); !opened) {
    return settle_later(flight, tl::unexpected(std::move(opened).error()));
  }
  std::optional<cache::CachedMetadata> cached = cache->find(flight.key);
  if (policy.offline && !cached) {
    return settle_later(flight,
                        failure(offline_error("the metadata of `" + flight.name.str() + "`")));
  }
  bool enough = cached && (flight.freshness == Freshness::normal || cached->full_document);
  // Offline, an abbreviated document is better than none: the asker sees that it has no times.
  bool unasked = policy.prefer_offline || (!policy.prefer_online && cached && is_fresh(*cached));
  if (policy.offline || (enough && unasked)) {
    ++session.statistics().cache_hits;
    return settle_later(flight, std::move(cached->metadata));
  }
  if (enough) flight.cached = std::move(cached);
  request(flight);
}

// --- requested
// -------------------------------------------------------------------------------------

void MetadataFetch::State::request(Flight& flight) {
  SessionRequest request;
  request.what = flight.name.str();
  request.expected_bytes = kUsualSize;
  request.http.url = flight.url;
  request.http.accept_compressed = true;
  request.http.priority = kUrgentPriority;  // above every archive: the solver waits
  request.http.fresh_connection = flight.second_try;
  // A full document that is kept is asked for again in the form it has, or it never compares.
  bool full = flight.freshness == Freshness::full_document ||
              (flight.cached && flight.cached->full_document);
  request.http.headers = {{"accept", full ? kFull : kAbbreviated}};
  if (flight.cached && !flight.cached->etag.empty()) {
    request.http.headers.emplace_back("if-none-match", flight.cached->etag);
  }
  if (flight.cached && !flight.cached->last_modified.empty()) {
    request.http.headers.emplace_back("if-modified-since", flight.cached->last_modified);
  }
  request.check = [](const HttpResponse& response) {
    return check_no_web_page(response, "metadata");
  };
  FlightKey key(flight.name.str(), flight.freshness);
  session.send(std::move(request),
               [this, key](Result<SessionAnswer> result) { on_answer(key, std::move(result)); });
}

void MetadataFetch::State::on_answer(const FlightKey& key, Result<SessionAnswer> result) {
  Flight& flight = flights.at(key);
  std::string doing = "asking for the metadata of `" + flight.name.str() + "`";
  if (!result) {
    return settle(key, tl::unexpected(std::move(result).error().during(doing)));
  }
  HttpResponse& response = result->response;
  if (response.status == 304 && flight.cached) return on_unchanged(flight, response.headers);
  if (response.status != 200) {
    std::string what = "`" + flight.name.str() + "`";
    return settle(key, failure(refusal_error(response, {what, false, flight.logged_in})));
  }
  flight.held = std::move(result->held);
  flight.headers = std::move(response.headers);
  parse(flight, std::move(response.body));
}

void MetadataFetch::State::on_unchanged(Flight& flight, const Headers& headers) {
  ++session.statistics().revalidated;
  std::int64_t max_age = freshness_of(headers);
  if (max_age == 0) max_age = flight.cached->max_age;
  cache->touch(flight.key, policy.now, max_age);
  settle({flight.name.str(), flight.freshness}, std::move(flight.cached->metadata));
}

// --- parsing
// ---------------------------------------------------------------------------------------

namespace {

// T-NET-14: gzip can swell a thousandfold; real metadata does so thirtyfold.
std::uint64_t inflated_limit(std::uint64_t packed) {
  return std::clamp(packed * kMostSwelling, kSwellingFrom, kLargestMetadata);
}

// On a worker.
Result<PackageMetadata> parsed(const std::string& body, const std::string& name, const Url& url) {
  cache::ByteSpan bytes = std::as_bytes(std::span(body));
  if (cache::is_gzip(bytes)) {
    auto inflated = cache::gunzip(bytes, inflated_limit(bytes.size()));
    if (!inflated) return failure(ErrorCode::metadata_invalid, "compressed metadata is damaged");
    if (!*inflated) {
      return failure(ErrorCode::registry_answer,
                     "the metadata swells beyond all reason when it is inflated");
    }
    bytes = **inflated;  // a buffer of this thread
  }
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  HOD_CHECK(check_no_web_page(text, url, "metadata"));
  return cache::parse_packument(text, name);
}

}  // namespace

void MetadataFetch::State::parse(Flight& flight, std::string body) {
  struct Work {
    std::string body;
    std::string name;
    Url url;
  };
  auto work = std::make_shared<Work>(Work{std::move(body), flight.name.str(), flight.url});
  FlightKey key(flight.name.str(), flight.freshness);
  pool.submit(
      [work, key, weak = weak_from_this()]() -> cache::WorkerPool::Continuation {
        auto result =
            std::make_shared<Result<PackageMetadata>>(parsed(work->body, work->name, work->url));
        std::string().swap(work->body);  // not until the loop gets round to it
        return [result, key, weak] {
          if (auto state = weak.lock()) state->on_parsed(key, std::move(*result));
        };
      },
      cache::WorkerPool::Order::next);
}

void MetadataFetch::State::on_parsed(const FlightKey& key, Result<PackageMetadata> result) {
  Flight& flight = flights.at(key);
  flight.held.release();
  if (!result) {
    if (!std::exchange(flight.second_try, true)) {
      ++session.statistics().retries;
      return request(flight);
    }
    Error error = std::move(result).error().at(flight.url.text());
    std::string doing = "reading the metadata of `" + flight.name.str() + "`";
    return settle(key, failure(std::move(error).during(doing)));
  }
  cache::CachedMetadata entry;
  entry.metadata = *result;
  entry.etag = header_or_empty(flight.headers, "etag");
  entry.last_modified = header_or_empty(flight.headers, "last-modified");
  entry.fetched = policy.now;
  entry.max_age = freshness_of(flight.headers);
  entry.full_document = result->has_publish_times();
  cache->put(flight.key, std::move(entry));
  settle(key, std::move(result));
}

// --- settled
// ---------------------------------------------------------------------------------------

void MetadataFetch::State::settle(const FlightKey& key, Result<PackageMetadata> result) {
  auto found = flights.find(key);
  std::vector<Done> waiting = std::move(found->second.waiting);
  flights.erase(found);
  if (result) answers.insert_or_assign(key.first, *result);
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (result) {
      waiting[i](*result);
    } else if (i + 1 < waiting.size()) {
      waiting[i](failure(result.error().clone()));
    } else {
      waiting[i](std::move(result));
    }
  }
}

// --- the face
// --------------------------------------------------------------------------------------

MetadataFetch::MetadataFetch(Loop& loop, HttpSession& session, cache::WorkerPool& pool,
                             OpenMetadataCache open_cache, const RegistryAddresses& addresses,
                             MetadataPolicy policy)
    : state_(
          std::make_shared<State>(loop, session, pool, std::move(open_cache), addresses, policy)) {}

MetadataFetch::~MetadataFetch() { state_->loop.cancel(state_->later_timer); }

void MetadataFetch::fetch(const PackageName& name, Freshness freshness, Done done) {
  State& state = *state_;
  if (const PackageMetadata* known = state.answered(name, freshness)) {
    state.run_later([done = std::move(done), known = *known] { done(known); });
    return;
  }
  auto found = state.flights.find({name.str(), Freshness::full_document});
  if (found == state.flights.end()) found = state.flights.find({name.str(), freshness});
  if (found != state.flights.end()) {
    found->second.waiting.push_back(std::move(done));
    return;
  }
  FlightKey key(name.str(), freshness);
  Flight& flight = state.flights.emplace(key, Flight(name, freshness)).first->second;
  flight.waiting.push_back(std::move(done));
  state.begin(flight);
}

}  // namespace hod::fetcher
