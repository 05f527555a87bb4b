// SPDX-License-Identifier: MIT
// What must stay true:
//  (1) A package's patch is decided by the graph and the declarations alone, so that a lockfile
//  with
//      the same hashes means the same tree.
//  (2) What was put in place once is not patched again: an entry that already is the patched one
//      stays.
#include "cli/project_patches.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include "cache/project_folder.h"
#include "cache/tree_path.h"
#include "core/base/file.h"
#include "core/base/io.h"

namespace hod::cli {

namespace {

constexpr std::size_t kLargestPatch = std::size_t{32} << 20;

Error missing(const PatchRule& rule, const std::string& path) {
  return Error(ErrorCode::file_missing, fmt::format("the patch of `{}` is not there", rule.key))
      .at(path)
      .hint("put it back, or take its key out of `patchedDependencies`");
}

Result<std::string> read_open_file(const Fd& file, const std::string& path) {
  std::string text;
  std::vector<char> piece(std::size_t{64} << 10);
  for (;;) {
    const ssize_t got = io::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(system_error(errno, "read", path));
    if (got == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > kLargestPatch) {
      return failure(Error(ErrorCode::patch_invalid, "the patch is larger than 32 MiB").at(path));
    }
  }
}

Result<std::string> read_patch_file(const cache::ProjectFolder& folder, const PatchRule& rule) {
  const std::string full = folder.full_path(rule.path);
  HOD_TRY(const Fd parent, folder.find(cache::parent_path(rule.path)));
  if (!parent) return failure(missing(rule, full));
  const std::string name(cache::base_name(rule.path));
  const Fd file(io::openat(parent.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (!file && errno == ENOENT) return failure(missing(rule, full));
  struct stat info {};
  const bool is_file =
      file ? io::fstatat(file.get(), "", &info, AT_EMPTY_PATH) == 0 && S_ISREG(info.st_mode)
           : errno != ELOOP;
  if (!is_file) {
    return failure(
        Error(ErrorCode::tree_refused, "a patch must be a file of the project, no link").at(full));
  }
  if (!file) return failure(system_error(errno, "open", full));
  return read_open_file(file, full);
}

bool can_be_patched(const GraphPackage& package) {
  return package.source.kind != PackageSource::Kind::directory &&
         package.source.kind != PackageSource::Kind::link;
}

}  // namespace

Result<ProjectPatches> ProjectPatches::read(const Project& project) {
  ProjectPatches out;
  HOD_TRY(out.rules_, patch_rules(project.root_member().manifest,
                                  project.workspace_file ? &*project.workspace_file : nullptr));
  if (out.rules_.rules.empty()) return out;
  HOD_TRY(const cache::ProjectFolder folder, cache::ProjectFolder::open(project.root));
  for (const PatchRule& rule : out.rules_.rules) {
    File& file = out.files_.emplace_back();
    file.path = rule.path;
    HOD_TRY(file.text, read_patch_file(folder, rule));
    file.patch.origin = folder.full_path(rule.path);
    file.patch.hash = cache::patch_hash(file.text);
    HOD_TRY(file.patch.changes, cache::parse_patch(file.text, file.patch.origin));
  }
  return out;
}

PatchRecord ProjectPatches::record() const {
  PatchRecord record;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    record.emplace_back(rules_.rules[i].key, files_[i].patch.hash);
  }
  return record;
}

Result<void> ProjectPatches::assign(const ResolutionGraph& graph) {
  chosen_.clear();
  if (files_.empty()) return {};
  chosen_.resize(graph.packages.size());
  std::vector<bool> used(files_.size(), false);
  for (PackageIndex i = 0; i < graph.packages.size(); ++i) {
    const GraphPackage& package = graph.packages[i];
    if (!can_be_patched(package)) continue;
    HOD_TRY(const PatchRule* rule, patch_for(rules_.rules, package.name, package.version));
    if (!rule) continue;
    const auto index = static_cast<std::size_t>(rule - rules_.rules.data());
    chosen_[i] = &files_[index].patch;
    used[index] = true;
  }
  const auto idle = std::find(used.begin(), used.end(), false);
  if (idle == used.end() || rules_.allow_unused) return {};
  const auto index = static_cast<std::size_t>(idle - used.begin());
  return failure(
      Error(ErrorCode::patch_unused, fmt::format("the patch of `{}` fits no package of the project",
                                                 rules_.rules[index].key))
          .at(files_[index].patch.origin)
          .hint("take its key out of `patchedDependencies`, or let it name the version in use")
          .hint("`allowUnusedPatches: true` in pnpm-workspace.yaml lets such patches be"));
}

void ProjectPatches::mark(cache::ShapeOptions& shape) const {
  if (chosen_.empty()) return;
  shape.copied.resize(chosen_.size());
  shape.patched.resize(chosen_.size());
  for (std::size_t i = 0; i < chosen_.size(); ++i) {
    if (!chosen_[i]) continue;
    shape.copied[i] = true;
    shape.patched[i] = chosen_[i]->hash;
  }
}

Result<ProjectPatches::Applied> ProjectPatches::apply(
    const ResolutionGraph& graph, cache::Store& store,
    std::vector<cache::StoredPackagePtr>& contents) {
  Applied applied;
  for (PackageIndex i = 0; i < chosen_.size(); ++i) {
    if (!chosen_[i] || !contents[i] || made_.contains(contents[i]->digest.bytes)) continue;
    HOD_TRY(cache::StoredPackagePtr made,
            cache::patched_package(store, *contents[i], *chosen_[i], graph.packages[i].id()));
    if (!made) {
      applied.damaged.push_back(i);
      continue;
    }
    made_.insert(made->digest.bytes);
    contents[i] = std::move(made);
  }
  return applied;
}

void ProjectPatches::add_inputs(TreeInputs& inputs) const {
  for (const File& file : files_) {
    inputs.push_back(file_input(file.path, FileStamp{}, file.text));
  }
}

}  // namespace hod::cli
