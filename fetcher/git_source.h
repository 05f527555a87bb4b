// Packages from git repositories: which commit is meant, and its files as an archive in the store.
// Only for dependencies that a manifest of the project names; scripts of such a package (also
// `prepare`) are not run here.
//
// Loop thread only. `done` is called exactly once, never from inside fetch(); not after
// destruction.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cache/store.h"
#include "cache/worker_pool.h"
#include "core/base/environment.h"
#include "core/base/result.h"
#include "core/model/specifier.h"
#include "fetcher/git_command.h"
#include "fetcher/http_session.h"
#include "fetcher/loop.h"

namespace hod::fetcher {

struct GitPackage {
  std::string commit;    // whole
  std::string location;  // for lockfiles: "git+https://host/a/b.git#<commit>", "&path:x" behind it
  cache::StoredPackagePtr stored;
};

struct GitSettings {
  Environment environment;  // the user's: PATH, HOME, how ssh is called
  GitProtocols protocols = GitProtocols::remote;
  bool offline = false;
  bool commits_only = false;  // frozen: a branch or tag is refused (T-GIT-02)
};

class GitSource {
 public:
  // References must outlive it.
  GitSource(Loop& loop, HttpSession& session, cache::WorkerPool& pool, cache::Store& store,
            GitSettings settings);
  ~GitSource();

  // `what`: for messages, the dependency's name. Errors: source_refused, command_missing (no git),
  // git_failed, offline_missing, lockfile_invalid, and those of the store.
  using Done = std::function<void(Result<GitPackage>)>;
  void fetch(const GitSpecifier& specifier, std::string what, Done done);

 private:
  struct State;
  std::shared_ptr<State> state_;  // jobs on workers hold weak references
};

}  // namespace hod::fetcher
