// SPDX-License-Identifier: MIT
// Set `ssri`: integrity strings, and data checked against them.
#include <utility>
#include <vector>

#include "cache/hash.h"
#include "core/base/ecma_text.h"
#include "core/base/encoding.h"
#include "core/model/integrity.h"
#include "tests/conformance/all_sets.h"

namespace hod::conformance {

namespace {

using Value = std::optional<Json>;  // nothing: the real function throws

StrictIntegrity strictness(const Row& row) {
  return row.is_set("strict") ? StrictIntegrity::yes : StrictIntegrity::no;
}

Integrity integrity_arg(const Row& row, std::size_t index) {
  return Integrity::parse(row.arg(index).as_string(), strictness(row));
}

Json hash_json(const IntegrityHash& hash) {
  Json options = Json::array();
  for (const std::string& option : hash.options) options.push(Json::string(option));
  Json json = Json::object();
  json.set("source", Json::string(hash.text()));
  json.set("algorithm", Json::string(algorithm_name(hash.algorithm)));
  json.set("digest", Json::string(hash.base64));
  json.set("options", options);
  return json;
}

// The algorithm and the digest alone, as `check` and `match` give them; false when there is none.
Json short_hash_json(const IntegrityHash* hash) {
  if (!hash) return Json::boolean(false);
  Json json = Json::object();
  json.set("algorithm", Json::string(algorithm_name(hash->algorithm)));
  json.set("digest", Json::string(hash->base64));
  return json;
}

// All hashes, by algorithm.
Json integrity_json(const Integrity& integrity) {
  if (integrity.empty()) return Json();
  Json json = Json::object();
  for (const IntegrityHash& hash : integrity.hashes()) {
    const std::string_view name = algorithm_name(hash.algorithm);
    Json list = json.find(name) ? *json.find(name) : Json::array();
    list.push(hash_json(hash));
    json.set(name, list);
  }
  return json;
}

Json single_json(const Row& row) {
  const std::string& text = row.arg(0).as_string();
  if (text.empty()) return Json();
  if (auto hash = IntegrityHash::parse(text, strictness(row))) return hash_json(*hash);
  Json json = Json::object();
  json.set("source", Json::string(ecma_trimmed(text)));
  json.set("algorithm", Json::string(""));
  json.set("digest", Json::string(""));
  json.set("options", Json::array());
  return json;
}

Value parse(const Row& row) {
  return row.is_set("single") ? single_json(row) : integrity_json(integrity_arg(row, 0));
}

Value stringify(const Row& row) {
  const Integrity integrity = integrity_arg(row, 0);
  if (integrity.empty()) return std::nullopt;
  const std::string& wanted = row.option("sep").as_string();
  const std::string separator = wanted.empty() ? " " : wanted;
  return Json::string(strictness(row) == StrictIntegrity::yes
                          ? integrity.strict_text(separator)
                          : integrity.text_as_written(separator));
}

// Of one hash, or of all read as if they were one.
Value hex_digest(const Row& row) {
  const Integrity integrity = integrity_arg(row, 0);
  if (integrity.empty()) return std::nullopt;
  const auto hash = IntegrityHash::parse(integrity.text_as_written());
  return Json::string(hash ? to_hex(from_base64_lenient(hash->base64)) : "");
}

Value concat(const Row& row) {
  const Integrity integrity = integrity_arg(row, 0);
  if (integrity.empty()) return std::nullopt;
  const std::string both = integrity.text_as_written() + " " + row.arg(1).as_string();
  return Json::string(Integrity::parse(both, strictness(row)).text_as_written());
}

Value match(const Row& row) {
  return short_hash_json(integrity_arg(row, 0).match(integrity_arg(row, 1)));
}

Value pick_algorithm(const Row& row) {
  const Integrity integrity = integrity_arg(row, 0);
  if (integrity.empty()) return std::nullopt;
  return Json::string(algorithm_name(integrity.strongest()->algorithm));
}

Value check(const Row& row) {
  const Integrity expected = integrity_arg(row, 1);
  const std::string data = from_base64_lenient(row.arg(0).as_string());
  const Value refused = row.is_set("error") ? Value() : Value(Json::boolean(false));
  if (expected.empty()) return refused;
  const DigestAlgorithm algorithm = expected.strongest()->algorithm;
  const Integrity actual = Integrity::of(algorithm, cache::digest_of(algorithm, data));
  const IntegrityHash* found = actual.match(expected);
  return found ? Value(short_hash_json(found)) : refused;
}

Value from_hex_digits(const Row& row) {
  const auto algorithm = parse_algorithm(row.arg(1).as_string());
  const auto digest = from_hex(row.arg(0).as_string());
  if (!algorithm || !digest) return Json();
  return Json::string(Integrity::of(*algorithm, *digest).text());
}

Value from_data(const Row& row) {
  const std::string data = from_base64_lenient(row.arg(0).as_string());
  std::vector<DigestAlgorithm> algorithms;
  for (const Json& name : row.option("algorithms").elements()) {
    const auto algorithm = parse_algorithm(name.as_string());
    if (!algorithm) return std::nullopt;
    algorithms.push_back(*algorithm);
  }
  if (algorithms.empty()) algorithms.push_back(DigestAlgorithm::sha512);
  Integrity integrity;
  for (const DigestAlgorithm algorithm : algorithms) {
    integrity.add({algorithm, to_base64(cache::digest_of(algorithm, data)), {}});
  }
  return Json::string(integrity.text_as_written());
}

constexpr std::pair<std::string_view, Value (*)(const Row&)> kOperations[] = {
    {"parse", parse},
    {"stringify", stringify},
    {"check", check},
    {"hexDigest", hex_digest},
    {"concat", concat},
    {"match", match},
    {"pickAlgorithm", pick_algorithm},
    {"fromHex", from_hex_digits},
    {"fromData", from_data}};

}  // namespace

Outcome run_ssri_row(const Row& row) {
  for (const auto& [name, run] : kOperations) {
    if (name == row.op()) return judge(row, run(row));
  }
  return {Outcome::Kind::failed, "an unknown operation"};
}

}  // namespace hod::conformance
