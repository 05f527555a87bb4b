// SPDX-License-Identifier: MIT
// The settings hod knows, one row each: names, default, and how a value gets into Settings.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/settings_sources.h"

namespace hod::cli {

struct SettingRow {
  std::string_view key;
  std::string_view other_keys;    // of other tools for the same thing, blank separated
  std::string_view default_text;  // as `hod config list` shows it; "" = none
  bool own_sources_only;          // not read from .npmrc and npm's variables
  // Puts the value in. Why it does not fit ("it must be …"), or "". Null: looked at together with
  // others (omit).
  std::string (*apply)(Settings& settings, const GivenSetting& given);
};

std::span<const SettingRow> setting_table();

// By any of its names; null when hod has no such setting.
const SettingRow* find_setting(std::string_view key);
// The name hod uses; unknown ones as they are.
std::string canonical_key(std::string_view key);

// An age such as "90m", "36h", "3d"; a bare number counts units of so many minutes.
std::optional<std::chrono::minutes> age_of(const Json& value, int minutes_of_one);

// "@scope:registry", "//host/:_authToken", "_authToken": settings whose names are not in the table.
bool is_registry_setting(std::string_view key);
bool is_scope_registry(std::string_view key);
// Must its value never be shown?
bool is_secret(std::string_view key);

// A registry's address as Settings keeps it, with its "/" at the end. Nothing when it is none.
std::optional<std::string> registry_address(std::string_view text);
// Why this address may not be used when a project says so: not encrypted (T-NET-05). "" = it may.
std::string project_address_refusal(std::string_view address);

// npm's omit, include, production, only, also, dev, optional, taken together. `values`: what is in
// effect, by key.
Setting<Omit> omitted_kinds(const std::map<std::string, const GivenSetting*, std::less<>>& values);

}  // namespace hod::cli
