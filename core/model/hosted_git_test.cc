#include "core/model/hosted_git.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("many spellings name one repository") {
  for (const char* text :
       {"foo/bar", "github:foo/bar", "github:user@foo/bar.git", "git@github.com:foo/bar.git",
        "git@github.com:foo/bar", "git+ssh://git@github.com/foo/bar.git",
        "ssh://git@github.com:foo/bar", "https://github.com/foo/bar",
        "https://www.github.com/foo/bar.git", "git+https://github.com/foo/bar.git",
        "git://github.com/foo/bar", "http://github.com/foo/bar"}) {
    CAPTURE(text);
    const std::optional<HostedGit> hosted = HostedGit::parse(text);
    REQUIRE(hosted);
    CHECK(hosted->host == HostedGit::Host::github);
    CHECK(hosted->user == "foo");
    CHECK(hosted->project == "bar");
    CHECK(hosted->ssh_url() == "git+ssh://git@github.com/foo/bar.git");
    CHECK(hosted->tarball() == "https://codeload.github.com/foo/bar/tar.gz/HEAD");
  }
}

TEST_CASE("what is no address at a known host gives nothing") {
  for (const char* text : {"",
                           "foo",
                           "@foo/bar",
                           "./foo/bar",
                           "../foo",
                           "/foo/bar",
                           "foo/bar/baz",
                           "foo/bar/",
                           "foo bar/baz",
                           "file:foo",
                           "npm:foo@1",
                           "https://example.com/foo/bar",
                           "git+ssh://git@GitHub.com/foo/bar",
                           "https://github.com/foo",
                           "https://github.com/foo/bar/blob/x",
                           "http://gitlab.com/foo/bar",
                           "https://gitlab.com/foo/bar/-/tree/x",
                           "https://bitbucket.org/foo/bar/get/x.tar.gz",
                           "https://git.sr.ht/~foo/bar/archive/x.tar.gz",
                           "git://bitbucket.org/foo/bar",
                           "https://github.com/foo/%zz",
                           "github:foo/%zz",
                           "github:foo/bar#%zz"}) {
    CAPTURE(text);
    CHECK_FALSE(HostedGit::parse(text).has_value());
  }
}

TEST_CASE("each host has its own addresses") {
  struct Row {
    const char* text;
    const char* ssh;
    const char* https;
    const char* tarball;
    const char* browse;
    const char* file;
  };
  for (const Row& row :
       {Row{"github:foo/bar#a/b", "git@github.com:foo/bar.git#a/b",
            "git+https://github.com/foo/bar.git#a/b",
            "https://codeload.github.com/foo/bar/tar.gz/a%2Fb",
            "https://github.com/foo/bar/tree/a%2Fb",
            "https://raw.githubusercontent.com/foo/bar/a%2Fb/x.json"},
        Row{"gitlab:foo/sub/bar#v1", "git@gitlab.com:foo/sub/bar.git#v1",
            "git+https://gitlab.com/foo/sub/bar.git#v1",
            "https://gitlab.com/api/v4/projects/foo%2Fsub%2Fbar/repository/archive.tar.gz?sha=v1",
            "https://gitlab.com/foo/sub/bar/tree/v1",
            "https://gitlab.com/foo/sub/bar/raw/v1/x.json"},
        Row{"bitbucket:foo/bar#v1", "git@bitbucket.org:foo/bar.git#v1",
            "git+https://bitbucket.org/foo/bar.git#v1",
            "https://bitbucket.org/foo/bar/get/v1.tar.gz", "https://bitbucket.org/foo/bar/src/v1",
            "https://bitbucket.org/foo/bar/raw/v1/x.json"},
        Row{"gist:foo/0123abcd#v1", "git@gist.github.com:0123abcd.git#v1",
            "git+https://gist.github.com/0123abcd.git#v1",
            "https://codeload.github.com/gist/0123abcd/tar.gz/v1",
            "https://gist.github.com/0123abcd/v1",
            "https://gist.githubusercontent.com/foo/0123abcd/raw/v1/x.json"},
        Row{"sourcehut:~foo/bar#v1", "git@git.sr.ht:~foo/bar.git#v1",
            "https://git.sr.ht/~foo/bar#v1", "https://git.sr.ht/~foo/bar/archive/v1.tar.gz",
            "https://git.sr.ht/~foo/bar/tree/v1", "https://git.sr.ht/~foo/bar/blob/v1/x.json"}}) {
    CAPTURE(row.text);
    const std::optional<HostedGit> hosted = HostedGit::parse(row.text);
    REQUIRE(hosted);
    CHECK(hosted->ssh() == row.ssh);
    CHECK(hosted->https() == row.https);
    CHECK(hosted->tarball() == row.tarball);
    CHECK(hosted->browse() == row.browse);
    CHECK(hosted->file("x.json") == row.file);
    CHECK(hosted->default_representation == "shortcut");
  }
}

