// docs/threats.md says which test proves what; here it is held against the tests.
#include <algorithm>
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

// How many numbers each group has.
const std::map<std::string, std::size_t>& groups() {
  static const std::map<std::string, std::size_t> counts = {
      {"TAR", 13}, {"CACHE", 11}, {"LINK", 11}, {"NET", 17}, {"LOCK", 9}, {"RES", 12}, {"CFG", 6}};
  return counts;
}

std::string read(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string trimmed(std::string text) {
  const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && blank(text.front())) text.erase(0, 1);
  while (!text.empty() && blank(text.back())) text.pop_back();
  return text;
}

// Cells of a table's row; `\|` is no border.
std::vector<std::string> cells(const std::string& row) {
  std::vector<std::string> out(1);
  for (std::size_t i = 1; i < row.size(); ++i) {
    if (row[i] == '|' && row[i - 1] != '\\') {
      out.emplace_back();
    } else {
      out.back() += row[i];
    }
  }
  for (std::string& cell : out) cell = trimmed(cell);
  return out;
}

std::vector<std::string> in_backticks(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t open = text.find('`'); open != std::string::npos;) {
    const std::size_t close = text.find('`', open + 1);
    if (close == std::string::npos) break;
    out.push_back(text.substr(open + 1, close - open - 1));
    open = text.find('`', close + 1);
  }
  return out;
}

struct Row {
  std::string id;
  std::vector<std::string> met_in, proved_by;
  std::string proof;  // the cell as it is
};

std::vector<Row> rows() {
  std::vector<Row> out;
  std::stringstream text(read(fs::path(HOD_SOURCE_DIR) / "docs/threats.md"));
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("| T-", 0) != 0) continue;
    const std::vector<std::string> row = cells(line);
    REQUIRE_MESSAGE(row.size() >= 4, line);
    out.push_back({row[0], in_backticks(row[2]), in_backticks(row[3]), row[3]});
  }
  return out;
}

// Does the file name the threat? Of C++ tests: in a test's name.
bool names(const fs::path& file, const std::string& id) {
  const std::string text = read(file);
  for (std::size_t at = text.find(id); at != std::string::npos; at = text.find(id, at + 1)) {
    const std::size_t end = at + id.size();
    if (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) continue;
    if (file.extension() != ".cc") return true;
    const std::size_t test = text.rfind("TEST_CASE(", at);
    if (test != std::string::npos && text.find('{', test) > at) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("every threat of docs/threats.md is proved by the tests it names, or said to be open") {
  for (const Row& row : rows()) {
    CAPTURE(row.id);
    for (const std::string& file : row.met_in) {
      CAPTURE(file);
      CHECK(fs::exists(fs::path(HOD_SOURCE_DIR) / file));
    }
    if (row.proved_by.empty()) CHECK(row.proof.rfind("open", 0) == 0);
    for (const std::string& file : row.proved_by) {
      CAPTURE(file);
      CHECK(names(fs::path(HOD_SOURCE_DIR) / file, row.id));
    }
  }
}

TEST_CASE("docs/threats.md has a row for each number of its groups, once") {
  std::map<std::string, std::set<std::string>> found;
  for (const Row& row : rows()) {
    const std::string group = row.id.substr(2, row.id.rfind('-') - 2);
    CAPTURE(row.id);
    REQUIRE(groups().count(group) == 1);
    CHECK(found[group].insert(row.id).second);
  }
  for (const auto& [group, count] : groups()) {
    CAPTURE(group);
    CHECK(found[group].size() == count);
  }
}

TEST_CASE("the groups TAR and CACHE have no open rows") {
  for (const Row& row : rows()) {
    const bool ours = row.id.rfind("T-TAR-", 0) == 0 || row.id.rfind("T-CACHE-", 0) == 0;
    CAPTURE(row.id);
    if (ours) CHECK_FALSE(row.proved_by.empty());
  }
}
