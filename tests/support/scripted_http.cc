// SPDX-License-Identifier: MIT
#include "tests/support/scripted_http.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hod::tests {

using fetcher::HttpFailure;
using fetcher::HttpOutcome;
using fetcher::HttpResponse;

ScriptedHttp& ScriptedHttp::answer(const std::string& url, ScriptedReply reply) {
  script_[url].push_back(std::move(reply));
  return *this;
}

std::size_t ScriptedHttp::asked_for(const std::string& url) const {
  return static_cast<std::size_t>(std::count_if(
      asked.begin(), asked.end(), [&](const auto& request) { return request.url.text() == url; }));
}

ScriptedHttp::RequestId ScriptedHttp::send(fetcher::HttpRequest request, Done done) {
  RequestId id = next_id_++;
  asked.push_back(request);
  most_running = std::max(most_running, ++running);
  std::deque<ScriptedReply>& replies = script_[request.url.text()];
  ScriptedReply reply;
  if (replies.empty()) {
    reply.status = 404;
  } else {
    reply = replies.front();
    if (replies.size() > 1) replies.pop_front();
  }
  const std::chrono::milliseconds after = reply.after;
  open_.emplace(id, Open{std::move(request), std::move(done), std::move(reply)});
  loop_.after(after, [this, id] { play(id); });
  return id;
}

void ScriptedHttp::cancel(RequestId id) {
  if (open_.erase(id) == 0) return;
  --running;
  ++cancelled;
}

void ScriptedHttp::play(RequestId id) {
  auto found = open_.find(id);
  if (found == open_.end()) return;
  if (!found->second.reply.body.empty() && found->second.request.on_bytes) {
    found->second.request.on_bytes(found->second.reply.body);
    found = open_.find(id);
    if (found == open_.end()) return;
  }
  if (found->second.reply.silent) return;
  if (found->second.reply.trickle) {
    loop_.after(std::chrono::milliseconds(15), [this, id] { play(id); });
    return;
  }
  Open open = std::move(found->second);
  open_.erase(found);
  --running;
  if (open.reply.fails) {
    Error error(ErrorCode::network_failed, "scripted failure");
    open.done(HttpFailure{*open.reply.fails, std::move(error).at(open.request.url.text())});
    return;
  }
  HttpResponse response;
  response.status = open.reply.status;
  response.headers = open.reply.headers;
  response.body = open.reply.body;
  response.http_version = open.reply.http_version;
  response.url = open.request.url;
  open.done(std::move(response));
}

}  // namespace hod::tests
