#include "fetcher/http_session.h"

#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/scripted_http.h"

using namespace hod;
using namespace hod::fetcher;
using namespace std::chrono_literals;
using tests::ScriptedHttp;
using tests::ScriptedReply;

namespace {

const std::string kA = "https://registry.example/a";
const std::string kB = "https://registry.example/b";

// With the patience of real life: a test that a busy machine holds up is no silent server.
SessionSettings quick() {
  SessionSettings settings;
  settings.random = [] { return 0.0; };
  settings.retry.first_backoff = 1ms;
  return settings;
}

SessionSettings impatient() {
  SessionSettings settings = quick();
  settings.retry.second_after = 20ms;
  settings.retry.stall = 60ms;
  settings.retry.patience = 170ms;
  return settings;
}

Credential secret(const char* url, std::string value) {
  Url parsed = must(Url::parse(url));
  return {parsed.origin, parsed.path, std::move(value), "", ""};
}

SessionRequest get(const std::string& url) {
  SessionRequest request;
  request.http.url = must(Url::parse(url));
  request.what = url;
  return request;
}

struct Scene {
  Loop loop;
  ScriptedHttp http{loop};
  HttpSession session;
  explicit Scene(SessionSettings settings = quick()) : session(loop, http, std::move(settings)) {}

  Result<SessionAnswer> ask(SessionRequest request) {
    std::optional<Result<SessionAnswer>> result;
    session.send(std::move(request), [&](Result<SessionAnswer> got) { result = std::move(got); });
    CHECK_FALSE(result);
    wait([&] { return result.has_value(); });
    return std::move(*result);
  }

  void wait(const std::function<bool()>& finished) {
    bool late = false;
    auto limit = loop.after(20s, [&] { late = true; });
    loop.run_until([&] { return finished() || late; });
    loop.cancel(limit);
    REQUIRE_FALSE(late);
  }

  std::string header_of(std::size_t request, std::string_view name) {
    const std::string* value = find_header(http.asked.at(request).headers, name);
    return value == nullptr ? "" : *value;
  }
};

ScriptedReply ok(std::string body) {
  ScriptedReply reply;
  reply.body = std::move(body);
  return reply;
}

ScriptedReply status(int code, Headers headers = {}) {
  ScriptedReply reply;
  reply.status = code;
  reply.headers = std::move(headers);
  return reply;
}

ScriptedReply redirect(std::string to) { return status(302, {{"location", std::move(to)}}); }

ScriptedReply fails(FailureKind kind) {
  ScriptedReply reply;
  reply.fails = kind;
  return reply;
}

ScriptedReply silent(std::string first = "") {
  ScriptedReply reply;
  reply.body = std::move(first);
  reply.silent = true;
  return reply;
}

ScriptedReply trickle() {
  ScriptedReply reply;
  reply.body = "x";
  reply.trickle = true;
  return reply;
}

}  // namespace

TEST_CASE("transient faults are tried again, up to the limit") {
  Scene scene;
  SUBCASE("and the good answer counts") {
    scene.http.answer(kA, status(500)).answer(kA, fails(FailureKind::connection));
    scene.http.answer(kA, status(503)).answer(kA, ok("fine"));
    CHECK(must(scene.ask(get(kA))).response.body == "fine");
    CHECK(scene.http.asked.size() == 4);
    CHECK(scene.session.statistics().retries == 3);
  }
  SUBCASE("a status that stays is the answer") {
    scene.http.answer(kA, status(500));
    CHECK(must(scene.ask(get(kA))).response.status == 500);
    CHECK(scene.http.asked.size() == 4);
  }
  SUBCASE("a fault that stays is an error that says how often") {
    scene.http.answer(kA, fails(FailureKind::connection));
    auto result = scene.ask(get(kA));
    REQUIRE_FALSE(result);
    CHECK(result.error().text().find("tried 4 times") != std::string::npos);
  }
  SUBCASE("final answers are not asked for twice") {
    scene.http.answer(kA, status(404));
    CHECK(must(scene.ask(get(kA))).response.status == 404);
    CHECK(scene.http.asked.size() == 1);
  }
}

TEST_CASE("T-NET-12 PUT and POST are not repeated blindly") {
  struct Row {
    ScriptedReply first;
    std::size_t asked;
  };
  for (const Row& row :
       {Row{status(500), 1}, Row{status(429), 2}, Row{fails(FailureKind::connection), 1},
        Row{fails(FailureKind::unreachable), 2}}) {
    Scene scene;
    scene.http.answer(kA, row.first).answer(kA, ok("stored"));
    SessionRequest put = get(kA);
    put.http.method = "PUT";
    (void)scene.ask(put);
    CHECK(scene.http.asked.size() == row.asked);
  }
}

