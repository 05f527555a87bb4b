#include "core/base/program.h"

#include <filesystem>

#include <doctest/doctest.h>
#include <stdlib.h>

#include "core/base/file.h"

using namespace hod;
namespace fs = std::filesystem;

namespace {

struct Folder {
  std::string path = (fs::temp_directory_path() / "hod-program-XXXXXX").string();
  Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~Folder() { fs::remove_all(path); }

  std::string write(const std::string& name, fs::perms mode) const {
    std::string file = path + "/" + name;
    fs::create_directories(fs::path(file).parent_path());
    must(write_file_atomic(file, "#!/bin/sh\n", Durable::no));
    fs::permissions(file, mode);
    return file;
  }
  std::string program(const std::string& name) const { return write(name, fs::perms::owner_all); }
};

}  // namespace

TEST_CASE("T-CFG-03 programs are taken from absolute folders of PATH only") {
  Folder folder;
  std::string tool = folder.program("bin/tool");
  folder.write("first/tool", fs::perms::owner_read);
  fs::create_directories(folder.path + "/second/tool");
  std::string path = folder.path + "/first:" + folder.path + "/second:" + folder.path + "/bin/";
  CHECK(find_program("tool", path, ProjectBins::allowed) == tool);
  std::string before = fs::current_path().string();
  fs::current_path(folder.path);
  CHECK_FALSE(find_program("tool", "bin:.::", ProjectBins::allowed));
  CHECK_FALSE(find_program("../tool", folder.path + "/bin", ProjectBins::allowed));
  CHECK_FALSE(find_program("", folder.path + "/bin", ProjectBins::allowed));
  fs::current_path(before);
}

TEST_CASE("T-CFG-03 hod's own tools never come from a project's bins") {
  Folder folder;
  std::string trusted = folder.program("usr/bin/git");
  std::string bins = folder.path + "/project/node_modules/.bin";
  std::string planted = folder.program("project/node_modules/.bin/git");
  std::string path = bins + ":" + bins + "/:" + folder.path + "/usr/bin";
  CHECK(find_program("git", path, ProjectBins::passed_over) == trusted);
  CHECK(find_program("git", path, ProjectBins::allowed) == planted);
}

TEST_CASE("texts for execve end with null") {
  ExecTexts line("/bin/tool", {"a", "b c"});
  CHECK(std::string(line.pointers()[0]) == "/bin/tool");
  CHECK(std::string(line.pointers()[2]) == "b c");
  CHECK(line.pointers()[3] == nullptr);
  Environment environment;
  environment.set("NAME", "value=1");
  ExecTexts variables(environment);
  CHECK(std::string(variables.pointers()[0]) == "NAME=value=1");
  CHECK(variables.pointers()[1] == nullptr);
}
