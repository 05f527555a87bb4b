// SPDX-License-Identifier: MIT
// One archive:
//
//   asked ──▶ requested ──200──▶ on a worker: digest, unpack, publish ──▶ settled
//                 ▲                     │ wrong digest or broken archive
//                 └──once more, new connection
//
// The digest is computed by the worker that unpacks, over the whole archive, before a file of it is
// visible: on the loop thread SHA-512 would cost 1.2 ms a megabyte and delay every other download.
// Archives are kept in memory up to a limit and lie in unnamed files above it.
#include "fetcher/tarball_fetch.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/base/printable.h"
#include "fetcher/registry_errors.h"

namespace hod::fetcher {

namespace {

constexpr std::uint64_t kInMemory = std::uint64_t{10} << 20;       // bytes; above: a file, streamed
constexpr std::uint64_t kLargestArchive = std::uint64_t{4} << 30;  // bytes on the wire
constexpr std::uint64_t kLargestHint = 1 << 20;                    // KiB that count for the order
constexpr std::uint64_t kUsualRatio = 4;                           // unpacked : packed

using FetchId = std::uint64_t;

struct Fetch {
  TarballRequest request;
  TarballFetch::Done done;
  Url url;
  bool logged_in = false;
  bool second_try = false;
  HeldBytes held;
  std::string what() const {
    return request.name.empty() ? redacted(request.url) : request.name + "@" + request.version;
  }
};

bool looks_damaged(ErrorCode code) {
  return code == ErrorCode::integrity_mismatch || code == ErrorCode::archive_invalid;
}

}  // namespace

struct TarballFetch::State : std::enable_shared_from_this<TarballFetch::State> {
  Loop& loop;
  HttpSession& session;
  cache::WorkerPool& pool;
  cache::Store& store;
  const RegistryAddresses& addresses;
  bool offline;

  std::unordered_map<FetchId, Fetch> fetches;
  FetchId next_id = 1;
  std::set<Origin> noticed;
  std::vector<std::string> notices;

  State(Loop& the_loop, HttpSession& the_session, cache::WorkerPool& the_pool,
        cache::Store& the_store, const RegistryAddresses& the_addresses, bool is_offline)
      : loop(the_loop),
        session(the_session),
        pool(the_pool),
        store(the_store),
        addresses(the_addresses),
        offline(is_offline) {}

