#include "core/model/npm_package_arg.h"

#include <doctest/doctest.h>

using namespace hod;

namespace {

const PackageArgPlaces kPlaces{"/proj/app", "/home/user"};

PackageArg parsed(std::string_view text) { return must(parse_package_arg(text, kPlaces)); }

}  // namespace

TEST_CASE("a package argument has a type, and says what to save and what to fetch") {
  using Type = PackageArg::Type;
  struct Row {
    const char* text;
    Type type;
    const char* save;   // "": none
    const char* fetch;  // "": none
  };
  for (const Row& row :
       {Row{"foo", Type::range, "", "*"}, Row{"foo@1.2.3", Type::version, "", "1.2.3"},
        Row{"foo@latest", Type::tag, "", "latest"}, Row{"foo@npm:bar@1", Type::alias, "", ""},
        Row{"foo/bar", Type::git, "github:foo/bar", ""},
        Row{"git@github.com:foo/bar#x", Type::git, "git+ssh://git@github.com/foo/bar.git#x",
            "ssh://git@github.com/foo/bar.git"},
        Row{"git+ssh://git@host.example:foo/bar#x", Type::git,
            "git+ssh://git@host.example:foo/bar#x", "git@host.example:foo/bar"},
        Row{"git+https://host.example/a#x", Type::git, "git+https://host.example/a#x",
            "https://host.example/a"},
        Row{"https://host.example/a.tgz", Type::remote, "https://host.example/a.tgz",
            "https://host.example/a.tgz"},
        Row{"foo@file:../x", Type::directory, "file:../x", "/proj/x"},
        Row{"./x.tgz", Type::file, "file:x.tgz", "/proj/app/x.tgz"},
        Row{"/abs/x", Type::directory, "file:/abs/x", "/abs/x"},
        Row{"~/x", Type::directory, "file:~/x", "/home/user/x"},
        Row{"file:/../x", Type::directory, "file:../x", "/proj/x"},
        Row{"file://abs", Type::directory, "file:/abs", "/abs"},
        Row{"./a b#c%20", Type::directory, "file:a b#c%20", "/proj/app/a b#c%20"}}) {
    CAPTURE(row.text);
    const PackageArg arg = parsed(row.text);
    CHECK(package_arg_type_name(arg.type) == package_arg_type_name(row.type));
    CHECK(arg.save_spec.value_or("") == row.save);
    CHECK(arg.fetch_spec.value_or("") == row.fetch);
  }
}

TEST_CASE("a name falls into scope and escaped form") {
  const PackageArg arg = parsed("@scope/x@^1");
  CHECK(arg.name == "@scope/x");
  CHECK(arg.scope() == "@scope");
  CHECK(arg.escaped_name() == "@scope%2fx");
  CHECK(arg.is_registry());
  CHECK(parsed("x").scope().empty());
}

TEST_CASE("behind the hash of a git address stand a commit or a range, and a folder") {
  const PackageArg both = parsed("foo/bar#semver:1%20-%202::path:a/b::other:x");
  CHECK(both.git_range == "1 - 2");
  CHECK(both.git_subdir == "/a/b");
  CHECK_FALSE(both.git_committish);
  CHECK(parsed("foo/bar#v1").git_committish == "v1");
  CHECK_FALSE(parsed("foo/bar#").git_committish);
  for (const char* text :
       {"foo/bar#a::b", "foo/bar#a::semver:1", "foo/bar#semver:1::a", "foo/bar#path:a::path:b"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_package_arg(text, kPlaces).has_value());
  }
}

TEST_CASE("an alias carries the package that it stands for") {
  const PackageArg arg = parsed("foo@npm:@s/bar@next");
  REQUIRE(arg.sub_spec);
  CHECK(arg.name == "foo");
  CHECK(arg.sub_spec->name == "@s/bar");
  CHECK(arg.sub_spec->type == PackageArg::Type::tag);
}

TEST_CASE("errors tell names, protocols and other faults apart") {
  struct Row {
    const char* text;
    ErrorCode code;
  };
  for (const Row& row : {Row{".x@1", ErrorCode::name_invalid}, Row{"@s@1", ErrorCode::name_invalid},
                         Row{"foo@workspace:*", ErrorCode::specifier_unsupported},
                         Row{"foo@ssh://git@host.example/a", ErrorCode::specifier_unsupported},
                         Row{"foo@not a tag", ErrorCode::specifier_invalid},
                         Row{"foo@git://host:port/a", ErrorCode::specifier_invalid},
                         Row{"foo@npm:bar@npm:baz", ErrorCode::specifier_invalid}}) {
    CAPTURE(row.text);
    const Result<PackageArg> arg = parse_package_arg(row.text, kPlaces);
    REQUIRE_FALSE(arg.has_value());
    CHECK(arg.error().code() == row.code);
  }
}

TEST_CASE("a version has a package URL") {
  CHECK(must(package_url_of_arg("@foo/bar@1.2.3")) == "pkg:npm/%40foo/bar@1.2.3");
  CHECK(must(package_url_of_arg("foo@1.2.3", "https://registry.example")) ==
        "pkg:npm/foo@1.2.3?repository_url=https://registry.example");
  CHECK_FALSE(package_url_of_arg("foo@^1").has_value());
  CHECK_FALSE(package_url_of_arg("foo/bar").has_value());
}
