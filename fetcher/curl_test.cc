#include "fetcher/curl.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include "core/base/file.h"
#include "tests/support/fixture_server.h"
#include "tests/support/test_certificate.h"

using namespace hod;
using namespace hod::fetcher;
using namespace std::chrono_literals;
using tests::FixtureReply;
using tests::FixtureRequest;
using tests::FixtureServer;

namespace {

CurlSettings settings() {
  CurlSettings made;
  made.user_agent = "hod/test";
  return made;
}

struct Client {
  Loop loop;
  CurlClient curl;
  explicit Client(CurlSettings with = settings()) : curl(loop, std::move(with)) {}

  HttpOutcome send(HttpRequest request) {
    std::optional<HttpOutcome> outcome;
    curl.send(std::move(request), [&](HttpOutcome got) { outcome = std::move(got); });
    CHECK_FALSE(outcome);  // never from inside send()
    bool late = false;
    auto limit = loop.after(20s, [&] { late = true; });
    loop.run_until([&] { return outcome.has_value() || late; });
    loop.cancel(limit);
    REQUIRE(outcome);
    return std::move(*outcome);
  }
};

HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.url = must(Url::parse(url));
  return request;
}

HttpResponse answered(HttpOutcome outcome) {
  if (auto* failed = std::get_if<HttpFailure>(&outcome)) FAIL(failed->error.text());
  return std::move(std::get<HttpResponse>(outcome));
}

HttpFailure failed(HttpOutcome outcome) {
  REQUIRE(std::holds_alternative<HttpFailure>(outcome));
  return std::move(std::get<HttpFailure>(outcome));
}

bool says(const HttpFailure& failure, std::string_view text) {
  CAPTURE(failure.error.text());
  bool found = failure.error.text().find(text) != std::string::npos;
  CHECK(found);
  return found;
}

FixtureReply body(std::string text) {
  FixtureReply reply;
  reply.body = std::move(text);
  return reply;
}

}  // namespace

TEST_CASE("a request carries its headers, the answer its status, headers and body") {
  FixtureServer server([](const FixtureRequest&) {
    FixtureReply reply = body("{}");
    reply.headers = {{"ETag", "\"7\""}, {"X-Two", "b"}};
    return reply;
  });
  Client client;
  HttpRequest request = get(server.base() + "@a%2fb?write=true");
  request.headers = {{"accept", "application/json"}, {"authorization", "Bearer t"}};
  std::string pieces;
  request.on_bytes = [&](std::string_view bytes) { pieces += bytes; };
  HttpResponse response = answered(client.send(request));
  CHECK(response.status == 200);
  CHECK(response.body == "{}");
  CHECK(pieces == "{}");
  CHECK(response.http_version == 1);
  CHECK(response.url.text() == request.url.text());
  CHECK(*find_header(response.headers, "etag") == "\"7\"");
  auto seen = server.requests();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].target == "/@a%2fb?write=true");
  CHECK(seen[0].headers["accept"] == "application/json");
  CHECK(seen[0].headers["authorization"] == "Bearer t");
  CHECK(seen[0].headers["user-agent"] == "hod/test");
  CHECK(seen[0].headers.count("accept-encoding") == 0);
}

TEST_CASE("connections are kept and used again, unless a fresh one is asked for") {
  FixtureServer server([](const FixtureRequest&) { return body("x"); });
  Client client;
  for (int i = 0; i < 5; ++i) answered(client.send(get(server.base())));
  CHECK(server.connections() == 1);
  HttpRequest fresh = get(server.base());
  fresh.fresh_connection = true;
  answered(client.send(fresh));
  CHECK(server.connections() == 2);
}