TEST_CASE("T-NET-12 Retry-After is waited for") {
  Scene scene;
  scene.http.answer(kA, status(429, {{"retry-after", "1"}})).answer(kA, ok("fine"));
  auto start = scene.loop.now();
  CHECK(must(scene.ask(get(kA))).response.body == "fine");
  CHECK(scene.loop.now() - start >= 990ms);
}

TEST_CASE("T-NET-11 an answer that is not what was asked for is tried again on a new connection") {
  Scene scene;
  SessionRequest request = get(kA);
  request.check = [](const HttpResponse& response) -> Result<void> {
    if (response.body.rfind("<html", 0) == 0) {
      return failure(ErrorCode::registry_answer, "a web page instead of metadata");
    }
    return {};
  };
  SUBCASE("and taken when it is right") {
    scene.http.answer(kA, ok("<html>log in</html>")).answer(kA, ok("{}"));
    CHECK(must(scene.ask(request)).response.body == "{}");
    CHECK_FALSE(scene.http.asked[0].fresh_connection);
    CHECK(scene.http.asked[1].fresh_connection);
  }
  SUBCASE("and its error told when it stays wrong") {
    scene.http.answer(kA, ok("<html>log in</html>"));
    auto result = scene.ask(request);
    REQUIRE_FALSE(result);
    CHECK(result.error().what() == "a web page instead of metadata");
    CHECK(scene.http.asked.size() == 4);
  }
}

TEST_CASE("T-NET-01 credentials are looked up anew for each hop of a redirect") {
  SessionSettings settings = quick();
  settings.credentials = {secret("https://registry.example/", "Bearer one"),
                          secret("https://files.example/", "Bearer two")};
  Scene scene(settings);
  scene.http.answer(kA, redirect("https://files.example/x"));
  scene.http.answer("https://files.example/x", redirect("https://cdn.example/x"));
  scene.http.answer("https://cdn.example/x", redirect("https://registry.example:8443/y"));
  scene.http.answer("https://registry.example:8443/y", redirect("/z"));
  scene.http.answer("https://registry.example:8443/z", ok("done"));
  SessionRequest request = get(kA);
  request.http.headers = {{"accept", "x"}, {"npm-otp", "123456"}};
  SessionAnswer answer = must(scene.ask(request));
  CHECK(answer.response.body == "done");
  CHECK(answer.response.url.text() == "https://registry.example:8443/z");
  const char* expected[] = {"Bearer one", "Bearer two", "", "", ""};
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    CHECK(scene.header_of(i, "authorization") == expected[i]);
    CHECK(scene.header_of(i, "npm-otp") == (i == 0 ? "123456" : ""));
    CHECK(scene.header_of(i, "accept") == "x");
  }
}

TEST_CASE("T-NET-02 an asker's own authorization and an address's login stay with their origin") {
  Scene scene;
  scene.http.answer("https://registry.example/a", redirect("https://other.example/b"));
  scene.http.answer("https://other.example/b", ok("done"));
  SUBCASE("header") {
    SessionRequest request = get(kA);
    request.http.headers = {{"authorization", "Basic own"}};
    must(scene.ask(request));
    CHECK(scene.header_of(0, "authorization") == "Basic own");
  }
  SUBCASE("userinfo") {
    must(scene.ask(get("https://u:p@registry.example/a")));
    CHECK(scene.header_of(0, "authorization") == "Basic dTpw");
    CHECK(scene.http.asked[0].url.userinfo.empty());
  }
  CHECK(scene.header_of(1, "authorization").empty());
}

TEST_CASE("T-NET-05 T-NET-09 redirects: ten hops, http and https only, never from https to http") {
  struct Row {
    const char* to;
    const char* says;
  };
  for (const Row& row : {Row{"https://registry.example/a", "circle"},
                         Row{"http://registry.example/a", "from https to http"},
                         Row{"file:///etc/passwd", "refuses"}, Row{"scp://host/x", "refuses"}}) {
    Scene scene;
    scene.http.answer(kA, redirect(row.to));
    auto result = scene.ask(get(kA));
    REQUIRE_FALSE(result);
    CAPTURE(result.error().text());
    CHECK(result.error().what().find(row.says) != std::string::npos);
    CHECK(result.error().where() == kA);
  }
  Scene scene;
  scene.http.answer(kA, status(302));
  CHECK_FALSE(scene.ask(get(kA)));
}

