// SPDX-License-Identifier: MIT
#include "cli/up_to_date.h"

#include <set>
#include <span>
#include <unordered_set>

#include <fmt/core.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache/hash.h"
#include "cli/workspace_members.h"
#include "core/base/file.h"
#include "core/base/io.h"

namespace hod::cli {

namespace {

using Input = cache::TreeState::Input;

std::uint64_t digest_of_text(std::string_view text) {
  return cache::xxh3(std::as_bytes(std::span(text)));
}

bool is_tree_path(std::string_view path) {
  return path.find("node_modules/") != std::string_view::npos;
}

bool is_folder_path(std::string_view path) { return !path.empty() && path.back() == '/'; }

std::uint64_t digest_of_folder(const std::string& path) {
  std::string names;
  for (const std::string& name : folders_in(path)) names += name + "/";
  return digest_of_text(names);
}

bool is_same(const std::string& file, const Input& input) {
  if (is_folder_path(input.path)) {
    return directory_exists(file) == input.present && digest_of_folder(file) == input.digest;
  }
  const auto text = read_file_if_present(file);
  if (!text || !*text) return text && !input.present;
  return input.present && (*text)->size() == input.size && digest_of_text(**text) == input.digest;
}

// Where `alias` is found from `importer` ("." or "packages/a") upwards; "" when the shape has it
// nowhere.
std::string place_of(const std::unordered_set<std::string_view>& placed, std::string_view importer,
                     const std::string& alias) {
  std::string folder = importer == "." ? "" : std::string(importer);
  for (;;) {
    std::string path = (folder.empty() ? "" : folder + "/") + "node_modules/" + alias;
    if (placed.count(path) != 0) return path;
    if (folder.empty()) return "";
    std::size_t slash = folder.rfind('/');
    folder = slash == std::string::npos ? "" : folder.substr(0, slash);
  }
}

// Was this tree written on this machine, in another boot? Nothing of a tree is synced, so that a
// power cut may have left files without their bytes; when that boot ended is not known. ctime tells
// a tree that came later, in an image or an archive. Who may not write there can repair nothing.
bool outlived_its_boot(const std::string& project_root, const std::string& boot) {
  if (boot.empty() || boot == boot_id()) return false;
  timespec up{};
  timespec now{};
  struct stat state {};
  const std::string folder = project_root + "/node_modules/.hod";
  if (::clock_gettime(CLOCK_BOOTTIME, &up) != 0 || ::clock_gettime(CLOCK_REALTIME, &now) != 0 ||
      io::fstatat(AT_FDCWD, (folder + "/state").c_str(), &state, AT_SYMLINK_NOFOLLOW) != 0)
    return false;
  return state.st_ctim.tv_sec < now.tv_sec - up.tv_sec && ::access(folder.c_str(), W_OK) == 0;
}

}  // namespace

TreeCheck check_tree(const std::string& project_root, std::string_view settings_digest) {
  std::optional<cache::TreeState> state = cache::read_state_head(project_root);
  if (!state || state->settings_digest != settings_digest) return TreeCheck::changed;
  bool complete = true;
  for (const Input& input : state->inputs) {
    std::string path = project_root + "/" + input.path;
    if (is_tree_path(input.path)) {
      complete = complete && file_stamp(path).has_value();
    } else if (!is_same(path, input)) {
      return TreeCheck::changed;
    }
  }
  if (!complete) return TreeCheck::damaged;
  return outlived_its_boot(project_root, state->boot_id) ? TreeCheck::unproved : TreeCheck::current;
}

bool tree_is_unproved(const std::string& project_root) {
  std::optional<cache::TreeState> state = cache::read_state_head(project_root);
  if (!state) state = cache::read_state(project_root);  // beside the journal of a stopped run
  return state && outlived_its_boot(project_root, state->boot_id);
}

std::string short_digest(std::string_view text) {
  return fmt::format("{:016x}", digest_of_text(text));
}

cache::TreeState::Input file_input(std::string path, const std::optional<FileStamp>& stamp,
                                   std::string_view text) {
  if (!stamp) return {std::move(path), false, 0, 0};
  return {std::move(path), true, text.size(), digest_of_text(text)};
}

TreeInputs tree_inputs(const Project& project, const ResolutionGraph& graph,
                       const cache::TreeShape& shape) {
  TreeInputs inputs;
  for (const ProjectMember& member : project.members) {
    std::string prefix = member.path == "." ? "" : member.path + "/";
    inputs.push_back(file_input(prefix + "package.json", member.stamp, member.manifest.text));
  }
  for (const std::string& folder : project.watched) {
    std::string path = folder.empty() ? "./" : folder + "/";
    std::string absolute = project.root + "/" + path;
    inputs.push_back({path, directory_exists(absolute), 0, digest_of_folder(absolute)});
  }
  const std::string workspace_file(Project::kWorkspaceFile);
  if (project.workspace_file) {
    const std::string& workspace_text = project.workspace_text;
    inputs.push_back({workspace_file, true, workspace_text.size(), digest_of_text(workspace_text)});
  } else {
    inputs.push_back({workspace_file, false, 0, 0});
  }
  std::string settings_file = project.root + "/.npmrc";
  std::optional<FileStamp> stamp = file_stamp(settings_file);
  auto text = read_file_if_present(settings_file);
  inputs.push_back(file_input(".npmrc", stamp, text && *text ? **text : ""));
  std::unordered_set<std::string_view> placed;
  for (const cache::PlacedPackage& package : shape.packages) placed.insert(package.path);
  for (const cache::PlacedLink& link : shape.links) placed.insert(link.path);
  std::set<std::string> direct;
  for (const GraphImporter& importer : graph.importers) {
    for (const GraphEdge& edge : importer.edges)
      direct.insert(place_of(placed, importer.path, edge.alias));
  }
  direct.erase("");
  for (const std::string& path : direct) inputs.push_back({path, true, 0, 0});
  return inputs;
}

}  // namespace hod::cli