TEST_CASE("while the first answer is long in coming, connections for the next are opened") {
  FixtureServer server([](const FixtureRequest& request) {
    FixtureReply reply = body("x");
    reply.silent = request.target == "/first";
    return reply;
  });
  CurlSettings with = settings();
  with.spare_connections = 4;
  Client client(with);
  auto first = client.curl.send(get(server.base() + "first"), [](HttpOutcome) {});
  auto tick = client.loop.every(1ms, [] {});
  bool late = false;
  auto limit = client.loop.after(20s, [&] { late = true; });
  client.loop.run_until([&] { return server.connections() == 4 || late; });
  CHECK(server.connections() == 4);
  client.curl.cancel(first);
  HttpRequest fresh = get(server.base());
  fresh.fresh_connection = true;  // trusts no spare one either
  answered(client.send(fresh));
  CHECK(server.connections() == 5);
  int answers = 0;
  for (int i = 0; i < 4; ++i) client.curl.send(get(server.base()), [&](HttpOutcome) { ++answers; });
  client.loop.run_until([&] { return answers == 4 || late; });
  CHECK(answers == 4);
  CHECK(server.connections() == 5);
  client.loop.cancel(limit);
  client.loop.cancel(tick);
}

TEST_CASE("a header of one request is not sent with the next on the same handle") {
  FixtureServer server([](const FixtureRequest&) { return body("x"); });
  Client client;
  HttpRequest secret = get(server.base() + "1");
  secret.headers = {{"authorization", "Bearer secret"}};
  answered(client.send(secret));
  answered(client.send(get(server.base() + "2")));
  CHECK(server.requests()[1].headers.count("authorization") == 0);
}

TEST_CASE("T-NET-08 a header with a line break in it is not sent") {
  FixtureServer server([](const FixtureRequest&) { return body("{}"); });
  Client client;
  for (const Headers& headers :
       {Headers{{"if-none-match", "\"a\"\r\nx-evil: 1"}}, Headers{{"a\nx-evil", "1"}},
        Headers{{"authorization", std::string("Bearer t\0x", 10)}}}) {
    HttpRequest request = get(server.base());
    request.headers = headers;
    CHECK(says(failed(client.send(request)), "line break"));
  }
  CHECK(server.requests().empty());
  CHECK(answered(client.send(get(server.base()))).status == 200);
}

TEST_CASE("many requests run at once and each gets its own answer") {
  FixtureServer server([](const FixtureRequest& request) { return body(request.target); });
  Client client;
  std::map<std::string, std::string> answers;
  for (int i = 0; i < 100; ++i) {
    std::string name = std::to_string(i);
    client.curl.send(get(server.base() + name), [&, name](HttpOutcome outcome) {
      answers[name] = answered(std::move(outcome)).body;
    });
  }
  client.loop.run_until([&] { return answers.size() == 100; });
  for (const auto& [name, answer] : answers) CHECK(answer == "/" + name);
}

TEST_CASE("bodies are sent with PUT and POST; HEAD has no body") {
  FixtureServer server([](const FixtureRequest&) { return body("done"); });
  Client client;
  HttpRequest put = get(server.base() + "p");
  put.method = "PUT";
  put.body = R"({"a":1})";
  put.headers = {{"content-type", "application/json"}};
  CHECK(answered(client.send(put)).body == "done");
  HttpRequest head = get(server.base() + "h");
  head.method = "HEAD";
  CHECK(answered(client.send(head)).body.empty());
  auto seen = server.requests();
  CHECK(seen[0].method == "PUT");
  CHECK(seen[0].body == R"({"a":1})");
  CHECK(seen[0].headers["content-type"] == "application/json");
  CHECK(seen[1].method == "HEAD");
  CHECK(answered(client.send(get(server.base() + "g"))).body == "done");
  CHECK(server.requests()[2].method == "GET");
}

