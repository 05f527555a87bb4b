#include "core/model/specifier.h"

#include <doctest/doctest.h>

using namespace hod;

namespace {

Specifier parsed(std::string_view text) { return must(Specifier::parse(text, "/home/user")); }

ErrorCode error_of(std::string_view text) {
  const Result<Specifier> specifier = Specifier::parse(text, "/home/user");
  return specifier ? ErrorCode::internal : specifier.error().code();
}

}  // namespace

TEST_CASE("versions, ranges and tags belong to the registry") {
  for (const char* text :
       {"", "*", "^1.2.0", " ~1 ", "1.2.3", "v1.2.3", ">=1 <2 || 3.x", "1.2.3-rc.1"}) {
    CAPTURE(text);
    const Specifier specifier = parsed(text);
    CHECK(specifier.as<RangeSpecifier>());
    CHECK(specifier.from_registry());
    CHECK(specifier.text() == text);
  }
  CHECK(parsed("=1.2.3").as<RangeSpecifier>()->range.exact());
  CHECK_FALSE(parsed("^1.2.3").as<RangeSpecifier>()->range.exact());
  CHECK(parsed("latest").as<TagSpecifier>()->tag == "latest");
  CHECK(parsed("next-11").as<TagSpecifier>()->tag == "next-11");
}

TEST_CASE("T-RES-06 what reads as a range is never a tag") {
  for (const char* text : {"x", "X", "1", "v1", "1.x", "1.2.3.4", "a b", "caf\xC3\xA9", "ta^g"}) {
    CAPTURE(text);
    const Result<Specifier> specifier = Specifier::parse(text);
    const TagSpecifier* tag = specifier ? specifier->as<TagSpecifier>() : nullptr;
    if (tag) CHECK_FALSE(Range::parse(tag->tag, {.loose = Loose::yes}).has_value());
  }
  CHECK(parsed("x").as<RangeSpecifier>());
  CHECK(error_of("not a tag") == ErrorCode::specifier_invalid);
}

TEST_CASE("an alias names another package") {
  const Specifier specifier = parsed("npm:@s/other@^1");
  const auto* alias = specifier.as<AliasSpecifier>();
  REQUIRE(alias);
  CHECK(alias->name.text() == "@s/other");
  CHECK(std::get<RangeSpecifier>(alias->target).range.text() == ">=1.0.0 <2.0.0-0");
  CHECK(std::get<TagSpecifier>(parsed("npm:other@next").as<AliasSpecifier>()->target).tag ==
        "next");
  CHECK(std::get<RangeSpecifier>(parsed("npm:other").as<AliasSpecifier>()->target).range.is_any());
  CHECK(parsed("npm:^1.0.0").as<RangeSpecifier>());
  CHECK(error_of("npm:a@npm:b@1") == ErrorCode::specifier_invalid);
  CHECK(error_of("npm:") == ErrorCode::specifier_invalid);
  CHECK(error_of("npm:./x") == ErrorCode::specifier_invalid);
  CHECK(error_of("npm:a@file:x") == ErrorCode::specifier_invalid);
}

TEST_CASE("T-LINK-04 an alias's name is a package name") {
  CHECK(error_of("npm:..@1") == ErrorCode::name_invalid);
  CHECK(error_of("npm:@s/..@1") == ErrorCode::name_invalid);
  CHECK(error_of("npm:@../x@1") == ErrorCode::name_invalid);
}

TEST_CASE("git repositories have an address that git can fetch") {
  struct Row {
    const char* text;
    const char* url;
    const char* committish;  // "": none
  };
  for (const Row& row :
       {Row{"user/project", "https://github.com/user/project.git", ""},
        Row{"github:user/project#v1", "https://github.com/user/project.git", "v1"},
        Row{"git@github.com:user/project.git", "ssh://git@github.com/user/project.git", ""},
        Row{"git://github.com/user/project#a/b", "https://github.com/user/project.git", "a/b"},
        Row{"gist:0123abcd", "https://gist.github.com/0123abcd.git", ""},
        Row{"git+https://host.example/a/b.git#main", "https://host.example/a/b.git", "main"},
        Row{"git+ssh://git@host.example:2222/a/b.git", "ssh://git@host.example:2222/a/b.git", ""},
        Row{"git+ssh://git@host.example:a/b.git#x", "ssh://git@host.example/a/b.git", "x"},
        Row{"git+file:///srv/a.git", "file:///srv/a.git", ""}}) {
    CAPTURE(row.text);
    const Specifier specifier = parsed(row.text);
    const auto* git = specifier.as<GitSpecifier>();
    REQUIRE(git);
    CHECK(git->url == row.url);
    CHECK(git->committish.value_or("") == row.committish);
    CHECK_FALSE(specifier.from_registry());
  }
}

