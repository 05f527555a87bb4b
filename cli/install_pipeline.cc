// SPDX-License-Identifier: MIT
#include "cli/install_pipeline.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "cli/conflict_document.h"
#include "cli/fetch_stage.h"
#include "cli/foreign_lockfile.h"
#include "cli/global_links.h"
#include "cli/graph_changes.h"
#include "cli/interrupt_watch.h"
#include "cli/lifecycle.h"
#include "cli/link_ahead.h"
#include "cli/link_later.h"
#include "cli/project_history.h"
#include "cli/project_patches.h"
#include "cli/resolve_stage.h"
#include "cli/services.h"
#include "cli/store_care.h"
#include "cli/up_to_date.h"
#include "core/base/file.h"
#include "lockfile/foreign_facts.h"
#include "lockfile/hod_lock.h"

namespace hod::cli {

namespace {

constexpr std::string_view kLockfile = "hod.lock";
constexpr int kMostHealings = 2;  // rounds of fetching damaged packages again before giving up

struct Lockfile {
  std::optional<FileStamp> stamp;
  std::optional<std::string> text;  // none: there is none
  std::optional<ResolutionGraph> graph;
};

// A stage's void result from a plain one.
StageResult<void> stage(Result<void> result) {
  if (!result) return failed(std::move(result.error()));
  return {};
}

class Installation {
 public:
  Installation(Session& session, InstallRequest request)
      : session_(session),
        request_(std::move(request)),
        options_(request_.options),
        services_(options_) {}

  StageResult<InstallOutcome> run() {
    StageResult<void> done = run_stages();
    // What was fetched stays, whatever happened later: the next run need not fetch it again.
    Result<void> published = link_later_.end();
    Result<void> flushed = services_.flush();
    if (!done) return failed(std::move(done.error()));
    if (!published) return failed(std::move(published.error()));
    if (!flushed) return failed(std::move(flushed.error()));
    if (!options_.engine_strict) {
      for (const UnfitEngine& unfit : unfit_here()) outcome_.unfit_engines.push_back(unfit.text());
    }
    return std::move(outcome_);
  }

 private:
  // Only where most of what the solver thinks of first is going to be linked.
  bool fetches_early() const {
    const bool all = !options_.omit.development && !options_.omit.optional && !options_.omit.peer;
    return touches_tree() && all && options_.resolution == resolver::Resolution::newest;
  }

  bool touches_tree() const { return !options_.dry_run && !options_.lockfile_only; }

  StageResult<void> run_stages() {
    if (auto opened = open(); !opened) return opened;
    if (auto decided = decide_graph(); !decided) return decided;
    if (auto patched = decide_patches(); !patched) return patched;
    if (auto fit = check_fitness(); !fit) return fit;
    outcome_.versions = version_count(graph_);
    outcome_.changes = graph_changes(lock_.graph ? &*lock_.graph : nullptr, graph_);
    if (options_.dry_run) return {};
    if (auto fetched = fetch_packages(); !fetched) return fetched;
    if (auto saved = save(); !saved) return saved;
    if (!touches_tree()) return {};
    if (auto linked = link(); !linked) return linked;
    return finish_tree();
  }

  // ---- reading

  StageResult<void> open() {
    PhaseScope scope(session_.timing, Phase::read);
    if (touches_tree()) {
      auto lock = cache::lock_project(request_.place.root, options_.lock_wait_seconds, [this] {
        session_.reporter.notice("another hod works in this project; waiting for it");
      });
      if (!lock) return failed(std::move(lock.error()));
      project_lock_ = std::move(*lock);
      unproved_ = tree_is_unproved(request_.place.root);
    }
    auto project = open_for_change();
    if (!project) return failed(std::move(project.error()));
    project_ = std::move(*project);
    if (asks_for_packages()) services_.expect_packages();
    if (touches_tree()) {
      remove_temporaries();
      if (auto begun = begin_link_later(); !begun) return failed(std::move(begun.error()));
    }
    if (auto before = run_scripts_before(); !before) return before;
    if (auto lock = read_lockfile(); !lock) return failed(std::move(lock.error()));
    if (request_.put_back) return stage(take_past_state());
    if (!request_.changes) return {};
    if (options_.peers == PeerRule::unbroken) {
      auto before = project_.requirements();
      if (before) requirements_before_ = std::move(*before);
    }
    auto changes = request_.changes(project_, lock_.graph ? &*lock_.graph : nullptr);
    if (!changes) return failed(std::move(changes.error()));
    changes_ = ManifestChanges(std::move(*changes));
    outcome_.moves = changes_.only_moves();
    if (outcome_.moves && !changes_.edits()) requirements_before_.reset();
    return changes_.apply(project_, services_);
  }

