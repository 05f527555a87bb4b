// SPDX-License-Identifier: MIT
// A stage for acceptance tests: the real `hod` in a temporary home with a cache of its own, a
// project folder, and a registry on 127.0.0.1; no way out to the internet (a network namespace
// where the system allows one, else proxies that lead nowhere).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/fixture_registry.h"

namespace hod::tests {

struct HodRun {
  int exit_code = 0;  // 128 + signal when one ended it
  std::string out, err;
};

class HodScene {
  // First of all: the server's threads must be born in the namespace.
  struct Isolation {
    Isolation();
    bool in_namespace = false;
  };
  Isolation isolation_;

 public:
  HodScene();
  ~HodScene();
  HodScene(const HodScene&) = delete;
  HodScene& operator=(const HodScene&) = delete;

  FixtureRegistry registry;

  const std::string& root() const { return root_; }        // holds home, cache and project
  const std::string& project() const { return project_; }  // where hod starts
  void work_in(std::string_view folder) { project_ = root_ + "/" + std::string(folder); }
  std::string operator/(std::string_view path) const { return project_ + "/" + std::string(path); }

  void set(std::string name, std::string value) {
    environment_[std::move(name)] = std::move(value);
  }
  void unset(const std::string& name) { environment_.erase(name); }

  // Files of the project; folders are made as needed.
  void write(std::string_view path, std::string_view text, unsigned mode = 0644) const;
  void write_home(std::string_view path, std::string_view text) const;
  std::string read(std::string_view path) const;
  bool exists(std::string_view path) const;
  bool is_link(std::string_view path) const;

  // Runs the program to its end (a minute at most). hod: the one of this build.
  HodRun hod(const std::vector<std::string>& arguments) const;
  HodRun run(const std::vector<std::string>& command) const;  // with PATH
  // Starts hod, waits until `ready` appears in its stderr or stdout file, sends the signal, waits
  // for the end.
  HodRun hod_with_signal(const std::vector<std::string>& arguments,
                         const std::function<bool()>& ready, int signal) const;
  // What `node -e <code>` prints in the project.
  std::string node(std::string_view code) const;

  // Every path below node_modules but .hod's own files: "a/index.js", "b -> ../x". For comparing
  // trees.
  std::vector<std::string> tree() const;

 private:
  std::string root_, project_;
  std::map<std::string, std::string> environment_;
};

}  // namespace hod::tests