TEST_CASE("after a fault behind a redirect the first address is asked again") {
  Scene scene;
  scene.http.answer(kA, redirect(kB));
  scene.http.answer(kB, status(500)).answer(kB, ok("fine"));
  CHECK(must(scene.ask(get(kA))).response.body == "fine");
  CHECK(scene.http.asked_for(kA) == 2);
}

TEST_CASE("T-NET-10 a silent request gets a second connection, and the first answer counts") {
  SessionSettings settings = quick();
  settings.retry.second_after = 20ms;
  Scene scene(settings);
  SUBCASE("silent from the start") { scene.http.answer(kA, silent()).answer(kA, ok("fine")); }
  SUBCASE("silent in the middle") { scene.http.answer(kA, silent("part")).answer(kA, ok("fine")); }
  CHECK(must(scene.ask(get(kA))).response.body == "fine");
  CHECK(scene.http.asked.size() == 2);
  CHECK(scene.http.asked[1].fresh_connection);
  CHECK(scene.http.cancelled == 1);
  CHECK(scene.session.statistics().retries == 0);
}

TEST_CASE("T-NET-10 a trickle counts as silence") {
  SessionSettings settings = quick();
  settings.retry.second_after = 90ms;
  Scene scene(settings);
  scene.http.answer(kA, trickle()).answer(kA, ok("fine"));
  CHECK(must(scene.ask(get(kA))).response.body == "fine");
  CHECK(scene.http.asked.size() == 2);
}

TEST_CASE("T-NET-10 silence that stays is given up within the limit") {
  Scene scene(impatient());
  scene.http.answer(kA, silent());
  auto start = scene.loop.now();
  auto result = scene.ask(get(kA));
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == ErrorCode::network_timeout);
  CHECK(result.error().text().find("went silent") != std::string::npos);
  CHECK(scene.loop.now() - start < 10s);  // 0.2 s on an idle machine; 90 s at the real numbers
  CHECK(scene.http.running == 0);
}

TEST_CASE("a failing second connection does not end the first") {
  SessionSettings settings = impatient();
  settings.retry.patience = quick().retry.patience;
  Scene scene(settings);
  scene.http.answer(kA, silent()).answer(kA, fails(FailureKind::connection));
  scene.http.answer(kA, ok("fine"));
  CHECK(must(scene.ask(get(kA))).response.body == "fine");
}

TEST_CASE("T-NET-15 a name that cannot be looked up ends the second connection, too") {
  SessionSettings settings = quick();
  settings.retry.second_after = 20ms;
  Scene scene(settings);
  ScriptedReply late = fails(FailureKind::name_lookup);
  late.after = 200ms;
  scene.http.answer(kA, late).answer(kA, silent()).answer(kA, fails(FailureKind::name_lookup));
  CHECK_FALSE(scene.ask(get(kA)));
  CHECK(scene.http.asked.size() == 5);  // and three repetitions
  CHECK(scene.http.cancelled == 1);
}

TEST_CASE("never more than the allowed connections, largest priority first") {
  SessionSettings settings = quick();
  settings.max_connections = 3;
  Scene scene(settings);
  int answers = 0;
  for (int i = 0; i < 12; ++i) {
    std::string url = "https://registry.example/" + std::to_string(i);
    scene.http.answer(url, ok("x"));
    SessionRequest request = get(url);
    request.http.priority = i;
    scene.session.send(request, [&](Result<SessionAnswer>) { ++answers; });
  }
  scene.wait([&] { return answers == 12; });
  CHECK(scene.http.most_running == 3);
  CHECK(scene.http.asked[3].url.path == "/11");
  CHECK(scene.session.statistics().requests == 12);
}

TEST_CASE("nothing new starts while too many bytes are not let go of") {
  SessionSettings settings = quick();
  settings.bytes_in_flight = 100;
  Scene scene(settings);
  std::vector<SessionAnswer> kept;
  for (const std::string& url : {kA, kB}) scene.http.answer(url, ok(std::string(150, 'x')));
  scene.session.send(get(kA),
                     [&](Result<SessionAnswer> got) { kept.push_back(must(std::move(got))); });
  scene.wait([&] { return kept.size() == 1; });
  bool second = false;
  scene.session.send(get(kB), [&](Result<SessionAnswer>) { second = true; });
  scene.loop.run_until([] { return false; });
  CHECK(scene.http.asked.size() == 1);
  kept.clear();
  scene.wait([&] { return second; });
  CHECK(scene.http.asked.size() == 2);
}