  bool asks_for_packages() const {
    return request_.changes || std::any_of(project_.members.begin(), project_.members.end(),
                                           [](const ProjectMember& member) {
                                             return !member.manifest.dependencies.empty();
                                           });
  }

  Result<void> begin_link_later() {
    if (!options_.link_later || request_.put_back) return {};
    HOD_TRY(cache::Store * store, services_.store());
    link_later_.begin(options_, project_.root, *store);
    return {};
  }

  ProjectHistory& history() {
    if (!history_)
      history_.emplace(options_.cache_root, project_.root, !session_.settings.ci.value);
    return *history_;
  }

  Result<void> take_past_state() {
    HOD_TRY(past_, history().take(*request_.put_back, lock_.text, project_));
    outcome_.put_back = past_->id;
    outcome_.moves = true;
    return {};
  }

  void remove_temporaries() const {
    remove_temporaries_of(project_.root + "/" + std::string(kLockfile));
    for (const ProjectMember& member : project_.members)
      remove_temporaries_of(project_.manifest_path_of(member));
  }

  Result<Project> open_for_change() {
    std::string manifest_path = request_.place.root + "/package.json";
    if (!request_.make_manifest || file_exists(manifest_path)) return open_project(request_.place);
    Project project;
    project.root = request_.place.root;
    HOD_TRY(Manifest manifest, Manifest::parse("{\n}\n", manifest_path, Strict::yes));
    project.members.push_back({".", std::move(manifest), std::nullopt});
    return project;
  }

  Result<void> read_lockfile() {
    std::string path = request_.place.root + "/" + std::string(kLockfile);
    lock_.stamp = file_stamp(path);
    HOD_TRY(lock_.text, read_file_if_present(path));
    if (!lock_.text) return {};
    HOD_TRY(ResolutionGraph graph, lockfile::read_hod_lock(*lock_.text, path));
    lock_.graph = std::move(graph);
    return {};
  }

  // ---- deciding

  StageResult<void> decide_graph() {
    if (Errors wrong = wrong_specifiers(project_); !wrong.empty()) return failed(std::move(wrong));
    auto requirements = project_.requirements();
    if (!requirements) return failed(std::move(requirements.error()));
    if (past_) return stage(keep_past_graph(*requirements));
    if (auto taken = take_foreign(*requirements); !taken) return failed(std::move(taken.error()));
    std::vector<std::string> differing;
    if (lock_.graph) differing = differences(*lock_.graph, *requirements);
    const bool complete = !foreign_ || keeps_foreign();
    const bool several = options_.flat && lock_.graph && !names_of_several(*lock_.graph).empty();
    if (several) differing.push_back("it has several versions of one package, against `--flat`");
    if (lock_.graph && complete && differing.empty() && changes_.empty() && !request_.dedupe) {
      graph_ = *lock_.graph;
      return {};
    }
    if (options_.frozen || request_.imports) return failed(outdated(differing));
    auto resolved = request_.dedupe && lock_.graph ? resolve_deduped(*requirements)
                                                   : resolve_by_rule(*requirements);
    if (!resolved) return failed(explained(std::move(resolved.error())));
    graph_ = std::move(resolved->graph);
    outcome_.warnings = std::move(resolved->warnings);
    outcome_.deprecated = newly_deprecated(lock_.graph ? &*lock_.graph : nullptr, graph_);
    if (auto settled = changes_.settle(project_, graph_); !settled) return settled;
    outcome_.added = changes_.added();
    outcome_.manifest_changes = changes_.moved();
    return {};
  }

