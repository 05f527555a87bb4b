// SPDX-License-Identifier: MIT
// One package from git:
//
//   asked ──a whole commit──────────────────────────────▶ chosen
//     └──▶ listing (git ls-remote) ──branch, tag, range──▶ chosen
//              └──a shortened commit──▶ fetching all ────▶ chosen (and fetched)
//
//   chosen ──known host──▶ downloading its archive ──200──▶ storing ──▶ done
//     └──▶ fetching the commit ──▶ archiving ──▶ storing   (also when the host has no archive for
//     us)
//
// The repository is a bare one in the store's staging folder, removed at the end; `git archive`
// writes a tar that goes through the same reader as every package's (T-GIT-03): no checkout exists,
// so there is nothing for hooks, filters or symlinks to act on.
#include "fetcher/git_source.h"

#include <unordered_map>
#include <utility>

#include <fcntl.h>

#include "core/base/file.h"
#include "core/base/io.h"
#include "core/base/printable.h"
#include "core/base/program.h"
#include "core/model/url.h"
#include "fetcher/git_refs.h"
#include "fetcher/registry_errors.h"

namespace hod::fetcher {

namespace {

constexpr unsigned kTries = 2;  // of a git command that fails by the network
constexpr Milliseconds kPause{500};
constexpr std::uint64_t kInMemory = std::uint64_t{16} << 20;
constexpr std::uint64_t kLargestArchive = std::uint64_t{4} << 30;
constexpr std::size_t kLongestComplaint = 600;  // bytes of git's words in a message

using FetchId = std::uint64_t;

struct GitFetch {
  GitSpecifier specifier;
  std::string what;
  GitSource::Done done;
  std::vector<std::string> addresses;  // to be tried in turn
  std::size_t address = 0;
  std::string commit;
  std::string folder;  // of the bare repository; "" when there is none yet
  std::unique_ptr<Process> process;
  HeldBytes held;
  std::shared_ptr<BodyFile> archive;
};

// A known host may want a key where it refuses to talk to strangers.
std::vector<std::string> addresses_of(const GitSpecifier& specifier) {
  std::vector<std::string> all{specifier.url};
  if (specifier.hosted && specifier.url.starts_with("https://")) {
    all.push_back(specifier.hosted->ssh_url({.git_plus = false, .committish = false}));
  }
  return all;
}

std::string location_of(const GitFetch& fetch) {
  std::string location = "git+" + fetch.specifier.url + "#" + fetch.commit;
  if (fetch.specifier.subfolder) location += "&path:" + *fetch.specifier.subfolder;
  return location;
}

Error git_error(const GitFetch& fetch, std::string_view doing, const ProcessOutcome& outcome) {
  std::string what = "git failed at " + std::string(doing) + " for `" + printable(fetch.what) + "`";
  if (outcome.timed_out) what += ": it took too long";
  Error error = Error(ErrorCode::git_failed, std::move(what)).at(redacted(fetch.specifier.url));
  std::string_view complaint = std::string_view(outcome.errors).substr(0, kLongestComplaint);
  if (!complaint.empty()) {
    error = std::move(error).detail(printable_lines(redacted(complaint)));
  }
  return std::move(error).hint(
      "check that `git ls-remote` on this address works without being asked for a password");
}

Result<std::string> find_git(const Environment& environment) {
  auto found = find_program("git", environment.get("PATH").value_or(""), ProjectBins::passed_over);
  if (found) return *found;
  return failure(Error(ErrorCode::command_missing, "there is no `git` in the folders of PATH")
                     .hint("install it, or add the folder it is in to PATH (absolute)"));
}

}  // namespace

struct GitSource::State : std::enable_shared_from_this<GitSource::State> {
  Loop& loop;
  HttpSession& session;
  cache::WorkerPool& pool;
  cache::Store& store;
  GitSettings settings;
  std::unordered_map<FetchId, GitFetch> fetches;
  FetchId next_id = 1;

  State(Loop& the_loop, HttpSession& the_session, cache::WorkerPool& the_pool,
        cache::Store& the_store, GitSettings the_settings)
      : loop(the_loop),
        session(the_session),
        pool(the_pool),
        store(the_store),
        settings(std::move(the_settings)) {}

  std::string staging() const { return store.root() + "/store/v1/tmp"; }
  Result<void> check(const GitFetch& fetch) const;
  void begin(FetchId id);
  void fail_later(FetchId id, Error error);

  // Runs git; `then` gets the outcome of a success, everything else ends the fetch or tries the
  // next address or the same command again.
  using Then = std::function<void(FetchId, ProcessOutcome)>;
  struct Step {
    std::vector<std::string> arguments;  // "{url}" stands for the address
    std::string doing;                   // for messages
    Then then;
    std::function<void(FetchId)> otherwise;  // instead of failing
    int output_file = -1;
    unsigned tries = kTries;
  };
  void run(FetchId id, Step step);
  void on_git(FetchId id, const Step& step, Result<ProcessOutcome> result);