TEST_CASE("behind a git address may stand a range and a folder") {
  const Specifier specifier = parsed("user/project#semver:^1.2::path:/packages/./x/");
  const auto* git = specifier.as<GitSpecifier>();
  REQUIRE(git);
  REQUIRE(git->range);
  CHECK(git->range->text() == ">=1.2.0 <2.0.0-0");
  CHECK(git->subfolder == "packages/x");
  CHECK_FALSE(git->committish);
  CHECK(error_of("user/project#v1::v2") == ErrorCode::specifier_invalid);
  CHECK(error_of("user/project#v1::semver:^1") == ErrorCode::specifier_invalid);
  CHECK(error_of("user/project#semver:nonsense") == ErrorCode::range_invalid);
}

TEST_CASE("T-GIT-01 nothing of a git address can act as an option or leave the repository") {
  for (const char* text :
       {"git+ssh://-oProxyCommand=x/a.git", "git+https://--upload-pack=x/a",
        "git+ssh://-x@host.example/a", "user/project#--upload-pack=x", "user/project#-b",
        "user/project#a..b", "user/project#a%20b", "user/project#HEAD~1", "user/project#a@%7bu%7d",
        "user/project#x%0ay", "user/project#path:../x", "user/project#path:a/../../x",
        "user/project#path:..", "user/project#path:-x", "user/project#path:", "github:project",
        "github:user/", "gist:"}) {
    CAPTURE(text);
    CHECK(error_of(text) == ErrorCode::specifier_invalid);
  }
  for (const char* text : {"git://host.example/a.git", "git+http://host.example/a.git",
                           "git+ftp://host.example/a.git", "git+rsync://host.example/a.git"}) {
    CAPTURE(text);
    CHECK(error_of(text) == ErrorCode::specifier_unsupported);
  }
}

TEST_CASE("tarballs come from addresses that the network part can read") {
  CHECK(parsed("https://host.example/a.tgz").as<TarballUrlSpecifier>()->url ==
        "https://host.example/a.tgz");
  CHECK(error_of("https://host..example/a.tgz") == ErrorCode::config_invalid);
  CHECK(error_of("ftp://host.example/a.tgz") == ErrorCode::specifier_unsupported);
  CHECK(error_of("gopher://yea right") == ErrorCode::specifier_invalid);
}

TEST_CASE("files and folders keep the way to them") {
  struct Row {
    const char* text;
    const char* path;
    bool is_file;
  };
  for (const Row& row :
       {Row{"file:../x", "../x", false}, Row{"./x/", "x", false}, Row{"file:x.tgz", "x.tgz", true},
        Row{"../a/./b/../x.tar.gz", "../a/x.tar.gz", true}, Row{"/abs//x", "/abs/x", false},
        Row{"file:///abs/x", "/abs/x", false}, Row{"file://abs/x", "/abs/x", false},
        Row{"file:/../x", "../x", false}, Row{"~/x", "/home/user/x", false},
        Row{"file:~/x.tgz", "/home/user/x.tgz", true}, Row{"file:", ".", false},
        Row{".", ".", false}, Row{"a/b/c", "a/b/c", false}, Row{"x.tgz", "x.tgz", true},
        Row{"file:a#b?c%20", "a#b?c%20", false}}) {
    CAPTURE(row.text);
    const Specifier specifier = parsed(row.text);
    if (row.is_file) {
      REQUIRE(specifier.as<FileSpecifier>());
      CHECK(specifier.as<FileSpecifier>()->path == row.path);
    } else {
      REQUIRE(specifier.as<DirectorySpecifier>());
      CHECK(specifier.as<DirectorySpecifier>()->path == row.path);
      CHECK_FALSE(specifier.as<DirectorySpecifier>()->link);
    }
  }
  CHECK(must(Specifier::parse("~/x")).as<DirectorySpecifier>()->path == "~/x");
}