  // Patches move no version: where the lockfile is not law, its record of them just follows the
  // files.
  StageResult<void> decide_patches() {
    auto patches = ProjectPatches::read(project_);
    if (!patches) return failed(std::move(patches.error()));
    patches_ = std::move(*patches);
    const bool unknown = foreign_ && !foreign_->lock.knows_patches;
    std::vector<std::string> differing;
    if (!unknown) differing = patch_differences(graph_.patches, patches_.record());
    if (!differing.empty() && past_) return failed(unfit_state(differing));
    if (!differing.empty() && (options_.frozen || request_.imports))
      return failed(outdated(differing));
    graph_.patches = patches_.record();
    return stage(patches_.assign(graph_));
  }

  // Where the lockfile is law, or is to become hod.lock.
  bool keeps_foreign() const { return options_.frozen || request_.imports; }

  // Without hod.lock another manager's lockfile counts: to the letter where it is law, else as what
  // is kept as far as the ranges allow it.
  Result<void> take_foreign(const Requirements& requirements) {
    if (lock_.graph) return {};
    HOD_TRY(foreign_, read_foreign_lockfile(project_.root, requirements));
    if (!foreign_ && keeps_foreign()) return failure(no_lockfile());
    if (!foreign_) return {};
    for (const std::string& warning : foreign_->lock.warnings) session_.reporter.warning(warning);
    if (keeps_foreign()) {
      read_graph_ = foreign_->lock.graph;
      HOD_CHECK(complete_foreign_lockfile(*foreign_, project_.root, services_));
      outcome_.imported_from = foreign_->name;
    } else {
      session_.reporter.notice("there is no hod.lock yet: versions are kept as " + foreign_->name +
                               " has them");
    }
    lock_.graph = foreign_->lock.graph;
    return {};
  }

  Error no_lockfile() const {
    return Error(ErrorCode::lockfile_missing,
                 request_.imports ? "there is no lockfile to import"
                                  : "there is no lockfile, and this install may not make one")
        .at(project_.root + "/" + std::string(kLockfile))
        .hint(request_.imports ? "it reads those of npm, pnpm, yarn and bun"
                               : "run `hod install` once and commit hod.lock");
  }

  // The graph of then must be what the manifests of then ask for, with the members of now.
  Result<void> keep_past_graph(const Requirements& requirements) {
    graph_ = past_->graph;
    const std::vector<std::string> differing = differences(graph_, requirements);
    if (differing.empty()) return {};
    return failure(unfit_state(differing));
  }

  Error unfit_state(const std::vector<std::string>& differing) const {
    Error error(ErrorCode::lockfile_outdated,
                fmt::format("state {} does not fit the project any more", past_->id));
    for (const std::string& line : differing) error = std::move(error).detail(line);
    return std::move(error).hint("projects were added or settings changed since then");
  }

  // Projects with a peer conflict of long standing have to go on working, so an install lets such
  // peers go and tells them; but a command that changes what is asked for may not bring in a new
  // one. Only what goes wrong among packages that the project never asked for is told, as by npm:
  // its user has no say in that.
  StageResult<Resolved> resolve_by_rule(Requirements requirements) {
    using resolver::Peers;
    const auto attempt = [this](Requirements asked, Peers peers) {
      ResolveInput input = resolve_input(std::move(asked));
      input.policy.peers = peers;
      return resolve(std::move(input), services_, session_.reporter, session_.timing);
    };
    if (options_.peers == PeerRule::strict || options_.flat)
      return attempt(std::move(requirements), Peers::strict);
    if (requirements_before_) {
      auto resolved = attempt(requirements, Peers::strict);
      const bool conflict =
          !resolved && resolved.error().front().code() == ErrorCode::resolution_impossible;
      if (!conflict) return resolved;
      if (auto among_others = attempt(requirements, Peers::of_others)) return among_others;
      if (attempt(std::move(*requirements_before_), Peers::of_others)) return resolved;
    }
    return attempt(std::move(requirements), Peers::forgiving);
  }

  // Twice: first all packages of several versions are let go, then only those of which that left
  // fewer, so that nothing else moves. What is not fewer in the end is not taken.
  StageResult<Resolved> resolve_deduped(const Requirements& requirements) {
    outcome_.moves = true;
    const std::set<std::string> several = names_of_several(*lock_.graph);
    update_ = several;
    StageResult<Resolved> freed = resolve_by_rule(requirements);
    if (!freed) return freed;
    update_ = names_with_fewer(*lock_.graph, freed->graph);
    if (update_ != several) {
      StageResult<Resolved> kept = resolve_by_rule(requirements);
      if (!kept || version_count(kept->graph) <= version_count(freed->graph))
        freed = std::move(kept);
    }
    if (!freed || version_count(freed->graph) < version_count(*lock_.graph)) return freed;
    update_.clear();
    return resolve_by_rule(requirements);
  }

