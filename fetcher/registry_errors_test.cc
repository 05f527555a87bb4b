#include "fetcher/registry_errors.h"

#include <string>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::fetcher;

namespace {
HttpResponse answer(int status, std::string body = "") {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.url = must(Url::parse("https://registry.example/npm/left-pad"));
  return response;
}
}  // namespace

TEST_CASE("each refusal has its code, its place and a way out") {
  struct Row {
    int status;
    Refusal refusal;
    ErrorCode code;
    const char* says;
  };
  const Row rows[] = {
      {401, {"`left-pad`", false, false}, ErrorCode::unauthorized, "wants a login"},
      {401, {"`left-pad`", false, true}, ErrorCode::unauthorized, "does not accept the login"},
      {403, {"`left-pad`", false, true}, ErrorCode::forbidden, "forbids access to `left-pad`"},
      {404, {"`left-pad`", false, false}, ErrorCode::package_not_found, "if it is private"},
      {404, {"`left-pad`", false, false}, ErrorCode::package_not_found, "check the spelling"},
      {404,
       {"the archive of `left-pad@1.3.0`", true, false},
       ErrorCode::version_not_found,
       "does not have the archive of `left-pad@1.3.0`"},
      {407, {"`left-pad`", false, false}, ErrorCode::network_failed, "proxy"},
      {429, {"`left-pad`", false, false}, ErrorCode::registry_answer, "too many"},
      {500, {"`left-pad`", false, false}, ErrorCode::registry_answer, "answers 500"},
  };
  for (const Row& row : rows) {
    Error error = refusal_error(answer(row.status), row.refusal);
    CAPTURE(error.text());
    CHECK(error.code() == row.code);
    CHECK(error.text().find(row.says) != std::string::npos);
    CHECK(error.where() == "https://registry.example/npm/left-pad");
  }
}

TEST_CASE("the registry's own words are shown, made safe") {
  Error error = refusal_error(answer(403, R"({"error":"no\u001b[31m access"})"),
                              {"`left-pad`", false, false});
  CHECK(error.text().find("the registry says: no") != std::string::npos);
  CHECK(error.text().find('\x1b') == std::string::npos);
  CHECK(refusal_error(answer(500, "<html>"), {"`a`", false, false}).details().empty());
}

TEST_CASE("T-NET-11 a web page or nothing instead of what was asked for is noticed") {
  CHECK(check_no_web_page(answer(200, "{}"), "metadata"));
  CHECK(check_no_web_page(answer(200, "\x1f\x8b"), "an archive"));
  CHECK_FALSE(check_no_web_page(answer(200, "\n<!doctype html>"), "metadata"));
  CHECK_FALSE(check_no_web_page(answer(200, ""), "metadata"));
}
