// SPDX-License-Identifier: MIT
// Work for when a command is over and has said its result: done by a process that nobody waits for.
// Main thread only; for the very end of a command.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/json.h"

namespace hod::cli {

// idle: works only while nobody else wants the processor or the disk. nice: soon, but behind
// others.
enum class Urgency : unsigned char { idle, nice };

// Starts it and returns: a process of its own session, without terminal and without descriptors but
// `kept`, whose locks hold without a gap until the work is done, however it ends. Its parent ends
// at once, so that the process that started hod never sees it.
//
// fork and not a program of its own: what is to be done is in memory. That is safe here because the
// command is over: its threads are gone but for idle ones. False: it could not be started.
bool run_afterwards(Urgency urgency, std::vector<int> kept, const std::function<bool()>& work);

// May this process's end be the end of the machine, as in a container that was started for one
// command? Then nothing can be left for afterwards.
bool ends_with_command();

// What such work has cost the last time, for --timing; "" where there never was any.
std::string afterwards_text(const std::string& cache_root);
void add_afterwards(Json& document, const std::string& cache_root);

}  // namespace hod::cli
