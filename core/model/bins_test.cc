#include "core/model/bins.h"

#include <doctest/doctest.h>

using namespace hod;

namespace {

std::vector<Bin> bins_of(const std::string& manifest) {
  return normalized_bins(must(Json::parse(manifest, "package.json")));
}

std::vector<Bin> bins_of(const std::string& manifest, const std::vector<std::string>& files) {
  return normalized_bins(must(Json::parse(manifest, "package.json")), files);
}

}  // namespace

TEST_CASE("a command may be one text, a list or an object") {
  CHECK(bins_of(R"({"name":"foo","bin":"./cli.js"})") == std::vector<Bin>{{"foo", "cli.js"}});
  CHECK(bins_of(R"({"name":"@s/foo","bin":"cli.js"})") == std::vector<Bin>{{"foo", "cli.js"}});
  CHECK(bins_of(R"({"bin":["./x/y","z/y","./a"]})") == std::vector<Bin>{{"a", "a"}, {"y", "z/y"}});
  CHECK(bins_of(R"({"bin":{"b":"b.js","a":"./lib/../a.js"}})") ==
        std::vector<Bin>{{"a", "a.js"}, {"b", "b.js"}});
}

TEST_CASE("what is no command gives none") {
  for (const char* manifest :
       {R"({})", R"({"name":"x"})", R"({"bin":"x.js"})", R"({"name":"","bin":"x.js"})",
        R"({"name":"x","bin":""})", R"({"name":"x","bin":null})", R"({"name":"x","bin":true})",
        R"({"name":"x","bin":5})", R"({"bin":["a.js",5]})", R"({"bin":[]})", R"({"bin":{}})",
        R"({"bin":{"x":5,"y":null,"z":{}}})", R"([])", R"("text")"}) {
    CAPTURE(manifest);
    CHECK(bins_of(manifest).empty());
  }
}

TEST_CASE("T-LINK-01 a command's name never holds a path") {
  struct Row {
    const char* name;
    const char* normalized;  // "": dropped
  };
  for (const Row& row :
       {Row{"../up", "up"},    Row{"../../x", "x"}, Row{"@s/../x", "x"},    Row{"/abs", "abs"},
        Row{"..\\\\x", "x"},   Row{"C:\\\\x", "x"}, Row{"a:b", "b"},        Row{".bin/x", "x"},
        Row{"x/", "x"},        Row{"..", ""},       Row{".", ""},           Row{"", ""},
        Row{"x/..", ""},       Row{"@s/..", ""},    Row{"/", ""},           Row{"a b", ""},
        Row{"x\\u0000y", ""},  Row{"x\\n", ""},     Row{"caf\xC3\xA9", ""}, Row{"g++", ""},
        Row{"x|y", ""},        Row{"x;y", ""},      Row{"__proto__", ""},   Row{"-x", "-x"},
        Row{"x.cmd", "x.cmd"}, Row{"$(x)", "$(x)"}}) {
    CAPTURE(row.name);
    const std::string manifest = std::string(R"({"bin":{")") + row.name + R"(":"x.js"}})";
    const std::vector<Bin> bins = bins_of(manifest);
    if (*row.normalized == '\0') {
      CHECK(bins.empty());
    } else {
      REQUIRE(bins.size() == 1);
      CHECK(bins[0].name == row.normalized);
    }
  }
  CHECK(bin_name_is_safe(std::string(214, 'a')));
  CHECK_FALSE(bin_name_is_safe(std::string(215, 'a')));
}

TEST_CASE("T-LINK-02 a command's target never leaves the package") {
  struct Row {
    const char* target;
    const char* normalized;  // "": dropped
  };
  for (const Row& row :
       {Row{"../x.js", "x.js"}, Row{"../../etc/passwd", "etc/passwd"},
        Row{"/etc/passwd", "etc/passwd"}, Row{"a/../../b", "b"}, Row{"..\\\\..\\\\x", "x"},
        Row{"C:\\\\x", "C:/x"}, Row{"./", ""}, Row{".", ""}, Row{"..", ""}, Row{"", ""},
        Row{"a//b", "a/b"}, Row{"./a/./b", "a/b"}, Row{"folder/", ""}, Row{"a\\u0000b", ""},
        Row{"a\\nb", ""}, Row{"%2e%2e/x", "%2e%2e/x"}}) {
    CAPTURE(row.target);
    const std::string manifest =
        std::string(R"({"name":"foo","bin":{"x":")") + row.target + R"("}})";
    const std::vector<Bin> bins = bins_of(manifest);
    if (*row.normalized == '\0') {
      CHECK(bins.empty());
    } else {
      REQUIRE(bins.size() == 1);
      CHECK(bins[0].path == row.normalized);
    }
  }
}

TEST_CASE("T-LINK-02 directories.bin offers the files below it, and nothing from elsewhere") {
  const std::vector<std::string> files = {
      "bin/a.js", "bin/sub/b.js", "bin/.hidden", "bin/.git/c", "binary/d.js", "e.js", "index.js"};
  CHECK(bins_of(R"({"directories":{"bin":"./bin"}})", files) ==
        std::vector<Bin>{{"a.js", "bin/a.js"}, {"b.js", "bin/sub/b.js"}});
  CHECK(bins_of(R"({"directories":{"bin":"../../bin/"}})", files).size() == 2);
  CHECK(bins_of(R"({"directories":{"bin":"elsewhere"}})", files).empty());
  CHECK(bins_of(R"({"directories":{"bin":5}})", files).empty());
  CHECK(bins_of(R"({"name":"x","bin":"e.js","directories":{"bin":"bin"}})", files) ==
        std::vector<Bin>{{"x", "e.js"}});
}

TEST_CASE("npm's own outcome tells a dropped field from an empty one") {
  const auto npm = [](const char* manifest) {
    return npm_normalized_bins(must(Json::parse(manifest, "package.json")));
  };
  CHECK_FALSE(must(npm(R"({"bin":{"..":"x.js"}})")).has_value());
  CHECK(must(npm(R"({"bin":{"__proto__":"x.js"}})")) == std::vector<Bin>{});
  CHECK(must(npm(R"({"bin":{"a b":"x/"}})")) == std::vector<Bin>{{"a b", "x/"}});
  CHECK_FALSE(npm(R"({"bin":[null]})").has_value());
}