  ResolveInput resolve_input(Requirements requirements) {
    ResolveInput input;
    input.project_root = project_.root;
    input.requirements = std::move(requirements);
    input.locked = lock_.graph ? &*lock_.graph : nullptr;
    input.policy.engine_strict = options_.engine_strict;
    if (options_.engine_strict) input.policy.node_version = node_.result().version;
    input.offline = options_.network.offline;
    input.signatures = options_.signatures;
    input.policy.before = options_.before;
    input.policy.before_exempt = options_.before_exempt;
    input.policy.resolution = options_.resolution;
    input.policy.flat = options_.flat;
    if (fetches_early()) input.early = &early_;
    input.policy.command = {project_.members[project_.current].path, changes_.pending(project_)};
    input.on_conflict = [this](const resolver::Conflict& conflict) {
      session_.reporter.result("", conflict_document(conflict));
    };
    input.policy.update = changes_.moving();
    input.policy.update.insert(update_.begin(), update_.end());
    input.policy.trust_locked = !request_.dedupe && !foreign_ && !options_.flat;
    input.policy.keep_locked_peers = options_.peers != PeerRule::strict;
    return input;
  }

  Error outdated(const std::vector<std::string>& differing) const {
    const std::string name = foreign_ ? foreign_->name : std::string(kLockfile);
    Error error = Error(ErrorCode::lockfile_outdated,
                        name + " does not match the manifests, and this install may not change it")
                      .at(project_.root + "/" + name);
    for (const std::string& line : differing) error = std::move(error).detail(line);
    return std::move(error).hint(
        foreign_ ? "bring it up to date where it was made, or run `hod install`, which keeps the "
                   "versions that fit"
                 : "run `hod install` where you develop and commit hod.lock");
  }

  // "Did you mean …" for names that no registry has.
  Errors explained(Errors errors) const {
    for (Error& error : errors) {
      if (error.code() == ErrorCode::package_not_found)
        error = with_near_names(std::move(error), project_, lock_.graph);
    }
    return errors;
  }

  // What cannot run here is refused when it is required, and told when it merely may not work.
  StageResult<void> check_fitness() {
    Installable fit = installable(graph_, options_.platform, options_.omit);
    wanted_ = std::move(fit.packages);
    Errors errors;
    for (PackageIndex index : fit.unsupported)
      errors.push_back(unfit_platform(graph_.packages[index], options_.platform));
    if (options_.engine_strict) {
      for (const UnfitEngine& unfit : unfit_here()) errors.push_back(unfit.error());
    } else if (wants_engines(graph_)) {
      node_.begin();  // it answers while packages are fetched
    }
    if (!errors.empty()) return failed(std::move(errors));
    return {};
  }

  std::vector<UnfitEngine> unfit_here() {
    return unfit_engines(graph_, wanted_, project_, [this] {
      outcome_.node_version = node_.result().version;
      return outcome_.node_version;
    });
  }

  // ---- fetching and saving

  Result<std::vector<PackageIndex>> packages_needed() {
    if (!touches_tree()) return weakly_proved(graph_);
    cache::ShapeOptions shape;
    shape.layout = options_.layout;
    shape.wanted = wanted_;
    shape.omit = options_.omit;
    for (const GraphImporter& importer : graph_.importers)
      shape.importer_bins.push_back(bins_of(importer));
    patches_.mark(shape);
    HOD_CHECK(global_links_.assign(options_, project_.root, graph_, shape));
    shape_ = cache::make_shape(graph_, shape);
    std::vector<PackageIndex> needed;
    if (options_.clean || unproved_) {
      for (const cache::PlacedPackage& placed : shape_.packages) needed.push_back(placed.package);
    } else {
      needed = cache::packages_to_place(project_.root, shape_, &look_);
    }
    global_links_.add_needed(needed, options_.prove || repairs());
    return with_weak(std::move(needed));
  }

