#include "fetcher/registry.h"

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "fetcher/curl.h"
#include "fetcher/registry_scene_test.h"
#include "tests/support/fixture_server.h"

using namespace hod;
using namespace hod::fetcher;
using tests::FixtureReply;
using tests::FixtureRequest;
using tests::FixtureServer;

namespace {

constexpr int kPackages = 60;

std::string package_name(int i) { return "p" + std::to_string(i); }

// A small registry of packages p0, p1 …, each 1.0.0, with a hook for misbehaviour.
class FaultyRegistry {
 public:
  using Fault = std::function<void(const FixtureRequest&, FixtureReply&)>;
  explicit FaultyRegistry(Fault fault)
      : fault_(std::move(fault)), server_([this](const FixtureRequest& asked) {
          FixtureReply reply = honest(asked);
          if (fault_) fault_(asked, reply);
          return reply;
        }) {}
  std::string base() const { return server_.base(); }
  std::size_t asked() const { return server_.requests().size(); }

  static std::string bytes(int i) {
    return archive(package_name(i), "1.0.0", std::string(2000, static_cast<char>('a' + i % 26)));
  }

 private:
  FixtureReply honest(const FixtureRequest& asked) const {
    FixtureReply reply;
    std::string name = asked.target.substr(1, asked.target.find('/', 1) - 1);
    int number = std::atoi(name.c_str() + 1);
    bool tarball = asked.target.ends_with(".tgz");
    reply.body = tarball ? bytes(number) : packument(name, "1.0.0");
    return reply;
  }

  Fault fault_;
  FixtureServer server_;
};

// One run of the program against it, with real HTTP.
struct Run {
  TestCaches caches;
  Loop loop;
  CurlClient http{loop, CurlSettings()};
  cache::WorkerPool pool{2};
  Registry registry;
  std::map<std::string, std::string> failed;  // by package

  explicit Run(const std::string& base)
      : registry(loop, http, pool, caches.opener(), *caches.store, settings(base), kTestNow) {
    pool.set_wake([this] { loop.wake(); });
    loop.set_on_wake([this] { pool.drain(); }, [this] { return pool.pending() > 0; });
  }

  static NetworkSettings settings(const std::string& base) {
    NetworkSettings made = test_network();
    made.default_registry = base;
    return made;
  }

  // Metadata, then the archive, of every package. Milliseconds.
  long install() {
    int left = kPackages;
    auto start = loop.now();
    for (int i = 0; i < kPackages; ++i) {
      std::string name = package_name(i);
      registry.metadata(must(PackageName::parse(name)), Freshness::normal,
                        [this, i, name, &left](auto got) {
                          if (!got) {
                            failed[name] = got.error().text();
                            --left;
                            return;
                          }
                          registry.tarball(tarball_request(name, "1.0.0", FaultyRegistry::bytes(i)),
                                           [this, name, &left](auto stored) {
                                             if (!stored) failed[name] = stored.error().text();
                                             --left;
                                           });
                        });
    }
    loop.run_until([&] { return left == 0; });
    return static_cast<long>(
        std::chrono::duration_cast<std::chrono::milliseconds>(loop.now() - start).count());
  }
};

bool is_tarball(const FixtureRequest& asked) { return asked.target.ends_with(".tgz"); }

bool is_one_of(const FixtureRequest& asked, int n) {
  return std::atoi(asked.target.c_str() + 2) % n == 0;
}

}  // namespace

