// SPDX-License-Identifier: MIT
// hod pkg get|set|delete: package.json's fields, as `npm pkg` has it. The manifests of a workspace
// that are named are read and changed all together, or none of them.
#include <fmt/core.h>

#include "cli/manifest_query.h"
#include "cli/selection.h"
#include "cli/session.h"
#include "core/base/file.h"

namespace hod::cli {

namespace {

struct Target {
  std::string path;  // of the file
  std::string name;  // the package's, else its folder's
  std::string text;
};

Result<Target> read_target(const std::string& folder, std::string_view member) {
  Target target{folder + "/package.json", std::string(member), ""};
  HOD_TRY(target.text, read_file(target.path));
  return target;
}

// The manifests meant. Only where projects are chosen by name are all manifests read, so that one
// which cannot be read can be mended.
Result<std::vector<Target>> targets_of(const Session& session) {
  HOD_TRY(ProjectPlace place, session.project_place());
  std::vector<Target> targets;
  if (!selects_members(session.arguments)) {
    const std::string folder = place.member == "." ? place.root : place.root + "/" + place.member;
    HOD_TRY(Target target, read_target(folder, place.member));
    targets.push_back(std::move(target));
    return targets;
  }
  HOD_TRY(Project project, open_project(place));
  HOD_TRY(std::vector<std::size_t> members,
          select_members(project, session.arguments, session.folder));
  for (std::size_t index : members) {
    const ProjectMember& member = project.members[index];
    const std::string& name = member.manifest.name;
    HOD_TRY(Target target,
            read_target(project.folder_of(member), name.empty() ? member.path : name));
    targets.push_back(std::move(target));
  }
  return targets;
}

// What is printed for one manifest: all of it, the one value asked for, or an object of several.
Result<Json> answer_of(const Target& target, const std::vector<ManifestQuery>& queries) {
  HOD_TRY(Json manifest, Json::parse(target.text, target.path));
  if (queries.empty()) return manifest;
  Json answer = Json::object();
  for (const ManifestQuery& query : queries) {
    HOD_TRY(auto found, query.find(manifest));
    if (queries.size() == 1 && found.size() == 1) return std::move(found.front().second);
    for (auto& [key, value] : found) answer.set(key, std::move(value));
  }
  return answer;
}

Result<int> get(Session& session, const std::vector<Target>& targets,
                const std::vector<std::string>& keys) {
  std::vector<ManifestQuery> queries;
  for (const std::string& key : keys) {
    HOD_TRY(ManifestQuery query, ManifestQuery::parse(key));
    queries.push_back(std::move(query));
  }
  Json answer = Json::object();
  for (const Target& target : targets) {
    HOD_TRY(Json one, answer_of(target, queries));
    if (selects_members(session.arguments)) {
      answer.set(target.name, std::move(one));
    } else {
      answer = std::move(one);
    }
  }
  session.reporter.result(answer.dump(2) + "\n", answer);
  return 0;
}

struct Assignment {
  ManifestQuery query;
  std::optional<Json> value;  // none: delete
};

// "key=value"; with --json the value is JSON, else a string.
Result<Assignment> assignment_of(const std::string& word, bool as_json) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos || equals == 0) {
    return failure(Error(ErrorCode::usage, fmt::format("`{}` is no assignment", word))
                       .hint("hod pkg set <key>=<value>"));
  }
  HOD_TRY(ManifestQuery query, ManifestQuery::parse(word.substr(0, equals)));
  const std::string value = word.substr(equals + 1);
  if (!as_json) return Assignment{std::move(query), Json::string(value)};
  auto parsed = Json::parse(value, "the value of " + query.text());
  if (!parsed) {
    return failure(std::move(parsed.error())
                       .hint("with --json values are JSON: strings stand in quotes, "
                             "`'name=\"text\"'`"));
  }
  return Assignment{std::move(query), std::move(*parsed)};
}

Result<int> change(Session& session, std::vector<Target> targets,
                   const std::vector<Assignment>& assignments) {
  HOD_TRY(ProjectPlace place, session.project_place());
  std::vector<bool> changed;
  for (Target& target : targets) {
    const std::string before = target.text;
    for (const Assignment& assignment : assignments) {
      auto after = assignment.value
                       ? assignment.query.set(target.text, *assignment.value, target.path)
                       : assignment.query.remove(target.text, target.path);
      if (!after) return failure(std::move(after.error()));
      target.text = std::move(*after);
    }
    changed.push_back(target.text != before);
    // A manifest that no install could read any more is not written.
    if (changed.back()) HOD_CHECK(Manifest::parse(target.text, target.path, Strict::yes));
  }
  Json written = Json::array();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!changed[i]) continue;
    HOD_CHECK(write_project_file(place.root, targets[i].path, targets[i].text));
    written.push(Json::string(targets[i].path));
  }
  Json document = Json::object();
  document.set("written", std::move(written));
  session.reporter.result("", std::move(document));
  return 0;
}

}  // namespace

Result<int> pkg_command(Session& session) {
  std::vector<std::string> words = session.arguments.words();
  const std::string verb = words.empty() ? "get" : words.front();
  if (!words.empty()) words.erase(words.begin());
  const bool sets = verb == "set";
  if (verb != "get" && !sets && verb != "delete" && verb != "rm") {
    return failure(
        Error(ErrorCode::usage, "`hod pkg` knows `get`, `set` and `delete`, not `" + verb + "`"));
  }
  if (verb != "get" && words.empty()) {
    return failure(Error(ErrorCode::usage, "`hod pkg " + verb + "` needs to know what")
                       .hint(sets ? "hod pkg set <key>=<value>" : "hod pkg delete <key>"));
  }
  HOD_TRY(std::vector<Target> targets, targets_of(session));
  if (verb == "get") return get(session, targets, words);
  std::vector<Assignment> assignments;
  for (const std::string& word : words) {
    if (sets) {
      HOD_TRY(Assignment assignment, assignment_of(word, session.arguments.is_on(Option::json)));
      assignments.push_back(std::move(assignment));
    } else {
      HOD_TRY(ManifestQuery query, ManifestQuery::parse(word));
      assignments.push_back({std::move(query), std::nullopt});
    }
  }
  return change(session, std::move(targets), assignments);
}

}  // namespace hod::cli