  // New entries with a weak digest are fetched wherever they run, so that the lockfile gets a
  // strong one.
  std::vector<PackageIndex> with_weak(std::vector<PackageIndex> packages) const {
    if (!options_.frozen) {
      for (PackageIndex index : weakly_proved(graph_)) packages.push_back(index);
    }
    std::sort(packages.begin(), packages.end());
    packages.erase(std::unique(packages.begin(), packages.end()), packages.end());
    return packages;
  }

  std::vector<Bin> bins_of(const GraphImporter& importer) const {
    std::optional<std::size_t> member = project_.find_member(importer.path);
    return member ? project_.members[*member].manifest.bins : std::vector<Bin>{};
  }

  bool repairs() const { return options_.clean || request_.repair || unproved_; }

  StageResult<void> fetch_packages() {
    auto needed = packages_needed();
    if (!needed) return failed(std::move(needed.error()));
    auto fetched = fetch(graph_, *needed, project_.root, services_, session_.reporter,
                         session_.timing, &early_);
    if (!fetched) return failed(std::move(fetched.error()));
    contents_ = std::move(fetched->contents);
    outcome_.downloaded = fetched->downloaded;
    if (touches_tree() && request_.repair && !options_.clean && !unproved_) {
      if (auto found = find_placed(); !found) return failed(std::move(found.error()));
    }
    if (!options_.frozen && !past_) upgrade_integrity(graph_, contents_);
    return touches_tree() && !patches_.empty() ? apply_patches() : StageResult<void>();
  }

  // What is damaged in the store shows when it is read for this, too.
  StageResult<void> apply_patches() {
    auto store = services_.store();
    if (!store) return failed(std::move(store.error()));
    for (int round = 0;; ++round) {
      auto applied = patches_.apply(graph_, **store, contents_);
      if (!applied) return failed(std::move(applied.error()));
      if (applied->damaged.empty()) return {};
      if (round == kMostHealings) return failed(damaged_for_ever());
      if (auto healed = fetch_anew(applied->damaged); !healed) return healed;
    }
  }

  static Error damaged_for_ever() {
    return Error(ErrorCode::cache_refused, "packages in the cache are damaged again and again");
  }

  // What stands in the tree is compared with the store's lists; of what the store has lost, what is
  // there is believed and what is missing is fetched by heal().
  Result<void> find_placed() {
    HOD_TRY(cache::Store * store, services_.store());
    std::vector<PackageIndex> unknown;
    std::vector<TarballDigest> digests;
    for (const cache::PlacedPackage& placed : shape_.packages) {
      if (contents_[placed.package]) continue;
      const auto digest =
          TarballDigest::of(Integrity::parse(graph_.packages[placed.package].integrity));
      if (!digest) continue;
      unknown.push_back(placed.package);
      digests.push_back(*digest);
    }
    HOD_TRY(std::vector<cache::StoredPackagePtr> found, store->find(digests));
    for (std::size_t i = 0; i < found.size(); ++i) contents_[unknown[i]] = std::move(found[i]);
    return {};
  }

  // Lock first, manifest second: stopped between them, `hod install` sees a lockfile that knows
  // more than the manifest.
  StageResult<void> save() {
    std::string path = project_.root + "/" + std::string(kLockfile);
    lock_text_ = past_ ? past_->lock_text : lockfile::write_hod_lock(graph_);
    if (request_.imports) {
      auto again = lockfile::read_hod_lock(lock_text_, path);
      if (!again) return failed(std::move(again.error()));
      auto proved = lockfile::check_nothing_moved(read_graph_, *again);
      if (!proved) return failed(std::move(proved.error()));
    }
    bool same = lock_.text && *lock_.text == lock_text_;
    if (same || !request_.save || options_.frozen) {
      if (lock_.text) lock_text_ = *lock_.text;
      if (request_.save) return stage(save_manifests());
      return {};
    }
    if (lock_.text) history().note_found(project_, *lock_.text);
    if (auto written = write_project_file(project_.root, path, lock_text_); !written)
      return failed(std::move(written.error()));
    lock_.stamp = file_stamp(path);
    outcome_.lockfile_written = true;
    return stage(save_manifests());
  }

  Result<void> save_manifests() {
    if (!past_) return changes_.save(project_);
    for (const std::size_t member : past_->edited) HOD_CHECK(save_manifest(project_, member));
    return {};
  }

  void note_in_history() {
    if (past_) return history().note_put_back(past_->id);
    if (!request_.save) return;
    outcome_.can_go_back =
        history().note_made(project_, lock_text_, session_.command_line(), outcome_.changes);
  }