TEST_CASE("T-NET-11 T-NET-12 one run survives every transient fault with at most 3 s extra") {
  struct Row {
    const char* name;
    FaultyRegistry::Fault fault;
  };
  int count = 0;
  const Row rows[] = {
      {"none", nullptr},
      {"every 9th answer is 500",
       [&count](const FixtureRequest&, FixtureReply& reply) {
         if (++count % 9 == 0) reply.status = 500;
       }},
      {"first answers are 503",
       [](const FixtureRequest& asked, FixtureReply& reply) {
         if (is_one_of(asked, 3) && asked.nth == 1) reply.status = 503;
       }},
      {"first answers are 429 with Retry-After: 0",
       [](const FixtureRequest& asked, FixtureReply& reply) {
         if (!is_one_of(asked, 3) || asked.nth > 1) return;
         reply.status = 429;
         reply.headers = {{"Retry-After", "0"}};
       }},
      {"first bodies are cut",
       [](const FixtureRequest& asked, FixtureReply& reply) {
         if (is_one_of(asked, 2) && asked.nth == 1) reply.cut_at = reply.body.size() / 2;
       }},
      {"first connections are reset",
       [](const FixtureRequest& asked, FixtureReply& reply) {
         if (is_one_of(asked, 2) && asked.nth == 1) reply.reset_before = true;
       }},
      {"first connections are closed",
       [](const FixtureRequest& asked, FixtureReply& reply) {
         if (is_one_of(asked, 2) && asked.nth == 1) reply.close_before = true;
       }},
      {"first bytes are wrong",
       [](const FixtureRequest& asked, FixtureReply& reply) {
         if (is_one_of(asked, 2) && asked.nth == 1) reply.body[reply.body.size() / 2] ^= 0x55;
       }},
      {"first answers are web pages",
       [](const FixtureRequest& asked, FixtureReply& reply) {
         if (is_one_of(asked, 2) && asked.nth == 1) reply.body = "<html>captive portal</html>";
       }},
      {"first chunked answers have no end",
       [](const FixtureRequest& asked, FixtureReply& reply) {
         if (!is_one_of(asked, 2) || asked.nth > 1) return;
         reply.chunked = true;
         reply.cut_at = reply.body.size() / 2;
       }},
  };
  long calm = 0;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    FaultyRegistry server(row.fault);
    Run run(server.base());
    long took = run.install();
    for (const auto& [name, error] : run.failed) FAIL_CHECK(name << ": " << error);
    if (row.fault == nullptr) calm = took;
    CHECK(took < calm + 3000);
  }
}

TEST_CASE("faults that stay end soon, name the package, and let the others through") {
  struct Row {
    const char* name;
    FaultyRegistry::Fault fault;
    const char* says;
  };
  auto victim = [](const FixtureRequest& asked) {
    return is_tarball(asked) && asked.target.starts_with("/p5/");
  };
  const Row rows[] = {
      {"gone",
       [&](const FixtureRequest& asked, FixtureReply& reply) {
         if (victim(asked)) reply.status = 404;
       },
       "VERSION_NOT_FOUND"},
      {"other bytes",
       [&](const FixtureRequest& asked, FixtureReply& reply) {
         if (victim(asked)) reply.body = FaultyRegistry::bytes(6);
       },
       "INTEGRITY_MISMATCH"},
      {"short",
       [&](const FixtureRequest& asked, FixtureReply& reply) {
         if (victim(asked)) reply.body.resize(reply.body.size() / 2);
       },
       "INTEGRITY_MISMATCH"},
      {"redirects in a circle",
       [&](const FixtureRequest& asked, FixtureReply& reply) {
         if (!victim(asked)) return;
         reply.status = 302;
         reply.headers = {{"Location", asked.target}};
       },
       "circle"},
      {"500 for ever",
       [&](const FixtureRequest& asked, FixtureReply& reply) {
         if (victim(asked)) reply.status = 500;
       },
       "answers 500"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    FaultyRegistry server(row.fault);
    Run run(server.base());
    CHECK(run.install() < 5000);
    REQUIRE(run.failed.size() == 1);
    const auto& [name, error] = *run.failed.begin();
    CHECK(name == "p5");
    CHECK(error.find("p5@1.0.0") != std::string::npos);
    CHECK(error.find(row.says) != std::string::npos);
  }
}

TEST_CASE("statistics count what went over the network") {
  FaultyRegistry server(nullptr);
  Run run(server.base());
  run.install();
  const NetworkStatistics& statistics = run.registry.statistics();
  CHECK(statistics.requests == 2 * kPackages);
  CHECK(statistics.requests == server.asked());
  CHECK(statistics.retries == 0);
  CHECK(statistics.bytes_received > kPackages * 200);
  CHECK(run.registry.slowest().empty());
}
