// The layering table in docs/ARCHITECTURE.md §2 is law: every #include in the tree is held against
// it.
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace fs = std::filesystem;

namespace {

struct Module {
  std::string target;  // "hod_cache"
  std::string folder;  // "cache"
  int layer = 0;
  std::string may_include;  // the table's cell
  std::string libraries;    // the table's cell
};

std::string read(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string trimmed(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.erase(0, 1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

std::vector<std::string> cells(const std::string& row) {
  std::vector<std::string> out;
  std::stringstream stream(row.substr(1));
  for (std::string cell; std::getline(stream, cell, '|');) out.push_back(trimmed(cell));
  return out;
}

std::string between_backticks(const std::string& text, std::size_t nth) {
  std::size_t at = 0;
  for (std::size_t i = 0; i <= nth; ++i) {
    std::size_t open = text.find('`', at);
    if (open == std::string::npos) return "";
    std::size_t close = text.find('`', open + 1);
    if (i == nth) return text.substr(open + 1, close - open - 1);
    at = close + 1;
  }
  return "";
}

std::vector<Module> read_table() {
  std::vector<Module> modules;
  std::stringstream text(read(fs::path(HOD_SOURCE_DIR) / "docs/ARCHITECTURE.md"));
  for (std::string line; std::getline(text, line);) {
    if (line.empty() || line[0] != '|') continue;
    std::vector<std::string> row = cells(line);
    if (row.size() < 4 || row[0].size() != 1 ||
        !std::isdigit(static_cast<unsigned char>(row[0][0])))
      continue;
    if (row[1].rfind("`hod_", 0) != 0) continue;
    modules.push_back({between_backticks(row[1], 0), between_backticks(row[1], 1), row[0][0] - '0',
                       row[2], row[3]});
  }
  return modules;
}

bool allowed(const Module& from, const Module& to) {
  if (from.folder == to.folder) return true;
  if (from.may_include.find(to.target) != std::string::npos) return true;
  std::string numbers = from.may_include;
  if (numbers.find("0 to ") == 0) return to.layer <= numbers[5] - '0';
  return numbers.find(static_cast<char>('0' + to.layer)) != std::string::npos && to.layer < 2;
}

// Outside headers and the words by which the table names their library.
struct Library {
  std::string header_prefix;
  std::string word;
  std::string file;  // where it may be included when the table names a file; "" = anywhere in a
                     // module that names it
};

const std::vector<Library>& libraries() {
  static const std::vector<Library> rows = {{"tl/expected.hpp", "tl-expected", ""},
                                            {"nlohmann/", "nlohmann/json", "json.cc"},
                                            {"fmt/", "fmt", ""},
                                            {"yaml.h", "libyaml", "yaml.cc"},
                                            {"sqlite3.h", "SQLite", "sqlite.cc"},
                                            {"archive", "libarchive", "tar_reader.cc"},
                                            {"libdeflate.h", "libdeflate", ""},
                                            {"zlib.h", "zlib", ""},
                                            {"openssl/", "OpenSSL", ""},
                                            {"xxhash.h", "xxHash", "hash.cc"},
                                            {"simdjson", "simdjson", "packument_parse.cc"},
                                            {"uv.h", "libuv", ""},
                                            {"curl/", "libcurl", ""},
                                            {"CLI/", "CLI11", "arguments.cc"}};
  return rows;
}

bool is_source(const fs::path& path) {
  return (path.extension() == ".cc" || path.extension() == ".h") &&
         path.filename().string().find("_test.") == std::string::npos;
}

struct Include {
  fs::path file;
  std::string target;
  bool ours;
};

std::vector<Include> includes_of(const fs::path& file) {
  std::vector<Include> out;
  std::stringstream text(read(file));
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("#include ", 0) != 0) continue;
    std::string what = trimmed(line.substr(9));
    if (what.size() < 3) continue;
    char close = what[0] == '<' ? '>' : '"';
    out.push_back({file, what.substr(1, what.find(close, 1) - 1), what[0] == '"'});
  }
  return out;
}

const Module* module_of(const std::vector<Module>& modules, const std::string& path) {
  const Module* best = nullptr;
  for (const Module& module : modules) {
    if (path.rfind(module.folder + "/", 0) == 0 &&
        (best == nullptr || module.folder.size() > best->folder.size()))
      best = &module;
  }
  return best;
}

}  // namespace

TEST_CASE("every include follows the layering table of docs/ARCHITECTURE.md") {
  std::vector<Module> modules = read_table();
  REQUIRE(modules.size() >= 7);
  std::size_t looked_at = 0;
  for (const Module& module : modules) {
    fs::path folder = fs::path(HOD_SOURCE_DIR) / module.folder;
    if (!fs::exists(folder)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      std::string own = fs::relative(entry.path(), HOD_SOURCE_DIR).string();
      if (module_of(modules, own) != &module) continue;
      for (const Include& include : includes_of(entry.path())) {
        ++looked_at;
        CAPTURE(own);
        CAPTURE(include.target);
        if (include.ours) {
          const Module* to = module_of(modules, include.target);
          CHECK_MESSAGE(to != nullptr, "an include from the repository's root names no module");
          if (to != nullptr) CHECK_MESSAGE(allowed(module, *to), "the table does not allow this");
          continue;
        }
        for (const Library& library : libraries()) {
          if (include.target.rfind(library.header_prefix, 0) != 0) continue;
          bool anywhere = library.word == "tl-expected" || library.word == "fmt";
          bool named = anywhere || module.libraries.find(library.word) != std::string::npos;
          CHECK_MESSAGE(named, "the table names no such library for this module");
          std::string file = entry.path().filename().string();
          bool right_file =
              library.file.empty()
                  ? anywhere || module.libraries.find("`" + file + "`") != std::string::npos
                  : file == library.file;
          CHECK_MESSAGE(right_file, "a library is wrapped in one file");
        }
      }
    }
  }
  CHECK(looked_at > 50);
}

TEST_CASE("every header compiles alone") {
  // The build proves it for headers that have a .cc beside them (own header first); the others are
  // listed here.
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(HOD_SOURCE_DIR)) {
    std::string path = fs::relative(entry.path(), HOD_SOURCE_DIR).string();
    if (path.rfind("build/", 0) == 0 || path.rfind(".git/", 0) == 0 ||
        entry.path().extension() != ".cc" || !is_source(entry.path()))
      continue;
    fs::path header = entry.path();
    header.replace_extension(".h");
    if (!fs::exists(header)) continue;
    std::vector<Include> all = includes_of(entry.path());
    CAPTURE(path);
    CHECK_MESSAGE(
        (!all.empty() && all.front().target == fs::relative(header, HOD_SOURCE_DIR).string()),
        "own header first");
  }
}