TEST_CASE("what is expected counts until it is known better") {
  SessionSettings settings = quick();
  settings.bytes_in_flight = 100;
  Scene scene(settings);
  for (const std::string& url : {kA, kB}) scene.http.answer(url, ok("small"));
  int answers = 0;
  for (const std::string& url : {kA, kB}) {
    SessionRequest request = get(url);
    request.expected_bytes = 150;
    scene.session.send(request, [&](Result<SessionAnswer>) { ++answers; });
  }
  CHECK(scene.http.asked.size() == 1);
  scene.wait([&] { return answers == 2; });
  CHECK(scene.http.most_running == 1);
}

TEST_CASE("T-NET-12 an origin that says 429 gets fewer connections") {
  SessionSettings settings = quick();
  settings.max_connections = 8;
  Scene scene(settings);
  int answers = 0;
  for (int i = 0; i < 32; ++i) {
    std::string url = "https://registry.example/" + std::to_string(i);
    if (i < 8) scene.http.answer(url, status(429));
    scene.http.answer(url, ok("x"));
    scene.session.send(get(url), [&](Result<SessionAnswer> got) {
      CHECK(must(std::move(got)).response.status == 200);
      ++answers;
    });
  }
  scene.wait([&] { return scene.http.asked.size() > 8; });
  CHECK(scene.http.running <= 4);
  scene.wait([&] { return answers == 32; });
}

TEST_CASE("a dead origin ends all that wait for it at once, others go on") {
  SessionSettings settings = quick();
  ScriptedReply dead = status(503);
  SUBCASE("it cannot be reached") { dead = fails(FailureKind::name_lookup); }
  SUBCASE("it cuts its answers off") { dead = fails(FailureKind::connection); }
  SUBCASE("it is silent") {
    dead = silent();
    settings = impatient();
  }
  SUBCASE("it answers 503 to everything") {}
  settings.max_connections = 2;
  Scene scene(settings);
  int failures = 0;
  bool other = false;
  scene.http.answer("https://other.example/a", ok("alive")).answer(kA, dead);
  for (int i = 0; i < 100; ++i) {
    std::string url = "https://registry.example/" + std::to_string(i);
    scene.http.answer(url, dead);
    scene.session.send(get(url), [&](Result<SessionAnswer> got) {
      CHECK((!got || got->response.status == 503));
      ++failures;
    });
  }
  scene.session.send(get("https://other.example/a"), [&](auto got) { other = got.has_value(); });
  scene.wait([&] { return failures == 100 && other; });
  CHECK(scene.http.asked.size() < 20);
  CHECK_FALSE(scene.ask(get(kA)));  // for a while
  CHECK(scene.http.asked_for(kA) == 0);
}

TEST_CASE("a request that fails while others are answered ends alone") {
  SessionSettings settings = quick();
  settings.max_connections = 1;
  Scene scene(settings);
  scene.http.answer(kA, fails(FailureKind::connection));
  int answers = 0;
  bool failed = false;
  for (int i = 0; i < 50; ++i) {
    std::string url = "https://registry.example/" + std::to_string(i);
    scene.http.answer(url, ok("x"));
    scene.session.send(get(url), [&](Result<SessionAnswer> got) {
      CHECK(got);
      ++answers;
    });
    if (i == 5) scene.session.send(get(kA), [&](auto got) { failed = !got.has_value(); });
  }
  scene.wait([&] { return answers == 50 && failed; });
}

TEST_CASE("a cancelled request is never answered; the session may end with requests open") {
  Scene scene;
  scene.http.answer(kA, silent()).answer(kB, ok("b"));
  auto id = scene.session.send(get(kA), [](Result<SessionAnswer>) { FAIL("answered"); });
  CHECK(scene.session.slowest() == kA);
  scene.session.cancel(id);
  scene.session.cancel(id);
  CHECK(scene.session.slowest().empty());
  CHECK(must(scene.ask(get(kB))).response.body == "b");
  scene.session.send(get(kA), [](Result<SessionAnswer>) { FAIL("answered"); });
}

TEST_CASE("a certificate that is not believed is no matter of trying again") {
  Scene scene;
  scene.http.answer(kA, fails(FailureKind::tls));
  CHECK_FALSE(scene.ask(get(kA)));
  CHECK(scene.http.asked.size() == 1);
}