  // ---- linking

  cache::TreeState tree_state(bool complete) const {
    cache::TreeState state;
    state.lock_digest = short_digest(lock_text_);
    // --no-save and scripts that still have to run leave a tree that the next install must look at
    // again.
    std::string remark = !request_.save ? "; not saved" : complete ? "" : "; scripts pending";
    if (foreign_ && options_.frozen) remark += "; " + foreign_->name;  // a plain install saves
    state.settings_digest = short_digest(options_.tree_settings() + remark);
    state.boot_id = boot_id();
    state.inputs = tree_inputs(project_, graph_, shape_);
    patches_.add_inputs(state.inputs);
    state.inputs.push_back(file_input(std::string(kLockfile), lock_.stamp, lock_text_));
    return state;
  }

  StageResult<void> link() {
    scripts_ = options_.ignore_scripts || !request_.run_scripts ? std::vector<MemberScripts>{}
                                                                : lifecycle_after_install(project_);
    PhaseScope scope(session_.timing, Phase::link);
    for (int round = 0;; ++round) {
      const bool scripts = !scripts_.empty();
      if (auto chosen = link_later_.choose(shape_, scripts, contents_, services_.pool()); !chosen)
        return failed(std::move(chosen.error()));
      auto linked = link_once(scripts_.empty(), repairs());
      if (!linked) return failed(std::move(linked.error()));
      outcome_.links = std::move(*linked);
      if (outcome_.links.damaged.empty()) break;
      if (round == kMostHealings) return failed(damaged_for_ever());
      if (auto healed = heal(outcome_.links.damaged); !healed) return healed;
    }
    session_.keep = link_later_.order(shape_, contents_);
    const cache::LinkReport& links = outcome_.links;
    if (links.packages_added > 0) {
      session_.reporter.progress(Phase::link, {links.packages_added, links.packages_added, 0, ""});
    }
    session_.reporter.phase_done(Phase::link);
    session_.timing.add_operations(Phase::link, links.files_linked + links.files_copied +
                                                    links.files_moved + links.folders_made +
                                                    links.links_made);
    session_.timing.add_bytes(Phase::link, links.bytes_copied);
    return {};
  }

  Result<cache::LinkReport> link_once(bool complete, bool repair) {
    // Rows of freshly stored packages before the state that counts on them.
    HOD_CHECK(services_.flush());
    cache::LinkRequest request;
    request.project_root = project_.root;
    request.shape = &shape_;
    request.contents = contents_;
    request.state = tree_state(complete);
    request.verify = options_.prove ? cache::Verify::sums : cache::Verify::fence;
    request.import_method = options_.import_method;
    request.spares = options_.spares;
    // Nobody waits for the network under a look that is old by then.
    request.look = outcome_.downloaded == 0 ? look_.get() : nullptr;
    request.repair = repair;
    request.progress = [this](std::size_t done, std::size_t total) {
      session_.reporter.progress(Phase::link, {done, total, 0, ""});
    };
    InterruptWatch watch;
    request.interrupted = [&] { return watch.stopped(); };
    auto linked = global_links_.link(request, services_.pool());
    if (linked && !(linked->proved.empty() && linked->stale.empty())) {
      HOD_TRY(cache::Store * store, services_.store());
      record_findings(*store, contents_, *linked, services_.pool());
    }
    // Too late for the linker to stop: the tree is whole, but nothing else begins.
    if (linked && watch.stopped()) return failure(ErrorCode::interrupted, "stopped");
    return linked;
  }

  // Damaged packages leave the store and are fetched again; nothing of the tree was changed so far.
  StageResult<void> heal(const std::vector<PackageIndex>& damaged) {
    if (auto fetched = fetch_anew(damaged); !fetched) return fetched;
    return patches_.empty() ? StageResult<void>() : apply_patches();
  }

