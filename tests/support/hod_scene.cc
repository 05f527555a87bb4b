// SPDX-License-Identifier: MIT
#include "tests/support/hod_scene.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"

namespace hod::tests {

namespace fs = std::filesystem;

namespace {

constexpr auto kLimit = std::chrono::seconds{60};

// A namespace with nothing but a loopback device. False where the system does not allow it.
bool leave_the_network() {
  if (unshare(CLONE_NEWNET) != 0) return false;
  Fd socket_fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  return ioctl(socket_fd.get(), SIOCSIFFLAGS, &request) == 0;
}

std::string new_root() {
  const char* base = getenv("TMPDIR");
  std::string path = std::string(base != nullptr ? base : "/tmp") + "/hod-acceptance-XXXXXX";
  HOD_ASSERT(mkdtemp(path.data()) != nullptr);
  return fs::canonical(path).string();
}

struct Started {
  pid_t pid = 0;
  std::string out_path, err_path;
};

Started start(const std::vector<std::string>& command,
              const std::map<std::string, std::string>& environment, const std::string& folder,
              const std::string& logs) {
  static std::atomic<int> counter = 0;
  Started started;
  std::string stem = logs + "/run-" + std::to_string(++counter);
  started.out_path = stem + ".out";
  started.err_path = stem + ".err";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, started.out_path.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_addopen(&actions, 2, started.err_path.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0644);
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<std::string> words = command;
  std::vector<char*> argv, envp;
  for (std::string& word : words) argv.push_back(word.data());
  for (std::string& variable : variables) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  int failed = posix_spawnp(&started.pid, argv[0], &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  HOD_ASSERT(failed == 0);
  return started;
}

// The child's end, or its death when it takes longer than the limit.
int wait_for(pid_t pid) {
  auto deadline = std::chrono::steady_clock::now() + kLimit;
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      kill(pid, SIGKILL);
      waitpid(pid, &status, 0);
      break;
    }
    poll(nullptr, 0, 2);
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

HodRun finish(const Started& started) {
  HodRun run;
  run.exit_code = wait_for(started.pid);
  run.out = must(read_file(started.out_path));
  run.err = must(read_file(started.err_path));
  return run;
}

const std::string& hod_path() {
  // $HOD: another build's program, the release one for instance.
  static const char* given = getenv("HOD");
  static const std::string path =
      given != nullptr ? given : std::string(HOD_BINARY_DIR) + "/cli/hod";
  return path;
}

}  // namespace

HodScene::Isolation::Isolation() {
  static const bool done = leave_the_network();
  in_namespace = done;
}

HodScene::HodScene() : root_(new_root()) {
  project_ = root_ + "/project";
  for (const char* folder : {"home", "project", "logs"})
    must(make_directories(root_ + "/" + folder));
  for (const char* name :
       {"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = getenv(name)) environment_[name] = value;
  }
  environment_["HOME"] = root_ + "/home";
  environment_["TMPDIR"] = root_;
  environment_["HOD_CACHE_DIR"] = root_ + "/cache";
  if (!isolation_.in_namespace) {
    std::string nowhere = "http://127.0.0.1:" + std::to_string(unused_port());
    for (const char* name : {"http_proxy", "https_proxy"}) environment_[name] = nowhere;
    environment_["no_proxy"] = "127.0.0.1";
  }
  write_home(".npmrc", "registry=" + registry.base() + "\n");
}

HodScene::~HodScene() { static_cast<void>(remove_tree(root_)); }

void HodScene::write(std::string_view path, std::string_view text, unsigned mode) const {
  fs::path file = fs::path(project_) / path;
  must(make_directories(file.parent_path().string()));
  must(write_file_atomic(file.string(), text, Durable::no, mode));
}

void HodScene::write_home(std::string_view path, std::string_view text) const {
  must(write_file_atomic(root_ + "/home/" + std::string(path), text, Durable::no, 0600));
}

std::string HodScene::read(std::string_view path) const {
  auto text = read_file((fs::path(project_) / path).string());
  return text ? *text : "";
}

bool HodScene::exists(std::string_view path) const {
  std::error_code failed;
  return fs::exists(fs::symlink_status(fs::path(project_) / path, failed));
}

bool HodScene::is_link(std::string_view path) const {
  std::error_code failed;
  return fs::is_symlink(fs::symlink_status(fs::path(project_) / path, failed));
}

HodRun HodScene::hod(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{hod_path()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command);
}

HodRun HodScene::run(const std::vector<std::string>& command) const {
  return finish(start(command, environment_, project_, root_ + "/logs"));
}

HodRun HodScene::hod_with_signal(const std::vector<std::string>& arguments,
                                 const std::function<bool()>& ready, int signal) const {
  std::vector<std::string> command{hod_path()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  Started started = start(command, environment_, project_, root_ + "/logs");
  auto deadline = std::chrono::steady_clock::now() + kLimit;
  while (!ready() && std::chrono::steady_clock::now() < deadline) poll(nullptr, 0, 2);
  kill(started.pid, signal);
  return finish(started);
}

std::string HodScene::node(std::string_view code) const {
  HodRun result = run({"node", "-e", std::string(code)});
  return result.exit_code == 0 ? result.out : "failed: " + result.err;
}

std::vector<std::string> HodScene::tree() const {
  std::vector<std::string> out;
  fs::path modules = fs::path(project_) / "node_modules";
  if (!fs::exists(modules)) return out;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(modules)) {
    std::string path = entry.path().lexically_relative(modules).string();
    bool own_file = path == ".hod/state" || path == ".hod/lock";
    if (own_file) continue;
    if (entry.is_symlink()) {
      out.push_back(path + " -> " + fs::read_symlink(entry.path()).string());
    } else if (entry.is_regular_file()) {
      out.push_back(path);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace hod::tests
