#include "fetcher/transfer.h"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::fetcher;

namespace {
HttpRequest request() {
  HttpRequest made;
  made.url = must(Url::parse("https://registry.example/a"));
  return made;
}
}  // namespace

TEST_CASE("header names are lower case, values trimmed, interim answers forgotten") {
  Transfer transfer(request());
  for (const char* line : {"HTTP/1.1 103 Early Hints\r\n", "Link: </a>\r\n", "\r\n",
                           "HTTP/1.1 200 OK\r\n", "ETag:  \"x\" \r\n", "X-Empty:\r\n", "\r\n"}) {
    CHECK(transfer.take_header(line));
  }
  HttpResponse response = transfer.take_response(1);
  CHECK(response.status == 200);
  CHECK(response.headers == Headers{{"etag", "\"x\""}, {"x-empty", ""}});
}

TEST_CASE("T-NET-13 headers end at 256 KiB") {
  Transfer transfer(request());
  CHECK(transfer.take_header("HTTP/1.1 200 OK\r\n"));
  std::string line = "X: " + std::string(1019, 'a') + "\r\n";
  int taken = 0;
  while (transfer.take_header(line)) ++taken;
  CHECK(taken == 255);
  CHECK(transfer.own_fault() == TransferFault::header_too_large);
}

TEST_CASE("T-NET-13 a body ends at its limit, one byte more is refused") {
  HttpRequest limited = request();
  limited.max_body = 10;
  Transfer transfer(limited);
  CHECK(transfer.take_body("12345"));
  CHECK(transfer.take_body("67890"));
  CHECK_FALSE(transfer.take_body("x"));
  CHECK(transfer.own_fault() == TransferFault::body_too_large);
}

TEST_CASE("T-NET-17 of a refusal some words are kept, and it has an end") {
  Transfer transfer(request());
  CHECK(transfer.take_header("HTTP/1.1 404 Not Found\r\n"));
  const std::string piece(100'000, 'x');
  int taken = 0;
  while (taken < 1000 && transfer.take_body(piece)) ++taken;
  CHECK(taken == 167);
  CHECK(transfer.own_fault() == TransferFault::body_too_large);
  CHECK(transfer.take_response(1).body.size() == 64 << 10);
}

TEST_CASE("a body above the memory limit goes to a file, in order; errors' bodies do not") {
  std::string folder = (std::filesystem::temp_directory_path() / "spill-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  HttpRequest spilling = request();
  spilling.spill_above = 4;
  spilling.spill_folder = folder;
  std::string seen;
  spilling.on_bytes = [&](std::string_view bytes) { seen += bytes; };
  {
    Transfer transfer(spilling);
    CHECK(transfer.take_header("HTTP/1.1 200 OK\r\n"));
    for (const char* piece : {"abc", "def", "ghi"}) CHECK(transfer.take_body(piece));
    HttpResponse response = transfer.take_response(1);
    REQUIRE(response.file != nullptr);
    CHECK(must(read_file(response.file->path())) == "abcdefghi");
    CHECK(response.body.empty());
    CHECK(seen == "abcdefghi");
  }
  {
    Transfer transfer(spilling);
    CHECK(transfer.take_header("HTTP/1.1 404 Not Found\r\n"));
    CHECK(transfer.take_body("no such thing"));
    CHECK(transfer.take_response(1).body == "no such thing");
  }
  std::filesystem::remove(folder);
}

TEST_CASE("a full disk is an error of its own") {
  HttpRequest spilling = request();
  spilling.spill_above = 1;
  spilling.spill_folder = "/dev/null/folder";
  Transfer transfer(spilling);
  CHECK(transfer.take_header("HTTP/1.1 200 OK\r\n"));
  CHECK_FALSE(transfer.take_body("abc"));
  auto error = transfer.take_error();
  REQUIRE(error);
  CHECK(error->text().find("/dev/null/folder") != std::string::npos);
}
