// SPDX-License-Identifier: MIT
// With HTTP/1.1 a request occupies a connection; with HTTP/2 two of them count as one (measured:
// two connections with 64 streams each beat 32 of HTTP/1.1), so 64 connections allow 128 streams.
// The overall limit is counted in halves of a connection.
#include "fetcher/request_queue.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"

namespace hod::fetcher {

namespace {
constexpr unsigned kStreams = 2;
constexpr unsigned kKeptFree = 4;  // one of so many
}  // namespace

RequestQueue::Lane& RequestQueue::lane(const Origin& origin) {
  auto [found, made] = lanes_.try_emplace(origin);
  if (made) found->second.connections = std::max(1U, max_connections_);
  return found->second;
}

unsigned RequestQueue::cost(const Lane& lane) const { return kStreams / lane.streams; }

void RequestQueue::push(Ticket ticket, const Origin& origin, int priority, Try which) {
  Lane& into = lane(origin);
  Place place{priority, ticket, which};
  into.places.insert(place);
  into.has_urgent = into.has_urgent || priority >= kUrgentPriority;
  bool added = places_.emplace(ticket, std::pair(&into, place)).second;
  HOD_ASSERT(added);
}

void RequestQueue::remove(Ticket ticket) {
  auto found = places_.find(ticket);
  if (found == places_.end()) return;
  found->second.first->places.erase(found->second.second);
  places_.erase(found);
}

// For the first that waits there.
bool RequestQueue::has_room(const Lane& lane) const {
  const Place& first = *lane.places.begin();
  unsigned taken = lane.active + (first.which == Try::first ? lane.held : 0);
  unsigned most = lane.connections * lane.streams;
  if (lane.has_urgent && first.priority < kUrgentPriority) most -= most / kKeptFree;
  return taken < most && (used_ + cost(lane) <= max_connections_ * kStreams || used_ == 0);
}

std::optional<RequestQueue::Ticket> RequestQueue::next(Which which) {
  Lane* best = nullptr;
  for (auto& [origin, lane] : lanes_) {
    if (lane.places.empty()) continue;
    if (which == Which::urgent && lane.places.begin()->priority < kUrgentPriority) continue;
    if (!has_room(lane)) continue;
    if (best == nullptr || *lane.places.begin() < *best->places.begin()) best = &lane;
  }
  if (best == nullptr) return std::nullopt;
  Ticket ticket = best->places.begin()->ticket;
  remove(ticket);
  ++best->active;
  used_ += cost(*best);
  return ticket;
}

void RequestQueue::started_extra(const Origin& origin) {
  Lane& into = lane(origin);
  ++into.active;
  used_ += cost(into);
}

void RequestQueue::ended(const Origin& origin) {
  Lane& from = lane(origin);
  HOD_ASSERT(from.active > 0);
  --from.active;
  used_ -= cost(from);
}

void RequestQueue::hold(const Origin& origin) { ++lane(origin).held; }

void RequestQueue::let_go(const Origin& origin) {
  Lane& from = lane(origin);
  HOD_ASSERT(from.held > 0);
  --from.held;
}

void RequestQueue::found_http2(const Origin& origin) {
  Lane& found = lane(origin);
  if (found.streams == kStreams) return;
  used_ -= found.active * cost(found);
  found.streams = kStreams;
  used_ += found.active * cost(found);
}

void RequestQueue::overloaded(const Origin& origin, Time sent, Time now) {
  Lane& found = lane(origin);
  if (sent < found.halved) return;  // was under way when the last one was halved for
  found.connections = std::max(1U, found.connections / 2);
  found.answers = 0;
  found.halved = now;
}

void RequestQueue::answered(const Origin& origin) {
  Lane& found = lane(origin);
  if (found.connections >= max_connections_ || ++found.answers < found.connections) return;
  found.answers = 0;
  ++found.connections;
}

unsigned RequestQueue::limit(const Origin& origin) const {
  auto found = lanes_.find(origin);
  return found == lanes_.end() ? max_connections_
                               : found->second.connections * found->second.streams;
}

}  // namespace hod::fetcher
