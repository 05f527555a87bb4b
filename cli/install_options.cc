// SPDX-License-Identifier: MIT
#include "cli/install_options.h"

#include <chrono>

#include <fmt/core.h>

#include "cli/afterwards.h"
#include "cli/foreign_lockfile.h"
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

constexpr std::chrono::minutes kPublicReleaseAge = std::chrono::hours{24};

bool is_public(const std::string& registry) { return registry == HOD_DEFAULT_REGISTRY; }

std::int64_t seconds_now() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

Result<resolver::Resolution> resolution_of(const Arguments& arguments) {
  std::string given = arguments.value(Option::resolution).value_or("newest");
  if (given != "newest" && given != "fewest") {
    return failure(Error(ErrorCode::usage,
                         fmt::format("`--resolution` knows newest and fewest, not `{}`", given)));
  }
  bool fewest = given == "fewest" || arguments.is_on(Option::prefer_dedupe) ||
                arguments.command() == CommandId::dedupe;
  return fewest ? resolver::Resolution::fewest : resolver::Resolution::newest;
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
  return session.settings.ci.value &&
         (file_exists(root + "/hod.lock") || foreign_lockfile_in(root));
}

}  // namespace

cache::StoreOptions store_options(const Settings& settings, const Environment& environment) {
  cache::StoreOptions options;
  options.trust_owner = settings.trust_cache_owner.value;
  options.durable = environment.get("HOD_DURABLE") == "1";
  options.layer = settings.cache_readonly.value;
  return options;
}

std::int64_t newest_allowed(const Settings& settings, std::int64_t now) {
  if (settings.before.value) return *settings.before.value;
  std::chrono::minutes built_in =
      is_public(settings.registry.value) ? kPublicReleaseAge : std::chrono::minutes{0};
  std::chrono::seconds age = settings.minimum_release_age.value.value_or(built_in);
  return age.count() == 0 ? 0 : now - age.count();
}

std::set<std::string> exempt_of_age(const Settings& settings) {
  const std::vector<std::string>& names = settings.minimum_release_age_exclude.value;
  std::set<std::string> exempt(names.begin(), names.end());
  if (settings.before.value || settings.minimum_release_age.value) return exempt;
  for (const auto& [scope, registry] : settings.scope_registries) {
    if (!is_public(registry.value)) exempt.insert(scope + "/*");
  }
  return exempt;
}

std::string InstallOptions::tree_settings() const {
  const bool hoisted = layout == cache::Layout::hoisted;
  const std::string global = global_virtual_store && !hoisted ? " in " + cache_root : "";
  return fmt::format("hod {}; layout {}{}; omit {}{}{}; {} {} {}; scripts {}", program_version(),
                     hoisted ? "hoisted" : "isolated", global, omit.development ? "d" : "",
                     omit.optional ? "o" : "", omit.peer ? "p" : "", platform.os, platform.cpu,
                     platform.libc, ignore_scripts ? "off" : "on");
}

namespace {

// Not where sums are proved at the moment of use, what is stored must be on the disk when the
// command returns, or nobody may be left to finish.
bool may_link_later(const InstallOptions& options, const Settings& settings) {
  if (options.prove || options.global_virtual_store || options.store.durable) return false;
  if (options.import_method != cache::ImportMethod::automatic &&
      options.import_method != cache::ImportMethod::hardlink)
    return false;
  if (options.link_ahead == Afterwards::always) return false;
  if (settings.link_later.value != Afterwards::automatic)
    return settings.link_later.value == Afterwards::always;
  return !settings.ci.value && !ends_with_command();
}

}  // namespace

Result<InstallOptions> install_options(const Session& session, const std::string& root) {
  const Settings& settings = session.settings;
  const Arguments& arguments = session.arguments;
  InstallOptions options;
  options.cache_root = settings.cache_dir.value;
  options.store = store_options(settings, session.environment);
  options.network = settings.network();
  options.environment = session.environment;
  options.platform = Platform::of_machine();
  const bool hoists = !settings.global_virtual_store.value && has_hoisting_lockfile(root);
  options.layout =
      settings.layout.value.value_or(hoists ? cache::Layout::hoisted : cache::Layout::isolated);
  options.global_virtual_store = settings.global_virtual_store.value;
  options.import_method = settings.import_method.value;
  options.link_ahead = settings.link_ahead.value;
  // What lies in a layer below, or once per machine, is not linked into a tree.
  const bool may_use_spares = options.link_ahead != Afterwards::never &&
                              options.store.layer.empty() && !options.global_virtual_store;
  if (may_use_spares) options.spares = cache::spare_folder(options.cache_root);
  HOD_TRY(options.omit, omitted(session));
  options.frozen = is_frozen(session, root);
  options.clean = arguments.command() == CommandId::ci;
  options.lockfile_only = arguments.is_on(Option::lockfile_only);
  options.dry_run = arguments.is_on(Option::dry_run);
  options.prove = options.frozen || settings.verify_store.value;
  options.ignore_scripts = settings.ignore_scripts.value;
  options.engine_strict = settings.engine_strict.value;
  options.peers = peer_rule(settings);
  options.before = newest_allowed(settings, seconds_now());
  options.before_exempt = exempt_of_age(settings);
  HOD_TRY(options.resolution, resolution_of(arguments));
  options.flat = arguments.is_on(Option::flat);
  options.link_later = may_link_later(options, settings);
  options.link_later_always = settings.link_later.value == Afterwards::always;
  options.signatures = {settings.verify_signatures.value, settings.signing_keys.value};
  options.script_shell = settings.script_shell.value;
  return options;
}

}  // namespace hod::cli