  Result<void> find_place(Fetch& fetch);
  void notice_foreign_host(const Fetch& fetch, const PackageName& name);
  void request(FetchId id, Fetch& fetch);
  void on_answer(FetchId id, Result<SessionAnswer> result);
  void unpack(FetchId id, Fetch& fetch, HttpResponse response);
  void on_unpacked(FetchId id, Result<cache::StoredPackagePtr> result);
  void settle(FetchId id, Result<cache::StoredPackagePtr> result);
};

Result<void> TarballFetch::State::find_place(Fetch& fetch) {
  const TarballRequest& request = fetch.request;
  if (offline) return failure(offline_error("`" + fetch.what() + "`"));
  if (request.source == AddressSource::user) {  // its name may be known only afterwards
    HOD_TRY(fetch.url, Url::parse(request.url));
    return {};
  }
  HOD_TRY(PackageName name, PackageName::parse(request.name));
  HOD_TRY(fetch.url, addresses.to_fetch(name, request.version, request.url));
  fetch.logged_in = session.credential_for(fetch.url) != nullptr || !fetch.url.userinfo.empty();
  if (!fetch.logged_in) notice_foreign_host(fetch, name);
  return {};
}

// T-NET-02: the registry's login is not sent along to another host; who relied on that must be
// told.
void TarballFetch::State::notice_foreign_host(const Fetch& fetch, const PackageName& name) {
  auto registry = addresses.registry_for(name);
  if (!registry || registry->origin == fetch.url.origin) return;
  if (session.credential_for(*registry) == nullptr) return;
  if (!noticed.insert(fetch.url.origin).second) return;
  notices.push_back("archives like that of `" + printable(fetch.what()) + "` lie at " +
                    fetch.url.origin.text() + ": asked for without the login of " +
                    registry->origin.text());
}

void TarballFetch::State::request(FetchId id, Fetch& fetch) {
  SessionRequest request;
  request.what = fetch.request.name.empty() ? fetch.url.text()
                                            : fetch.request.name + " " + fetch.request.version;
  request.expected_bytes = fetch.request.size_hint / kUsualRatio;
  request.http.url = fetch.url;
  request.http.max_body = kLargestArchive;
  request.http.spill_above = kInMemory;
  request.http.spill_folder = store.root() + "/store/v1/tmp";
  request.http.priority = static_cast<int>(std::min(fetch.request.size_hint / 1024, kLargestHint));
  request.http.fresh_connection = fetch.second_try;
  request.check = [](const HttpResponse& response) {
    return check_no_web_page(response, "an archive");
  };
  session.send(std::move(request),
               [this, id](Result<SessionAnswer> result) { on_answer(id, std::move(result)); });
}

void TarballFetch::State::on_answer(FetchId id, Result<SessionAnswer> result) {
  Fetch& fetch = fetches.at(id);
  if (!result) {
    Error error = std::move(result).error();
    return settle(id, failure(std::move(error).during("downloading `" + fetch.what() + "`")));
  }
  HttpResponse& response = result->response;
  if (response.status != 200) {
    std::string what = "the archive of `" + fetch.what() + "`";
    return settle(id, failure(refusal_error(response, {what, true, fetch.logged_in})));
  }
  fetch.held = std::move(result->held);
  unpack(id, fetch, std::move(response));
}

void TarballFetch::State::unpack(FetchId id, Fetch& fetch, HttpResponse response) {
  struct Work {
    std::string body;
    std::shared_ptr<BodyFile> file;
    Integrity integrity;
    std::string what, url;
  };
  auto work =
      std::make_shared<Work>(Work{std::move(response.body), std::move(response.file),
                                  fetch.request.integrity, fetch.what(), response.url.text()});
  pool.submit([work, id, &target = store,
               weak = weak_from_this()]() -> cache::WorkerPool::Continuation {
    using Outcome = Result<cache::StoredPackagePtr>;
    auto stored = std::make_shared<Outcome>(
        work->file != nullptr
            ? target.add_tarball_file(work->file->path(), work->integrity, work->what, work->url)
            : target.add_tarball(work->body, work->integrity, work->what, work->url));
    *work = Work{};  // megabytes: not until the loop gets round to it
    return [stored, id, weak] {
      if (auto state = weak.lock()) state->on_unpacked(id, std::move(*stored));
    };
  });
}

void TarballFetch::State::on_unpacked(FetchId id, Result<cache::StoredPackagePtr> result) {
  Fetch& fetch = fetches.at(id);
  fetch.held.release();
  if (!result && looks_damaged(result.error().code()) && !std::exchange(fetch.second_try, true)) {
    ++session.statistics().retries;
    return request(id, fetch);
  }
  settle(id, std::move(result));
}

void TarballFetch::State::settle(FetchId id, Result<cache::StoredPackagePtr> result) {
  auto found = fetches.find(id);
  Done done = std::move(found->second.done);
  fetches.erase(found);
  done(std::move(result));
}

TarballFetch::TarballFetch(Loop& loop, HttpSession& session, cache::WorkerPool& pool,
                           cache::Store& store, const RegistryAddresses& addresses, bool offline)
    : state_(std::make_shared<State>(loop, session, pool, store, addresses, offline)) {}

TarballFetch::~TarballFetch() = default;

void TarballFetch::fetch(TarballRequest request, Done done) {
  State& state = *state_;
  FetchId id = state.next_id++;
  Fetch& fetch = state.fetches[id];
  fetch.request = std::move(request);
  fetch.done = std::move(done);
  if (auto placed = state.find_place(fetch); !placed) {
    auto error = std::make_shared<Error>(std::move(placed).error());
    state.loop.after(Milliseconds(0), [id, error, weak = state.weak_from_this()] {
      if (auto alive = weak.lock()) alive->settle(id, failure(std::move(*error)));
    });
    return;
  }
  state.request(id, fetch);
}

std::vector<std::string> TarballFetch::take_notices() { return std::exchange(state_->notices, {}); }

}  // namespace hod::fetcher
