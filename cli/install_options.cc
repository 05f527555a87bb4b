// SPDX-License-Identifier: MIT
#include "cli/install_options.h"

#include <chrono>

#include <fmt/core.h>

#include "cli/help.h"
#include "cli/session.h"
#include "core/base/file.h"

namespace hod::cli {

namespace {

// Teams whose lockfile comes from a manager that hoists get the tree they are used to.
bool has_hoisting_lockfile(const std::string& root) {
  for (const char* name :
       {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "bun.lock", "bun.lockb"}) {
    if (file_exists(root + "/" + name)) return true;
  }
  return false;
}

Result<Omit> omitted(const Session& session) {
  const Arguments& arguments = session.arguments;
  Omit omit = session.settings.omit.value;
  for (const std::string& kind : arguments.values(Option::omit)) {
    if (kind == "dev") {
      omit.development = true;
    } else if (kind == "optional") {
      omit.optional = true;
    } else if (kind == "peer") {
      omit.peer = true;
    } else {
      return failure(Error(ErrorCode::usage,
                           fmt::format("`--omit` knows dev, optional and peer, not `{}`", kind)));
    }
  }
  if (auto prod = arguments.given(Option::prod)) omit.development = *prod;
  if (auto optional = arguments.given(Option::optional)) omit.optional = !*optional;
  return omit;
}

std::int64_t newest_allowed(const Settings& settings) {
  if (settings.before.value) return *settings.before.value;
  if (!settings.minimum_release_age.value || settings.minimum_release_age.value->count() == 0)
    return 0;
  auto limit = std::chrono::system_clock::now() - *settings.minimum_release_age.value;
  return std::chrono::duration_cast<std::chrono::seconds>(limit.time_since_epoch()).count();
}

PeerRule peer_rule(const Settings& settings) {
  if (settings.strict_peer_deps.value) return PeerRule::strict;
  return settings.legacy_peer_deps.value ? PeerRule::forgiving : PeerRule::unbroken;
}

bool is_frozen(const Session& session, const std::string& root) {
  if (session.arguments.command() == CommandId::ci) return true;
  if (session.arguments.command() != CommandId::install) return false;
  if (auto given = session.arguments.given(Option::frozen_lockfile)) return *given;
  if (auto set = session.settings.frozen_lockfile.value) return *set;
  return session.settings.ci.value && file_exists(root + "/hod.lock");
}

}  // namespace

std::string InstallOptions::tree_settings() const {
  return fmt::format("hod {}; layout {}; omit {}{}{}; {} {} {}; scripts {}", program_version(),
                     layout == cache::Layout::hoisted ? "hoisted" : "isolated",
                     omit.development ? "d" : "", omit.optional ? "o" : "", omit.peer ? "p" : "",
                     platform.os, platform.cpu, platform.libc, ignore_scripts ? "off" : "on");
}

Result<InstallOptions> install_options(const Session& session, const std::string& root) {
  const Settings& settings = session.settings;
  const Arguments& arguments = session.arguments;
  InstallOptions options;
  options.cache_root = settings.cache_dir.value;
  options.network = settings.network();
  options.environment = session.environment;
  options.platform = Platform::of_machine();
  options.layout = settings.layout.value.value_or(
      has_hoisting_lockfile(root) ? cache::Layout::hoisted : cache::Layout::isolated);
  options.import_method = settings.import_method.value;
  HOD_TRY(options.omit, omitted(session));
  options.frozen = is_frozen(session, root);
  options.clean = arguments.command() == CommandId::ci;
  options.lockfile_only = arguments.is_on(Option::lockfile_only);
  options.dry_run = arguments.is_on(Option::dry_run);
  options.prove = options.frozen || settings.verify_store.value;
  options.ignore_scripts = settings.ignore_scripts.value;
  options.engine_strict = settings.engine_strict.value;
  options.peers = peer_rule(settings);
  options.before = newest_allowed(settings);
  const std::vector<std::string>& exempt = settings.minimum_release_age_exclude.value;
  options.before_exempt = {exempt.begin(), exempt.end()};
  options.script_shell = settings.script_shell.value;
  return options;
}

}  // namespace hod::cli
