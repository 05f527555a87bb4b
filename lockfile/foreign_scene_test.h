// SPDX-License-Identifier: MIT
// For tests of foreign lockfiles: projects written as a few lines, graphs read as hod.lock without
// digests.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "core/base/encoding.h"
#include "lockfile/foreign_lock.h"
#include "lockfile/hod_lock.h"

namespace hod::lockfile::scene {

inline const std::string kSha512 = "sha512-" + to_base64(std::string(64, 'x'));

// The manifests live as long as the project.
struct Project {
  std::deque<Manifest> manifests;
  Requirements requirements;
};

// Of manifests by path.
inline Project project_of(const std::vector<std::pair<std::string, std::string>>& texts) {
  Project project;
  std::vector<Requirements::Member> members;
  for (const auto& [path, text] : texts) {
    project.manifests.push_back(must(Manifest::parse(text, path + "/package.json", Strict::yes)));
    members.push_back({path, &project.manifests.back()});
  }
  project.requirements = must(Requirements::of_manifests(members));
  return project;
}

// `text` with each '#' in quotes replaced by a good integrity: "integrity": "#".
inline std::string with_integrity(std::string text) {
  for (std::size_t at = 0; (at = text.find("\"#\"", at)) != std::string::npos;
       at += kSha512.size()) {
    text.replace(at, 3, "\"" + kSha512 + "\"");
  }
  return text;
}

// hod.lock less its first line, integrity lines and the empty lines.
inline std::string text_of(const ResolutionGraph& graph) {
  const std::string lock = write_hod_lock(graph);
  std::string text;
  for (std::size_t begin = lock.find('\n') + 1; begin < lock.size();) {
    const std::size_t end = lock.find('\n', begin) + 1;
    const std::string line = lock.substr(begin, end - begin);
    if (line != "\n" && !line.starts_with("  integrity ")) text += line;
    begin = end;
  }
  return text;
}

inline ForeignLock must_read(ForeignFormat format, const std::string& text,
                             const Project& project) {
  auto lock = read_foreign_lock(format, with_integrity(text), "lockfile", project.requirements);
  if (!lock) FAIL(lock.error().text());
  return std::move(*lock);
}

inline std::string read_text(ForeignFormat format, const std::string& text,
                             const Project& project) {
  return text_of(must_read(format, text, project).graph);
}

// "CODE what" of the refusal, or "fine".
inline std::string refusal(ForeignFormat format, const std::string& text, const Project& project) {
  const auto lock =
      read_foreign_lock(format, with_integrity(text), "lockfile", project.requirements);
  if (lock) return "fine";
  return std::string(error_name(lock.error().code())) + " " + lock.error().what();
}

}  // namespace hod::lockfile::scene
