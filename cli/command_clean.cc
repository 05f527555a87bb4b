// SPDX-License-Identifier: MIT
// hod clean: removes the node_modules of the root and of all members, and with --lockfile the
// lockfile. A project with a script of that name means its script; `hod purge` never does.
//
// The root's goes first, by one rename: with it goes the record of what is there, so that stopped
// anywhere, the next install makes everything anew. Symlinks are never followed (T-LINK-06).
#include <cerrno>

#include <fmt/core.h>

#include "cache/linker.h"
#include "cache/project_folder.h"
#include "cache/tree_swap.h"
#include "cli/session.h"
#include "core/base/file.h"
#include "core/base/io.h"

namespace hod::cli {

namespace {

constexpr const char* kModules = "node_modules";
constexpr const char* kLockfile = "hod.lock";
constexpr unsigned kLockWaitSeconds = 300;

bool stands_there(int folder, const char* name) {
  struct stat info {};
  return io::fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<int> run_script_instead(const Session& session) {
  HOD_TRY(const Arguments arguments, Arguments::parse(std::vector<std::string>{"run", "clean"}));
  Session script{arguments,        session.environment, session.folder, session.place,
                 session.settings, session.reporter,    session.timing};
  return run_command(script);
}

// Waits for another hod; nothing to wait for where none ever was.
Result<Fd> lock(const Session& session, const std::string& root, unsigned wait_seconds) {
  if (!directory_exists(root + "/node_modules/.hod")) return Fd();
  return cache::lock_project(root, wait_seconds, [&] {
    session.reporter.notice("another hod works in this project; waiting for it");
  });
}

class Cleaner {
 public:
  explicit Cleaner(const cache::ProjectFolder& project) : project_(project) {}

  Result<void> clean(const Project& project) {
    HOD_CHECK(remove_tree_at(project_.descriptor(), cache::kSwapFolder));
    HOD_CHECK(remove_from("", kModules, cache::kSwapFolder));
    for (const ProjectMember& member : project.members) {
      if (member.path != ".") HOD_CHECK(remove_from(member.path, kModules, nullptr));
    }
    return remove_tree_at(project_.descriptor(), cache::kSwapFolder);
  }
  Result<void> clean_lockfile() { return remove_from("", kLockfile, nullptr); }

  const std::vector<std::string>& removed() const { return removed_; }

 private:
  // `aside`: a name in the same folder that it gets first; null: it is deleted where it is.
  Result<void> remove_from(const std::string& member, const char* name, const char* aside) {
    HOD_TRY(const Fd folder, project_.find(member));
    if (!folder || !stands_there(folder.get(), name)) return {};
    const std::string shown = member.empty() ? name : member + "/" + name;
    if (aside == nullptr) {
      HOD_CHECK(remove_tree_at(folder.get(), name));
    } else if (io::renameat(folder.get(), name, folder.get(), aside) != 0) {
      // A mount point, say: its entries go one by one.
      HOD_CHECK(remove_tree_at(folder.get(), name));
    }
    removed_.push_back(shown);
    return {};
  }

  const cache::ProjectFolder& project_;
  std::vector<std::string> removed_;
};

}  // namespace

Result<int> clean_command(Session& session) {
  if (!session.arguments.words().empty()) {
    return failure(Error(ErrorCode::usage, "`hod clean` takes no packages")
                       .hint("`hod remove <package>` removes one"));
  }
  HOD_TRY(const ProjectPlace place, session.project_place());
  HOD_TRY(const Project project, open_project(place));
  const Manifest& manifest = project.members[project.current].manifest;
  const bool with_lockfile = session.arguments.is_on(Option::lockfile);
  if (session.arguments.command() == CommandId::clean && !with_lockfile &&
      manifest.script("clean")) {
    return run_script_instead(session);
  }
  HOD_TRY(const Fd held, lock(session, place.root, kLockWaitSeconds));
  HOD_TRY(const cache::ProjectFolder folder, cache::ProjectFolder::open(place.root));
  Cleaner cleaner(folder);
  HOD_CHECK(cleaner.clean(project));
  if (with_lockfile) HOD_CHECK(cleaner.clean_lockfile());
  Json document = Json::array();
  for (const std::string& path : cleaner.removed()) {
    session.reporter.line("removed " + path);
    document.push(Json::string(path));
  }
  if (cleaner.removed().empty()) session.reporter.line("nothing to remove");
  session.reporter.result("", std::move(document));
  return 0;
}

}  // namespace hod::cli
