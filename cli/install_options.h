// SPDX-License-Identifier: MIT
// What an install is told by settings and command line, as one plain value: the pipeline reads
// nothing else.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "cache/link_plan.h"
#include "cache/linker.h"
#include "cli/settings.h"
#include "core/base/environment.h"
#include "core/model/platform.h"
#include "core/model/resolution_graph.h"
#include "fetcher/registry.h"
#include "resolver/solver.h"

namespace hod::cli {

// What happens when no set of versions has every peer right.
enum class PeerRule : std::uint8_t {
  strict,     // refused, always (strict-peer-deps)
  unbroken,   // `hod add` may not break the project's own peers; what is so already, and what goes
              // wrong among others' packages, is told
  forgiving,  // the fewest peers are let go, each with a warning (legacy-peer-deps)
};

struct InstallOptions {
  std::string cache_root;
  cache::StoreOptions store;
  fetcher::NetworkSettings network;
  Environment environment;  // the user's, for git
  Platform platform;
  cache::Layout layout = cache::Layout::isolated;
  bool global_virtual_store = false;  // isolated: packages live in the cache, once per machine
  cache::ImportMethod import_method = cache::ImportMethod::automatic;
  Afterwards link_ahead = Afterwards::automatic;
  bool link_later = false;         // new packages go into the tree first (link_later.h)
  bool link_later_always = false;  // however small the tree
  std::string spares;              // the folder of trees made ahead; empty: none is used or made
  SignaturePolicy signatures;
  Omit omit;
  bool frozen = false;  // the lockfile is law
  bool clean = false;   // hod ci: a lockfile must be there, files are proved, the tree is repaired
  bool lockfile_only = false;
  bool dry_run = false;
  bool prove = false;  // check the sums of all files taken from the store
  bool ignore_scripts = false;
  bool engine_strict = false;
  PeerRule peers = PeerRule::unbroken;
  std::int64_t before = 0;  // seconds since the epoch: later versions are held back; 0 = none
  std::set<std::string> before_exempt;  // names, "@scope/*"
  resolver::Resolution resolution = resolver::Resolution::newest;
  bool flat = false;  // one version of each package
  std::string script_shell;
  unsigned lock_wait_seconds = 300;

  // What the tree's form depends on, as text: another one means the tree is not up to date.
  std::string tree_settings() const;
};

struct Session;
struct Settings;

// How the store is opened: owner, durability (HOD_DURABLE), the read-only layer.
cache::StoreOptions store_options(const Settings& settings, const Environment& environment);

// The publish-time limit at `now` (seconds since the epoch), 0 = none: --before, else the minimum
// release age. Unless set, that is a day for the registry hod was built for, which everybody may
// publish to, and nothing for any other.
std::int64_t newest_allowed(const Settings& settings, std::int64_t now);
// Names and "@scope/*" that it does not hold for.
std::set<std::string> exempt_of_age(const Settings& settings);

// Of settings and flags, for the project at `root`. Errors: usage (an unknown kind in --omit,
// an unknown --resolution).
Result<InstallOptions> install_options(const Session& session, const std::string& root);

}  // namespace hod::cli