TEST_CASE("T-NET-01 T-NET-09 redirects are handed up, not followed") {
  FixtureServer server([](const FixtureRequest&) {
    FixtureReply reply;
    reply.status = 302;
    reply.headers = {{"Location", "file:///etc/passwd"}};
    return reply;
  });
  Client client;
  HttpResponse response = answered(client.send(get(server.base())));
  CHECK(response.status == 302);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("compressed answers are asked for where wanted, and handed up as they came") {
  FixtureServer server([](const FixtureRequest&) {
    FixtureReply reply = body("\x1f\x8b...");
    reply.headers = {{"Content-Encoding", "gzip"}};
    return reply;
  });
  Client client;
  HttpRequest request = get(server.base());
  request.accept_compressed = true;
  CHECK(answered(client.send(request)).body == "\x1f\x8b...");
  CHECK(answered(client.send(get(server.base()))).body == "\x1f\x8b...");
  auto seen = server.requests();
  CHECK(seen[0].headers["accept-encoding"] == "gzip");
  CHECK(seen[1].headers.count("accept-encoding") == 0);
}

TEST_CASE("T-NET-13 endless headers and bodies end at their limits") {
  FixtureServer server([](const FixtureRequest& request) {
    FixtureReply reply = body(std::string(5000, 'x'));
    if (request.target == "/headers") {
      for (int i = 0; i < 300; ++i) reply.headers.emplace_back("X-Pad", std::string(1000, 'a'));
    }
    return reply;
  });
  Client client;
  HttpFailure headers = failed(client.send(get(server.base() + "headers")));
  CHECK(headers.kind == FailureKind::too_large);
  HttpRequest small = get(server.base() + "body");
  small.max_body = 4999;
  CHECK(failed(client.send(small)).kind == FailureKind::too_large);
  small.max_body = 5000;
  CHECK(answered(client.send(small)).body.size() == 5000);
}

TEST_CASE("T-NET-11 a body that ends too early is an error, chunked or not") {
  FixtureServer server([](const FixtureRequest& request) {
    FixtureReply reply = body(std::string(100000, 'x'));
    reply.chunked = request.target == "/chunked";
    (request.target == "/reset" ? reply.reset_at : reply.cut_at) = 50000;
    if (request.target == "/nothing") reply.close_before = true;
    return reply;
  });
  Client client;
  for (const char* target : {"cut", "chunked", "reset", "nothing"}) {
    CAPTURE(target);
    HttpFailure failure = failed(client.send(get(server.base() + target)));
    CHECK(failure.kind == FailureKind::connection);
    CHECK(failure.error.code() == ErrorCode::network_failed);
    says(failure, "was lost before the answer was complete");
  }
}

TEST_CASE("an answer that is no HTTP is an error") {
  FixtureServer server([](const FixtureRequest&) {
    FixtureReply reply;
    reply.raw = "SSH-2.0-OpenSSH_9.2\r\n";
    return reply;
  });
  Client client;
  HttpFailure failure = failed(client.send(get(server.base())));
  CHECK(failure.kind == FailureKind::connection);
}

TEST_CASE("T-NET-15 refused connections and unknown names are told apart") {
  CurlSettings with = settings();
  with.connect_timeout = 3s;  // for resolvers that know no network: silence is a fault of DNS too
  Client client(with);
  std::string dead = "http://127.0.0.1:" + std::to_string(tests::unused_port()) + "/";
  HttpFailure refused = failed(client.send(get(dead)));
  CHECK(refused.kind == FailureKind::unreachable);
  says(refused, "refuses the connection");
  HttpFailure unknown = failed(client.send(get("http://registry.invalid/")));
  CHECK(unknown.kind == FailureKind::name_lookup);
  says(unknown, "DNS");
}

TEST_CASE("T-NET-15 a proxy that wants a login is named, its password is not") {
  FixtureServer proxy([](const FixtureRequest&) {
    FixtureReply reply;
    reply.status = 407;
    return reply;
  });
  CurlSettings with = settings();
  with.https_proxy = "http://user:hunter2@127.0.0.1:" + std::to_string(proxy.port());
  Client client(with);
  HttpFailure failure = failed(client.send(get("https://registry.example/a")));
  CHECK(failure.kind == FailureKind::proxy);
  says(failure, "407");
  CHECK(failure.error.text().find("hunter2") == std::string::npos);
}

TEST_CASE("a proxy is used for the hosts that need it, and never that of the environment") {
  FixtureServer proxy([](const FixtureRequest& request) { return body("via " + request.target); });
  FixtureServer direct([](const FixtureRequest&) { return body("direct"); });
  ::setenv("http_proxy", proxy.base().c_str(), 1);
  CHECK(answered(Client().send(get(direct.base()))).body == "direct");
  ::unsetenv("http_proxy");
  CurlSettings with = settings();
  with.proxy = proxy.base();
  CHECK(answered(Client(with).send(get("http://registry.example/a"))).body ==
        "via http://registry.example/a");
  with.no_proxy = "127.0.0.1";
  CHECK(answered(Client(with).send(get(direct.base()))).body == "direct");
}

TEST_CASE("a cancelled request is never answered, the others are") {
  FixtureServer server([](const FixtureRequest& request) {
    FixtureReply reply = body("12345678");
    if (request.target == "/stuck") reply.stall_at = 4;
    return reply;
  });
  Client client;
  SUBCASE("before it began") {
    auto id = client.curl.send(get(server.base() + "stuck"), [](HttpOutcome) { FAIL("answered"); });
    client.curl.cancel(id);
    CHECK(answered(client.send(get(server.base() + "b"))).body == "12345678");
    CHECK(server.requests().size() == 1);
  }
  SUBCASE("from inside its own body callback") {
    HttpClient::RequestId id = 0;
    HttpRequest stuck = get(server.base() + "stuck");
    bool cut = false;
    stuck.on_bytes = [&](std::string_view) {
      client.curl.cancel(id);
      cut = true;
    };
    id = client.curl.send(stuck, [](HttpOutcome) { FAIL("answered"); });
    client.loop.run_until([&] { return cut; });
    CHECK(answered(client.send(get(server.base() + "b"))).body == "12345678");
  }
  SUBCASE("by the end of the client") {
    client.curl.send(get(server.base() + "stuck"), [](HttpOutcome) { FAIL("answered"); });
    CHECK(answered(client.send(get(server.base() + "b"))).body == "12345678");
  }
}

TEST_CASE("a body above the memory limit lies in a file") {
  std::string folder = (std::filesystem::temp_directory_path() / "curl-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  std::string large(3 << 20, 'x');
  FixtureServer server([&](const FixtureRequest&) { return body(large); });
  {
    Client client;
    HttpRequest request = get(server.base());
    request.spill_above = 1 << 20;
    request.spill_folder = folder;
    HttpResponse response = answered(client.send(request));
    REQUIRE(response.file != nullptr);
    CHECK(must(read_file(response.file->path())) == large);
  }
  std::filesystem::remove(folder);
}

TEST_CASE("T-NET-05 certificates: believed only when named, in time, and for this host") {
  auto handler = [](const FixtureRequest&) { return body("secret"); };
  struct Row {
    const char* host;
    long from, until;
    bool known;
    const char* says;
  };
  const Row rows[] = {
      {"127.0.0.1", -3600, 3600, true, ""},
      {"127.0.0.1", -3600, 3600, false, "self-signed"},
      {"127.0.0.1", -7200, -3600, true, "has expired"},
      {"127.0.0.1", 3600, 7200, true, "not valid yet"},
      {"other.example", -3600, 3600, true, "another host"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.says);
    auto made = tests::make_certificate(row.host, row.from, row.until);
    FixtureServer server(handler, {made.certificate, made.key});
    CurlSettings with = settings();
    if (row.known) with.ca_certificates = {made.certificate};
    HttpOutcome outcome = Client(with).send(get(server.base()));
    if (*row.says == '\0') {
      CHECK(answered(std::move(outcome)).body == "secret");
    } else {
      HttpFailure failure = failed(std::move(outcome));
      CHECK(failure.kind == FailureKind::tls);
      CHECK(failure.error.code() == ErrorCode::network_tls);
      says(failure, row.says);
    }
  }
}

TEST_CASE("T-NET-05 strict-ssl=false believes any certificate, a bad cafile is named") {
  auto made = tests::make_certificate("other.example");
  FixtureServer server([](const FixtureRequest&) { return body("ok"); },
                       {made.certificate, made.key});
  CurlSettings lax = settings();
  lax.strict_ssl = false;
  CHECK(answered(Client(lax).send(get(server.base()))).body == "ok");
  CurlSettings broken = settings();
  broken.ca_files = {"/nonexistent/ca.pem"};
  HttpFailure failure = failed(Client(broken).send(get(server.base())));
  CHECK(failure.kind == FailureKind::local);
  says(failure, "/nonexistent/ca.pem");
}

TEST_CASE("a silent connection attempt ends in time") {
  tests::DeafPort deaf;
  CurlSettings with = settings();
  with.connect_timeout = 50ms;
  HttpFailure failure =
      failed(Client(with).send(get("http://127.0.0.1:" + std::to_string(deaf.port()) + "/")));
  CHECK(failure.kind == FailureKind::timeout);
  says(failure, "no connection to");
}

TEST_CASE("libcurl tells its version") {
  CHECK(must(CurlClient::version()).find("libcurl/") != std::string::npos);
}
