// SPDX-License-Identifier: MIT
#include "cli/project_history.h"

#include <chrono>

#include <fmt/core.h>

#include "cli/graph_changes.h"
#include "core/base/file.h"
#include "core/base/json_edit.h"
#include "lockfile/hod_lock.h"

namespace hod::cli {

namespace {

// What a graph is made of. `workspaces` is not among them: who is a member is no matter of
// versions.
constexpr std::string_view kFields[] = {
    "dependencies",     "devDependencies",      "optionalDependencies", "peerDependencies",
    "dependenciesMeta", "peerDependenciesMeta", "bundleDependencies",   "bundledDependencies",
    "overrides",        "resolutions"};

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string relative_manifest(const ProjectMember& member) {
  return member.path == "." ? "package.json" : member.path + "/package.json";
}

std::vector<GraphChange> changes_between(const std::string& before, std::string_view after) {
  const auto now = lockfile::read_hod_lock(after, "hod.lock");
  if (!now) return {};
  const auto then = lockfile::read_hod_lock(before, "hod.lock");
  return graph_changes(then ? &*then : nullptr, *now);
}

// One field: member by member, so that the order and the look of what stays are kept.
Result<std::string> with_field(std::string text, const std::string& field, const Json* now,
                               const Json* then, std::string_view origin) {
  const bool objects = now != nullptr && then != nullptr && now->is_object() && then->is_object();
  if (then == nullptr) return json_without(text, {field}, origin);
  if (!objects) return json_with(text, {field}, *then, JsonPlace::last, origin);
  for (const auto& [name, value] : then->members()) {
    HOD_TRY(text, json_with(text, {field, name}, value, JsonPlace::sorted, origin));
  }
  for (const auto& [name, value] : now->members()) {
    if (then->find(name) != nullptr) continue;
    HOD_TRY(text, json_without(text, {field, name}, origin));
  }
  return text;
}

}  // namespace

Result<std::string> manifest_with_fields_of(std::string_view text, std::string_view then,
                                            std::string_view origin) {
  HOD_TRY(const Json now_json, Json::parse(text, origin));
  HOD_TRY(const Json then_json, Json::parse(then, origin));
  std::string out(text);
  for (const std::string_view field : kFields) {
    const Json* now = now_json.find(field);
    const Json* wanted = then_json.find(field);
    const bool same = now == nullptr || wanted == nullptr ? now == wanted : *now == *wanted;
    if (same) continue;
    HOD_TRY(out, with_field(std::move(out), std::string(field), now, wanted, origin));
  }
  return out;
}

void ProjectHistory::add(std::string command, const std::vector<GraphChange>& changes,
                         const cache::HistoryContent& content) {
  cache::HistoryEntry entry;
  entry.time = now();
  entry.command = std::move(command);
  entry.change_count = changes.size();
  for (const GraphChange& change : changes) {
    if (entry.changes.size() == cache::History::kMostChanges) break;
    entry.changes.push_back({change.name, change.before, change.after});
  }
  // A cache that cannot be written to has no history; the install went well all the same.
  static_cast<void>(history_.add(std::move(entry), content));
}

void ProjectHistory::note_found(const Project& project, std::string_view lock_text) {
  const cache::HistoryEntry* current = history_.current();
  if (!kept_) return;
  if (current && current->lock_digest == cache::History::digest_of_lock(lock_text)) return;
  cache::HistoryContent content{std::string(lock_text), {}};
  for (const ProjectMember& member : project.members) {
    auto text = read_file(project.manifest_path_of(member));  // `project` may be changed already
    if (text) content.manifests.push_back({relative_manifest(member), std::move(*text)});
  }
  std::vector<GraphChange> changes;
  if (current != nullptr) {
    if (const auto last = history_.content(*current))
      changes = changes_between(last->lockfile, lock_text);
  }
  add("", changes, content);
}

bool ProjectHistory::note_made(const Project& project, std::string_view lock_text,
                               std::string_view command, const std::vector<GraphChange>& changes) {
  if (!kept_) return false;
  const cache::HistoryEntry* current = history_.current();
  if (current && current->lock_digest == cache::History::digest_of_lock(lock_text)) return false;
  if (current && changes.empty()) {  // another lockfile, but not by this install
    note_found(project, lock_text);
  } else {
    cache::HistoryContent content{std::string(lock_text), {}};
    for (const ProjectMember& member : project.members)
      content.manifests.push_back({relative_manifest(member), member.manifest.text});
    add(std::string(command), changes, content);
  }
  return history_.current() != nullptr && history_.current()->before != 0;
}

void ProjectHistory::note_put_back(unsigned id) {
  if (kept_) static_cast<void>(history_.set_current(id));
}

Result<PastState> ProjectHistory::take(unsigned id, const std::optional<std::string>& lock_now,
                                       Project& project) {
  const cache::HistoryEntry* current = history_.current();
  const cache::HistoryEntry* wanted = nullptr;
  if (id != 0) {
    wanted = history_.find(id);
  } else if (current != nullptr) {
    wanted = history_.find(current->before);
    const std::uint64_t digest = lock_now ? cache::History::digest_of_lock(*lock_now) : 0;
    const bool stopped = wanted != nullptr && digest == wanted->lock_digest;
    // A lockfile that no install has seen yet: the way back leads to the last one.
    if (digest != current->lock_digest && !stopped) wanted = current;
  }
  if (wanted == nullptr) {
    Error error(ErrorCode::usage, id != 0 ? fmt::format("no state {} is kept of this project", id)
                                          : "no earlier state is kept of this project");
    return failure(std::move(error).hint("`hod history` lists those that are kept"));
  }
  HOD_TRY(const cache::HistoryContent content, history_.content(*wanted));
  PastState state{wanted->id, content.lockfile, {}, {}};
  HOD_TRY(state.graph, lockfile::read_hod_lock(state.lock_text, "hod.lock"));
  for (std::size_t i = 0; i < project.members.size(); ++i) {
    const ProjectMember& member = project.members[i];
    for (const cache::HistoryContent::File& file : content.manifests) {
      if (file.path != relative_manifest(member)) continue;
      HOD_TRY(const std::string text,
              manifest_with_fields_of(member.manifest.text, file.text, file.path));
      if (text == member.manifest.text) break;
      HOD_CHECK(replace_manifest(project, i, text));
      state.edited.push_back(i);
      break;
    }
  }
  return state;
}

}  // namespace hod::cli