TEST_CASE("an address is printed in the form in which it was written") {
  struct Row {
    const char* text;
    const char* printed;
    const char* plain;  // without "git+" and committish
  };
  for (const Row& row :
       {Row{"foo/bar#x", "github:foo/bar#x", "github:foo/bar"},
        Row{"git@github.com:foo/bar#x", "git+ssh://git@github.com/foo/bar.git#x",
            "ssh://git@github.com/foo/bar.git"},
        Row{"https://github.com/foo/bar#x", "git+https://github.com/foo/bar.git#x",
            "https://github.com/foo/bar.git"},
        Row{"git://github.com/foo/bar#x", "git://github.com/foo/bar.git#x",
            "git://github.com/foo/bar.git"},
        Row{"http://github.com/foo/bar#x", "git+ssh://git@github.com/foo/bar.git#x",
            "ssh://git@github.com/foo/bar.git"},
        Row{"git+https://u:p@gitlab.com/foo/bar", "git+https://u:p@gitlab.com/foo/bar.git",
            "https://u:p@gitlab.com/foo/bar.git"}}) {
    CAPTURE(row.text);
    const std::optional<HostedGit> hosted = HostedGit::parse(row.text);
    REQUIRE(hosted);
    CHECK(hosted->text() == row.printed);
    CHECK(hosted->text({.git_plus = false, .committish = false}) == row.plain);
  }
}

TEST_CASE("a gist needs no user") {
  const std::optional<HostedGit> gist = HostedGit::parse("gist:0123abcd");
  REQUIRE(gist);
  CHECK_FALSE(gist->user.has_value());
  CHECK(gist->path() == "0123abcd");
  CHECK(HostedGit::parse("https://gist.github.com/0123abcd.git")->project == "0123abcd");
}

TEST_CASE("a branch may stand in a web address") {
  const std::optional<HostedGit> hosted =
      HostedGit::parse("https://github.com/foo/bar/tree/dev#ignored");
  REQUIRE(hosted);
  CHECK(hosted->committish == "dev");
}

TEST_CASE("the repository of a manifest is made presentable") {
  const auto repository = [](const char* manifest) {
    return repository_of(must(Json::parse(manifest, "package.json")));
  };
  CHECK(must(repository(R"({"repository":"git+ssh://github.com/foo/bar.git"})"))->hosted->path() ==
        "foo/bar");
  CHECK(must(repository(R"({"repository":{"type":"git","url":"foo/bar"}})"))->hosted->path() ==
        "foo/bar");
  CHECK(must(repository(R"({"repository":"git+http://nope.example/x.git"})"))->url ==
        "http://nope.example/x");
  CHECK(must(repository(R"({"repository":"ssh://nope.example/x"})"))->url ==
        "https://nope.example/x");
  CHECK_FALSE(must(repository(R"({"repository":"nonsense"})")).has_value());
  CHECK_FALSE(must(repository("false")).has_value());
  CHECK_FALSE(repository(R"({"name":"x"})").has_value());
  CHECK_FALSE(repository(R"({"repository":42})").has_value());
}
