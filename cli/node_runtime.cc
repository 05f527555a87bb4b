// SPDX-License-Identifier: MIT
#include "cli/node_runtime.h"

#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "cli/child_process.h"
#include "core/base/file.h"
#include "core/base/io.h"
#include "core/base/program.h"
#include "core/model/version.h"

namespace hod::cli {

namespace {

constexpr std::string_view kFileName = "/node-version";

// One line: "<size> <mtime> <inode> <version> <path>".
std::string record(const FileStamp& stamp, std::string_view version, std::string_view path) {
  return fmt::format("{} {} {} {} {}\n", stamp.size, stamp.mtime_ns, stamp.inode, version, path);
}

// The version in a kept record of this very program, else "".
std::string kept_version(std::string_view text, const FileStamp& stamp, std::string_view path) {
  std::string head = fmt::format("{} {} {} ", stamp.size, stamp.mtime_ns, stamp.inode);
  if (text.substr(0, head.size()) != head) return "";
  std::string_view rest = text.substr(head.size());
  std::string_view version = rest.substr(0, rest.find(' '));
  return text == record(stamp, version, path) ? std::string(version) : "";
}

Result<BackgroundChild> ask_version(const std::string& path, const Environment& environment) {
  ChildRequest request;
  request.program = path;
  request.arguments = {"--version"};
  request.environment = environment;
  request.folder = "/";
  request.output = ChildOutput::capture;
  return BackgroundChild::start(request);
}

std::string version_in(const ChildOutcome& outcome) {
  if (outcome.exit_code != 0) return "";
  auto version =
      Version::parse(std::string_view(outcome.output).substr(0, outcome.output.find('\n')));
  return version ? version->text() : "";
}

std::string number_behind(std::string_view text, std::string_view name) {
  const std::string line = "#define " + std::string(name) + " ";
  std::size_t at = text.find(line);
  if (at == std::string_view::npos) return "";
  text.remove_prefix(at + line.size());
  return std::string(text.substr(0, text.find_first_not_of("0123456789")));
}

bool is_machine_code(const std::string& path) {
  constexpr std::string_view kElf = "\177ELF";
  std::array<char, kElf.size()> head{};
  Fd file(io::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file && io::read(file.get(), head.data(), head.size()) == ssize_t{kElf.size()} &&
         std::string_view(head.data(), head.size()) == kElf;
}

// From the header files that are installed with it (<prefix>/bin/node and <prefix>/include/node);
// "" where they do not say. A script of that name may start any Node.js.
std::string version_in_headers(const std::filesystem::path& program) {
  const std::filesystem::path prefix = program.parent_path().parent_path();
  auto text = read_file_if_present(prefix / "include/node/node_version.h");
  if (!text || !*text || !is_machine_code(program)) return "";
  if (number_behind(**text, "NODE_VERSION_IS_RELEASE") != "1") return "";
  auto version = Version::parse(number_behind(**text, "NODE_MAJOR_VERSION") + "." +
                                number_behind(**text, "NODE_MINOR_VERSION") + "." +
                                number_behind(**text, "NODE_PATCH_VERSION"));
  return version ? version->text() : "";
}

}  // namespace

struct NodeSearch::State {
  Environment environment;
  std::string cache_root;
  bool begun = false;
  NodeRuntime node;
  std::optional<FileStamp> stamp;  // of the program, while it is asked
  std::string real;
  std::optional<BackgroundChild> child;

  std::string file() const { return cache_root + std::string(kFileName); }
  void begin();
  void hear();
};

void NodeSearch::State::begin() {
  std::optional<std::string> path =
      find_program("node", environment.get("PATH").value_or(""), ProjectBins::allowed);
  if (!path) return;
  node.path = *path;
  std::error_code failed;
  real = std::filesystem::canonical(node.path, failed).string();
  stamp = failed ? std::nullopt : file_stamp(real);
  if (!stamp) return;
  node.version = version_in_headers(real);
  if (!node.version.empty()) return;
  if (auto text = read_file_if_present(file()); text && *text)
    node.version = kept_version(**text, *stamp, real);
  if (!node.version.empty()) return;
  if (auto started = ask_version(node.path, environment)) child.emplace(std::move(*started));
}

void NodeSearch::State::hear() {
  node.version = version_in(child->wait());
  child.reset();
  if (node.version.empty()) return;
  // Best effort: a cache that cannot be written costs the same question next time.
  if (make_directories(cache_root, 0700)) {
    auto kept = write_file_atomic(file(), record(*stamp, node.version, real), Durable::no, 0600);
    static_cast<void>(kept);
  }
}

NodeSearch::NodeSearch(Environment environment, std::string cache_root)
    : state_(std::make_unique<State>()) {
  state_->environment = std::move(environment);
  state_->cache_root = std::move(cache_root);
}

NodeSearch::~NodeSearch() = default;

void NodeSearch::begin() {
  if (!std::exchange(state_->begun, true)) state_->begin();
}

NodeRuntime find_node(const Environment& environment, const std::string& cache_root) {
  return NodeSearch(environment, cache_root).result();
}

const NodeRuntime& NodeSearch::result() {
  begin();
  if (state_->child) state_->hear();
  return state_->node;
}

}  // namespace hod::cli