TEST_CASE("pnpm's and yarn's protocols are known") {
  CHECK(parsed("link:../x").as<DirectorySpecifier>()->link);
  CHECK(parsed("link:../x").as<DirectorySpecifier>()->path == "../x");
  CHECK_FALSE(parsed("portal:../x").as<DirectorySpecifier>()->link);
  CHECK(parsed("catalog:").as<CatalogSpecifier>()->catalog.empty());
  CHECK(parsed("catalog:default").as<CatalogSpecifier>()->catalog.empty());
  CHECK(parsed("catalog:react18").as<CatalogSpecifier>()->catalog == "react18");
  struct Row {
    const char* text;
    const char* name;
    const char* range;
  };
  for (const Row& row :
       {Row{"workspace:*", "", "*"}, Row{"workspace:", "", "*"}, Row{"workspace:^", "", "^"},
        Row{"workspace:~", "", "~"}, Row{"workspace:^1.0.0", "", "^1.0.0"},
        Row{"workspace:other@^", "other", "^"}, Row{"workspace:@s/x@1.2.3", "@s/x", "1.2.3"},
        Row{"workspace:../x", "", "../x"}, Row{"workspace:packages/x", "", "packages/x"}}) {
    CAPTURE(row.text);
    const Specifier specifier = parsed(row.text);
    const auto* workspace = specifier.as<WorkspaceSpecifier>();
    REQUIRE(workspace);
    CHECK(workspace->name == row.name);
    CHECK(workspace->range == row.range);
  }
  CHECK(error_of("workspace:nonsense") == ErrorCode::specifier_invalid);
  CHECK(error_of("workspace:..@^") == ErrorCode::name_invalid);
  for (const char* text : {"jsr:@a/b@1", "patch:a@npm:1#x", "exec:./x.js", "foo:bar"}) {
    CAPTURE(text);
    CHECK(error_of(text) == ErrorCode::specifier_unsupported);
  }
}

TEST_CASE("T-NET-07 a refused specifier does not show its secrets") {
  for (const char* text :
       {"git+http://user:geheim@host.example/a.git", "ftp://user:geheim@host.example/a.tgz",
        "https://user:geheim@host..example/a.tgz", "git+ssh://user:geheim@host:port/a#x::y",
        "git+https://user:geheim@host.example/a#-x", "npm:a@https://user:geheim@host.example/"}) {
    CAPTURE(text);
    const Result<Specifier> refused = Specifier::parse(text);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().text().find("geheim") == std::string::npos);
  }
}

TEST_CASE("what people type is a name, a specifier, or both") {
  struct Row {
    const char* text;
    const char* name;  // "": none
    const char* spec;
    bool has_range;
  };
  for (const Row& row :
       {Row{"express", "express", "*", false}, Row{"express@", "express", "*", false},
        Row{"express@^4", "express", "^4", true}, Row{"@scope/x", "@scope/x", "*", false},
        Row{"@scope/x@next", "@scope/x", "next", true}, Row{"a@npm:b@2", "a", "npm:b@2", true},
        Row{"npm:b@2", "b", "npm:b@2", true}, Row{"a@user/project", "a", "user/project", true},
        Row{"user/project", "", "user/project", true},
        Row{"git@host.example:a/b", "", "git+ssh://git@host.example:a/b", true},
        Row{"./folder", "", "./folder", true},
        Row{"https://host.example/x.tgz", "", "https://host.example/x.tgz", true},
        Row{"a@workspace:^", "a", "workspace:^", true}, Row{"x.tgz", "", "x.tgz", true}}) {
    CAPTURE(row.text);
    const NamedSpecifier named = must(parse_named_specifier(row.text));
    CHECK((named.name ? named.name->str() : "") == row.name);
    CHECK(named.specifier.text() == row.spec);
    CHECK(named.has_range == row.has_range);
  }
  for (const char* text :
       {"", "..@1", ".bin@1", "@x/../../y@1", "node_modules", "@s", "a b", "latest "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_named_specifier(text).has_value());
  }
}
