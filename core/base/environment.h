// The process's environment as a plain value: read once by the program, handed down, so that a test
// can write its own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hod {

class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string, std::less<>> variables)
      : variables_(std::move(variables)) {}
  static Environment of_process();

  // The value, or nothing when the variable is not set. A set but empty variable gives "".
  std::optional<std::string> get(std::string_view name) const {
    auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
  }
  void set(std::string name, std::string value) { variables_[std::move(name)] = std::move(value); }
  const std::map<std::string, std::string, std::less<>>& variables() const { return variables_; }

 private:
  std::map<std::string, std::string, std::less<>> variables_;
};

}  // namespace hod
