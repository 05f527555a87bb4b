// SPDX-License-Identifier: MIT
#include "cli/project.h"

#include <algorithm>
#include <filesystem>

#include "cli/glob.h"
#include "cli/workspace_members.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "lockfile/yaml.h"

namespace hod::cli {

namespace {

constexpr std::string_view kManifestName = "package.json";

std::string in_folder(const std::string& folder, std::string_view name) {
  return (folder == "/" ? "" : folder) + "/" + std::string(name);
}

// "/a/b" → "/a"; "/" → ""
std::string parent_of(const std::string& folder) {
  if (folder == "/") return "";
  std::size_t slash = folder.rfind('/');
  return slash == 0 ? "/" : folder.substr(0, slash);
}

std::string nearest_manifest_folder(std::string folder) {
  while (!folder.empty() && !file_exists(in_folder(folder, kManifestName)))
    folder = parent_of(folder);
  return folder;
}

// The globs of a package.json above the project. What is wrong in that file is not this command's
// business.
std::vector<std::string> workspace_patterns(const std::string& folder) {
  std::vector<std::string> patterns;
  auto text = read_file_if_present(in_folder(folder, kManifestName));
  if (!text || !*text || (*text)->find("\"workspaces\"") == std::string::npos) return patterns;
  auto json = Json::parse(**text, "");
  if (!json) return patterns;
  const Json* workspaces = json->find("workspaces");
  if (workspaces != nullptr && workspaces->is_object()) workspaces = workspaces->find("packages");
  if (workspaces == nullptr) return patterns;
  for (const Json& pattern : workspaces->elements()) {
    if (pattern.is_string()) patterns.push_back(pattern.as_string());
  }
  return patterns;
}

// pnpm-workspace.yaml's text as its parts. Errors: manifest_invalid, lockfile_invalid (no YAML).
Result<WorkspaceFile> parse_workspace_file(std::string_view text, const std::string& path) {
  HOD_TRY(std::vector<Json> documents, lockfile::parse_yaml(text, path));
  return WorkspaceFile::of_json(documents.empty() ? Json() : documents.front(), path);
}

// Those of a pnpm-workspace.yaml above the project.
std::vector<std::string> workspace_file_patterns(const std::string& folder) {
  const std::string path = in_folder(folder, Project::kWorkspaceFile);
  auto text = read_file_if_present(path);
  if (!text || !*text) return {};
  auto file = parse_workspace_file(**text, path);
  return file ? std::move(file->packages) : std::vector<std::string>{};
}

bool counts_in(const std::vector<std::string>& patterns, std::string_view path) {
  bool in = false;
  for (const std::string& pattern : patterns) {
    bool negated = !pattern.empty() && pattern[0] == '!';
    if (glob_matches(std::string_view(pattern).substr(negated ? 1 : 0), path)) in = !negated;
  }
  return in;
}

Result<ProjectMember> read_member(const std::string& root, std::string path) {
  std::string file = in_folder(path == "." ? root : in_folder(root, path), kManifestName);
  std::optional<FileStamp> stamp = file_stamp(file);
  HOD_TRY(std::string text, read_file(file));
  HOD_TRY(Manifest manifest, Manifest::parse(text, file, Strict::yes));
  return ProjectMember{std::move(path), std::move(manifest), stamp};
}

Result<void> read_workspace_file(Project& project) {
  const std::string path = in_folder(project.root, Project::kWorkspaceFile);
  HOD_TRY(std::optional<std::string> text, read_file_if_present(path));
  if (!text) return {};
  HOD_TRY(project.workspace_file, parse_workspace_file(*text, path));
  project.workspace_text = std::move(*text);
  return {};
}

}  // namespace

Result<ProjectPlace> find_project(const std::string& folder) {
  std::string own = nearest_manifest_folder(folder);
  if (own.empty()) {
    return failure(
        Error(ErrorCode::manifest_missing, "there is no package.json here or in a folder above")
            .at(folder)
            .hint("go into the project's folder, or name it: `hod -C <folder> …`")
            .hint("`hod add <package>` makes a package.json in this folder"));
  }
  for (std::string above = parent_of(own); !above.empty(); above = parent_of(above)) {
    if (!file_exists(in_folder(above, kManifestName))) continue;
    std::string path = own.substr(above == "/" ? 1 : above.size() + 1);
    if (counts_in(workspace_patterns(above), path) ||
        counts_in(workspace_file_patterns(above), path)) {
      return ProjectPlace{above, path};
    }
  }
  return ProjectPlace{own, "."};
}

Result<Project> open_project(const ProjectPlace& place) {
  Project project;
  project.root = place.root;
  HOD_TRY(ProjectMember root, read_member(place.root, "."));
  HOD_CHECK(read_workspace_file(project));
  std::vector<std::string> patterns = root.manifest.workspaces;
  if (project.workspace_file) {
    const std::vector<std::string>& more = project.workspace_file->packages;
    patterns.insert(patterns.end(), more.begin(), more.end());
  }
  HOD_TRY(FoundMembers found, find_members(place.root, patterns));
  project.watched = std::move(found.watched);
  project.members.push_back(std::move(root));
  for (std::string& path : found.paths) {
    HOD_TRY(ProjectMember member, read_member(place.root, std::move(path)));
    project.members.push_back(std::move(member));
  }
  project.current = project.find_member(place.member).value_or(0);
  return project;
}

Result<Project> open_member(const ProjectPlace& place) {
  Project project;
  project.root = place.root;
  HOD_TRY(ProjectMember member, read_member(place.root, place.member));
  project.members.push_back(std::move(member));
  return project;
}

Result<void> replace_manifest(Project& project, std::size_t member, std::string_view text) {
  std::string path = project.manifest_path_of(project.members[member]);
  HOD_TRY(project.members[member].manifest, Manifest::parse(text, path, Strict::yes));
  return {};
}

Result<void> save_manifest(Project& project, std::size_t member) {
  ProjectMember& target = project.members[member];
  const std::string path = project.manifest_path_of(target);
  HOD_CHECK(write_project_file(project.root, path, target.manifest.text));
  target.stamp = file_stamp(path);
  return {};
}

Result<void> write_project_file(const std::string& root, const std::string& path,
                                std::string_view text) {
  std::error_code failed;
  const std::string real_root = std::filesystem::canonical(root, failed).string();
  const std::string real_path = std::filesystem::canonical(path, failed).string();
  // Not there yet, or a link that leads nowhere: the write makes a file in its place.
  if (!failed && !real_path.starts_with(real_root == "/" ? "/" : real_root + "/")) {
    return failure(Error(ErrorCode::tree_refused, "this file is a link out of the project")
                       .at(path)
                       .detail("to " + real_path)
                       .hint("put a file in its place, or run hod in the folder it leads to"));
  }
  return write_file_atomic(path, text);
}

std::string Project::folder_of(const ProjectMember& member) const {
  return member.path == "." ? root : in_folder(root, member.path);
}

std::string Project::manifest_path_of(const ProjectMember& member) const {
  return in_folder(folder_of(member), kManifestName);
}

std::optional<std::size_t> Project::find_member(const std::string& path) const {
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].path == path) return i;
  }
  return std::nullopt;
}

Result<Requirements> Project::requirements() const {
  std::vector<Requirements::Member> listed;
  for (const ProjectMember& member : members) listed.push_back({member.path, &member.manifest});
  return Requirements::of_manifests(listed, workspace_file ? &*workspace_file : nullptr);
}

}  // namespace hod::cli