  void list(FetchId id);
  void choose(FetchId id, const ProcessOutcome& listing);
  void chosen(FetchId id);
  void download(FetchId id);
  void on_download(FetchId id, Result<SessionAnswer> result);
  void make_repository(FetchId id, const std::function<void(FetchId)>& then);
  void fetch_commit(FetchId id);
  void fetch_all(FetchId id, const std::function<void(FetchId)>& then);
  void expand(FetchId id);
  void archive(FetchId id);
  void store_archive(FetchId id, std::string body, std::shared_ptr<BodyFile> file);
  void settle(FetchId id, Result<GitPackage> result);
};

// --- asked
// -----------------------------------------------------------------------------------------

Result<void> GitSource::State::check(const GitFetch& fetch) const {
  const GitSpecifier& specifier = fetch.specifier;
  if (settings.offline) return failure(offline_error("`" + fetch.what + "`"));
  for (const std::string& address : fetch.addresses) {
    HOD_CHECK(check_git_address(address, settings.protocols));
  }
  if (specifier.committish) HOD_CHECK(check_git_ref(*specifier.committish));
  bool whole = specifier.committish && is_full_commit(*specifier.committish);
  if (settings.commits_only && !whole) {
    return failure(Error(ErrorCode::lockfile_invalid,
                         "`" + printable(fetch.what) + "` is not locked to a whole commit")
                       .at(redacted(specifier.url))
                       .hint("run `hod install` without `--frozen-lockfile` once"));
  }
  return {};
}

void GitSource::State::begin(FetchId id) {
  GitFetch& fetch = fetches.at(id);
  const auto& committish = fetch.specifier.committish;
  if (committish && is_full_commit(*committish)) {
    fetch.commit = *committish;
    return chosen(id);
  }
  list(id);
}

void GitSource::State::fail_later(FetchId id, Error error) {
  auto kept = std::make_shared<Error>(std::move(error));
  loop.after(Milliseconds(0), [id, kept, weak = weak_from_this()] {
    if (auto state = weak.lock()) state->settle(id, tl::unexpected(std::move(*kept)));
  });
}

// --- running git
// -----------------------------------------------------------------------------------

void GitSource::State::run(FetchId id, Step step) {
  GitFetch& fetch = fetches.at(id);
  auto program = find_git(settings.environment);
  if (!program) {
    return fail_later(id, std::move(program).error().during("fetching `" + fetch.what + "`"));
  }
  std::vector<std::string> arguments = step.arguments;
  for (std::string& argument : arguments) {
    if (argument == "{url}") argument = fetch.addresses[fetch.address];
  }
  GitCommand git{*program, settings.environment, settings.protocols};
  ProcessRequest request = git.request(std::move(arguments));
  request.output_file = step.output_file;
  auto kept = std::make_shared<Step>(std::move(step));
  fetch.process = std::make_unique<Process>(
      loop, std::move(request),
      [this, id, kept](Result<ProcessOutcome> result) { on_git(id, *kept, std::move(result)); });
}

void GitSource::State::on_git(FetchId id, const Step& step, Result<ProcessOutcome> result) {
  GitFetch& fetch = fetches.at(id);
  if (!result) return settle(id, tl::unexpected(std::move(result).error()));
  if (result->succeeded()) return step.then(id, std::move(*result));
  Step again = step;
  if (again.tries > 1 && is_transient_git_failure(result->errors)) {
    --again.tries;
    auto kept = std::make_shared<Step>(std::move(again));
    loop.after(kPause, [id, kept, weak = weak_from_this()] {
      auto state = weak.lock();
      if (state && state->fetches.contains(id)) state->run(id, std::move(*kept));
    });
    return;
  }
  if (step.otherwise) return step.otherwise(id);
  Error error = git_error(fetch, step.doing, *result);
  if (fetch.address + 1 < fetch.addresses.size()) {
    ++fetch.address;
    return run(id, std::move(again));
  }
  settle(id, tl::unexpected(std::move(error)));
}

// --- choosing the commit
// ---------------------------------------------------------------------------

void GitSource::State::list(FetchId id) {
  Step step;
  step.arguments = {"ls-remote", "--", "{url}"};
  step.doing = "listing branches and tags";
  step.then = [this](FetchId of, const ProcessOutcome& outcome) { choose(of, outcome); };
  run(id, std::move(step));
}

void GitSource::State::choose(FetchId id, const ProcessOutcome& listing) {
  GitFetch& fetch = fetches.at(id);
  const GitSpecifier& specifier = fetch.specifier;
  GitRefs refs = GitRefs::parse(listing.output);
  std::optional<std::string> commit;
  std::string wanted;
  if (specifier.range) {
    commit = refs.in_range(*specifier.range);
    wanted = "tag in the range `" + specifier.range->raw() + "`";
  } else if (specifier.committish) {
    commit = refs.named(*specifier.committish);
    wanted = "branch, tag or commit `" + *specifier.committish + "`";
    if (!commit) {  // a shortened commit, perhaps: only the repository itself can tell
      return make_repository(
          id, [this](FetchId of) { fetch_all(of, [this](FetchId each) { expand(each); }); });
    }
  } else {
    commit = refs.head();
    wanted = "default branch";
  }
  if (!commit) {
    return settle(id, failure(Error(ErrorCode::version_not_found,
                                    "the repository of `" + printable(fetch.what) + "` has no " +
                                        printable(wanted))
                                  .at(redacted(specifier.url))));
  }
  fetch.commit = *commit;
  chosen(id);
}

void GitSource::State::chosen(FetchId id) {
  const GitFetch& fetch = fetches.at(id);
  // A host's archive has the repository's folder at its top, so a folder inside needs git.
  if (fetch.specifier.hosted && !fetch.specifier.subfolder) return download(id);
  make_repository(id, [this](FetchId of) { fetch_commit(of); });
}

// --- the host's own archive
// ------------------------------------------------------------------------

void GitSource::State::download(FetchId id) {
  GitFetch& fetch = fetches.at(id);
  HostedGit hosted = *fetch.specifier.hosted;
  hosted.committish = fetch.commit;
  auto url = Url::parse(hosted.tarball());
  if (!url) return make_repository(id, [this](FetchId of) { fetch_commit(of); });
  SessionRequest request;
  request.what = fetch.what;
  request.http.url = std::move(*url);
  request.http.max_body = kLargestArchive;
  request.http.spill_above = kInMemory;
  request.http.spill_folder = staging();
  session.send(std::move(request), [id, weak = weak_from_this()](Result<SessionAnswer> result) {
    if (auto state = weak.lock()) state->on_download(id, std::move(result));
  });
}

void GitSource::State::on_download(FetchId id, Result<SessionAnswer> result) {
  bool usable = result && result->response.status == 200 &&
                check_no_web_page(result->response, "an archive").has_value();
  // Private repositories, other forms of the host: git with the user's own keys can do more.
  if (!usable) return make_repository(id, [this](FetchId of) { fetch_commit(of); });
  fetches.at(id).held = std::move(result->held);
  store_archive(id, std::move(result->response.body), std::move(result->response.file));
}

// --- git's own archive
// -----------------------------------------------------------------------------

void GitSource::State::make_repository(FetchId id, const std::function<void(FetchId)>& then) {
  GitFetch& fetch = fetches.at(id);
  if (!fetch.folder.empty()) return then(id);
  if (auto made = make_directories(staging(), 0700); !made) {
    return fail_later(id, std::move(made).error());
  }
  fetch.folder = staging() + "/git-" + random_suffix();
  Step step;
  step.arguments = {"init", "--quiet", "--bare", "--template=", "--", fetch.folder};
  step.doing = "making a repository";
  step.then = [then](FetchId of, const ProcessOutcome&) { then(of); };
  run(id, std::move(step));
}

void GitSource::State::fetch_commit(FetchId id) {
  const GitFetch& fetch = fetches.at(id);
  Step step;
  step.arguments = {"--git-dir=" + fetch.folder, "fetch", "--quiet", "--depth=1", "--no-tags",
                    "--no-recurse-submodules",   "--",    "{url}",   fetch.commit};
  step.doing = "fetching the commit";
  step.then = [this](FetchId of, const ProcessOutcome&) { archive(of); };
  // Some servers only hand out what a branch or tag points to.
  step.otherwise = [this](FetchId of) { fetch_all(of, [this](FetchId each) { archive(each); }); };
  run(id, std::move(step));
}

void GitSource::State::fetch_all(FetchId id, const std::function<void(FetchId)>& then) {
  Step step;
  step.arguments = {"--git-dir=" + fetches.at(id).folder,
                    "fetch",
                    "--quiet",
                    "--no-recurse-submodules",
                    "--",
                    "{url}",
                    "+refs/heads/*:refs/heads/*",
                    "+refs/tags/*:refs/tags/*"};
  step.doing = "fetching the repository";
  step.then = [then](FetchId of, const ProcessOutcome&) { then(of); };
  run(id, std::move(step));
}

void GitSource::State::expand(FetchId id) {
  const GitFetch& fetch = fetches.at(id);
  Step step;
  step.arguments = {"--git-dir=" + fetch.folder,
                    "rev-parse",
                    "--quiet",
                    "--verify",
                    "--end-of-options",
                    *fetch.specifier.committish + "^{commit}"};
  step.doing = "looking for the commit `" + *fetch.specifier.committish + "`";
  step.tries = 1;
  step.then = [this](FetchId of, const ProcessOutcome& outcome) {
    std::string commit = outcome.output.substr(0, outcome.output.find('\n'));
    if (!is_full_commit(commit)) {
      return settle(of, failure(ErrorCode::git_failed, "git named no commit"));
    }
    fetches.at(of).commit = std::move(commit);
    archive(of);
  };
  step.otherwise = [this](FetchId of) {
    const GitFetch& failed = fetches.at(of);
    settle(of, failure(Error(ErrorCode::version_not_found,
                             "the repository of `" + printable(failed.what) +
                                 "` has no branch, tag or commit `" +
                                 printable(*failed.specifier.committish) + "`")
                           .at(redacted(failed.specifier.url))));
  };
  run(id, std::move(step));
}

void GitSource::State::archive(FetchId id) {
  GitFetch& fetch = fetches.at(id);
  auto file = BodyFile::create(staging());
  if (!file) return settle(id, tl::unexpected(std::move(file).error()));
  fetch.archive = std::make_shared<BodyFile>(std::move(*file));
  std::string tree = fetch.commit;
  if (fetch.specifier.subfolder) tree += ":" + *fetch.specifier.subfolder;
  Step step;
  step.arguments = {"--git-dir=" + fetch.folder, "archive", "--format=tar", "--prefix=package/",
                    tree};
  step.doing = "archiving the commit";
  step.tries = 1;
  step.output_file = fetch.archive->descriptor();
  step.then = [this](FetchId of, const ProcessOutcome&) {
    store_archive(of, "", fetches.at(of).archive);
  };
  run(id, std::move(step));
}

// --- storing
// ---------------------------------------------------------------------------------------

void GitSource::State::store_archive(FetchId id, std::string body, std::shared_ptr<BodyFile> file) {
  struct Work {
    std::string body;
    std::shared_ptr<BodyFile> file;
    std::string what, url;
  };
  const GitFetch& fetch = fetches.at(id);
  auto work = std::make_shared<Work>(
      Work{std::move(body), std::move(file), fetch.what, redacted(location_of(fetch))});
  pool.submit(
      [work, id, &target = store, weak = weak_from_this()]() -> cache::WorkerPool::Continuation {
        using Outcome = Result<cache::StoredPackagePtr>;
        // The commit is what is trusted here, and git has checked its hashes; the archive's own
        // bytes differ from one version of git to the next.
        auto stored = std::make_shared<Outcome>(
            work->file != nullptr
                ? target.add_tarball_file(work->file->path(), Integrity(), work->what, work->url)
                : target.add_tarball(work->body, Integrity(), work->what, work->url));
        *work = Work{};
        return [stored, id, weak] {
          auto state = weak.lock();
          if (!state) return;
          if (!*stored) return state->settle(id, tl::unexpected(std::move(*stored).error()));
          const GitFetch& ended = state->fetches.at(id);
          state->settle(id, GitPackage{ended.commit, location_of(ended), std::move(**stored)});
        };
      });
}

void GitSource::State::settle(FetchId id, Result<GitPackage> result) {
  auto found = fetches.find(id);
  GitFetch ended = std::move(found->second);
  fetches.erase(found);
  if (!ended.folder.empty()) static_cast<void>(remove_tree(ended.folder));
  ended.held.release();
  ended.done(std::move(result));
}

// --- the face
// --------------------------------------------------------------------------------------

GitSource::GitSource(Loop& loop, HttpSession& session, cache::WorkerPool& pool, cache::Store& store,
                     GitSettings settings)
    : state_(std::make_shared<State>(loop, session, pool, store, std::move(settings))) {}

GitSource::~GitSource() {
  for (auto& [id, fetch] : state_->fetches) {
    fetch.process.reset();
    if (!fetch.folder.empty()) static_cast<void>(remove_tree(fetch.folder));
  }
  state_->fetches.clear();
}

void GitSource::fetch(const GitSpecifier& specifier, std::string what, Done done) {
  FetchId id = state_->next_id++;
  GitFetch& fetch = state_->fetches[id];
  fetch.specifier = specifier;
  fetch.what = std::move(what);
  fetch.done = std::move(done);
  fetch.addresses = addresses_of(specifier);
  if (auto checked = state_->check(fetch); !checked) {
    return state_->fail_later(id, std::move(checked).error());
  }
  state_->begin(id);
}

}  // namespace hod::fetcher