  StageResult<void> fetch_anew(const std::vector<PackageIndex>& damaged) {
    auto store = services_.store();
    if (!store) return failed(std::move(store.error()));
    std::vector<PackageIndex> stored;  // the others are merely not there
    std::copy_if(damaged.begin(), damaged.end(), std::back_inserter(stored),
                 [&](PackageIndex index) { return contents_[index] != nullptr; });
    auto healed = take_out_damaged(**store, graph_, contents_, stored);
    if (!healed) return failed(std::move(healed.error()));
    outcome_.healed.insert(outcome_.healed.end(), healed->begin(), healed->end());
    if (auto flushed = services_.flush(); !flushed) return failed(std::move(flushed.error()));
    auto fetched =
        fetch(graph_, damaged, project_.root, services_, session_.reporter, session_.timing);
    if (!fetched) return failed(while_healing(std::move(fetched.error())));
    for (PackageIndex index : damaged) contents_[index] = fetched->contents[index];
    outcome_.downloaded += fetched->downloaded;
    return {};
  }

  // ---- after linking

  StageResult<void> finish_tree() {
    outcome_.packages = static_cast<std::size_t>(std::count(wanted_.begin(), wanted_.end(), true));
    outcome_.members = project_.members.size();
    outcome_.layout = options_.layout;
    outcome_.notices = shape_.bin_conflicts;
    for (std::string& notice : services_.take_notices())
      outcome_.notices.push_back(std::move(notice));
    std::vector<PackageIndex> fresh = global_links_.fresh();
    for (std::size_t i : outcome_.links.placed) fresh.push_back(shape_.packages[i].package);
    outcome_.skipped_scripts = scripts_not_run(graph_, fresh, contents_);
    auto stopped = services_.check_interrupted();
    if (!stopped) return failed(std::move(stopped.error()));
    if (!scripts_.empty()) {
      if (auto ran = run_scripts_after(); !ran) return ran;
      // Nothing is left to link: this writes the state that says so.
      auto completed = link_once(true, false);
      if (!completed) return failed(std::move(completed.error()));
    }
    note_in_history();
    static_cast<void>(cache::empty_trash(project_.root));  // the next run tries again
    plan_spare();
    return {};
  }

  // The last user of shape and contents.
  void plan_spare() {
    const bool wanted = !options_.spares.empty() &&
                        should_link_ahead(options_.link_ahead, session_.settings.ci.value,
                                          outcome_.links, outcome_.downloaded);
    if (!wanted) return;
    session_.spare = cache::SpareOrder{options_.cache_root, project_.root, std::move(shape_),
                                       std::move(contents_), options_.import_method};
  }

  StageResult<void> run_scripts_before() {
    if (!touches_tree() || options_.ignore_scripts || !request_.run_scripts) return {};
    return run_all(lifecycle_before_install(project_));
  }

  StageResult<void> run_scripts_after() { return run_all(scripts_); }

  StageResult<void> run_all(const std::vector<MemberScripts>& members) {
    if (members.empty()) return {};
    PhaseScope scope(session_.timing, Phase::scripts);
    ScriptScene scene = session_.script_scene(options_.clean ? "ci" : "install");
    return stage(run_lifecycle(scene, project_, members, options_.script_shell, session_.reporter));
  }

  Session& session_;
  InstallRequest request_;
  const InstallOptions& options_;
  Services services_;
  EarlyFetch early_{services_, options_.platform};
  Fd project_lock_;
  bool unproved_ = false;  // the tree is from before the last boot
  Project project_;
  Lockfile lock_;
  std::optional<ForeignLockfile> foreign_;  // instead of hod.lock
  ResolutionGraph read_graph_;              // of it, before anything was added
  ManifestChanges changes_{ChangeRequest{}};
  std::optional<ProjectHistory> history_;  // opened when there is something to note
  std::optional<PastState> past_;          // hod rollback
  std::set<std::string> update_;           // names that dedupe lets go
  ResolutionGraph graph_;
  ProjectPatches patches_;
  NodeSearch node_{session_.environment, options_.cache_root};
  // Of a command that changes the manifests: what was asked for before it.
  std::optional<Requirements> requirements_before_;
  std::vector<bool> wanted_;
  cache::TreeShape shape_;
  cache::TreeLookPtr look_;
  std::vector<cache::StoredPackagePtr> contents_;
  GlobalLinks global_links_;
  LinkLater link_later_;
  std::string lock_text_;
  std::vector<MemberScripts> scripts_;
  InstallOutcome outcome_;
};

}  // namespace

StageResult<InstallOutcome> run_install(Session& session, InstallRequest request) {
  return Installation(session, std::move(request)).run();
}

}  // namespace hod::cli
