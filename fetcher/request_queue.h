// Who goes next: requests wait here by priority, held to a number of connections for each origin
// and in all. An origin that says "too many" gets half, and more again as answers come.
//
// Pure bookkeeping; knows no network and no clock of its own. Loop thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "core/model/url.h"

namespace hod::fetcher {

// From this priority on somebody waits for the answer before he can ask for more: some of the
// connections of an origin with such requests are kept free of others, and the number of bytes that
// lie about does not hold them up.
inline constexpr int kUrgentPriority = 1 << 24;

class RequestQueue {
 public:
  using Ticket = std::uint64_t;
  using Time = std::chrono::steady_clock::time_point;

  explicit RequestQueue(unsigned max_connections) : max_connections_(max_connections) {}

  // Higher priority first; among equals the lower ticket, so that what is tried again goes first.
  enum class Try : std::uint8_t { first, again };
  void push(Ticket ticket, const Origin& origin, int priority, Try which = Try::first);
  void remove(Ticket ticket);  // no longer wanted; unknown ones are fine

  // One that may start now; it is active from here on.
  enum class Which : std::uint8_t { any, urgent };
  std::optional<Ticket> next(Which which = Which::any);

  // A second connection for an active request: counts, but is never held back.
  void started_extra(const Origin& origin);
  void ended(const Origin& origin);  // of either

  // Something rests before it is tried again: its place at the origin is given to no first try.
  void hold(const Origin& origin);
  void let_go(const Origin& origin);

  // Many streams share a connection there.
  void found_http2(const Origin& origin);
  // 429 or 503 to a request sent at `sent`: half the connections, once for all that were under way.
  void overloaded(const Origin& origin, Time sent, Time now);
  void answered(const Origin& origin);  // well

  std::size_t waiting() const { return places_.size(); }
  unsigned limit(const Origin& origin) const;  // requests at once

 private:
  struct Place {
    int priority;
    Ticket ticket;
    Try which;
    bool operator<(const Place& other) const {
      if (priority != other.priority) return priority > other.priority;
      return ticket < other.ticket;
    }
  };
  struct Lane {
    std::set<Place> places;
    unsigned active = 0;
    unsigned held = 0;
    bool has_urgent = false;   // ever had
    unsigned connections = 0;  // allowed now
    unsigned streams = 1;      // on each
    unsigned answers = 0;      // since the last change of `connections`
    Time halved{};
  };
  Lane& lane(const Origin& origin);
  unsigned cost(const Lane& lane) const;
  bool has_room(const Lane& lane) const;

  unsigned max_connections_;
  unsigned used_ = 0;  // of max_connections_ × kStreams
  std::map<Origin, Lane> lanes_;
  std::unordered_map<Ticket, std::pair<Lane*, Place>> places_;
};

}  // namespace hod::fetcher
