// SPDX-License-Identifier: MIT
// A package in two versions whose digests are signed with a key of our own; the archives are there
// byte for byte, so that the signatures stay right.
#pragma once

#include <string>

namespace hod::tests {

inline const std::string kSigningKeyId = "SHA256:t82EW7sbIYX/wPOC+dI358JjCrspaQNX/cahygwyZ3I";
inline const std::string kSigningKey =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERZeeuz8QBiXDp4y9S9VNbK5TeAG9xbmFGYJLeXeiABlAcE7S"
    "Y+XFUt3ZCw9EnYq/xfr6T+PrVtppvL/v98Qz7A==";
// What a registry's route for keys answers; `more`: "\"expires\": \"2025-01-29\", ".
inline std::string signing_keys(const std::string& more = "") {
  return "{\"keys\": [{" + more + "\"keyid\": \"" + kSigningKeyId +
         "\", \"keytype\": \"ecdsa-sha2-nistp256\", \"key\": \"" + kSigningKey + "\"}]}";
}

struct SignedArchive {
  const char* version;
  std::string archive;    // base64
  std::string integrity;  // of it
  std::string signature;  // of "signed@<version>:<integrity>"
};

inline const SignedArchive kSignedOld{
    "1.0.0",
    "H4sIAAAAAAAC/+3UsQ6CMBSF4c4+BenCYsptqB0kJr5KIzcElZa0YEiM724FJxYXZcD7LSchTdrlpzWni6kw"
    "a6cV5+As+zKItFLjRvMFUDmDfKdBSq0hnnttzhJgC+hDZ3x8CvtPd25Ng3zPQ11ZLPmW39CH2tn4SQoQwB+M"
    "rNe7+6y2JQ6x/l/c8bl/Oe8fFFD/S2hc2V9R4NA634XkkKTTj+A4xp8WG0qEEEJW6QlJ0mlkAAwAAA==",
    "sha512-Nq5j2Sx2+s6jzUYgsMN6n4IR99msr2cRuvrNXdRWpOYcJXwu58ma5tqWFayO6Km+MbGJrKRoeVpzL"
    "KasC7RqtA==",
    "MEUCICPb61wP4l+lsv3Oq9h/KI/ajPayAzAifDjdVfBhHl+QAiEAywt8eiM6Nhe8VJb/XXvXsVNUhvFPc1rh"
    "eQpveHl/KIo="};
inline const SignedArchive kSignedNew{
    "1.1.0",
    "H4sIAAAAAAAC/+3UsQ6CMBSF4c4+BenCYsptqB0kJr5KIzcElZa0YEiM724FJxYXZcD7LSchTdrlpzWni6kw"
    "a6cV5+As+zKItFLjRvMFUDmDfKdBSq0hnnttzhJgC+hDZ3x8CvtPd25Ng3zPQ11ZLPmW39CH2tn4SQopgD8Y"
    "Wa9391ltSxxi/b+443P/ct4/KKD+l9C4sr+iwKF1vgvJIUmnH8FxjD8tNpQIIYSs0hObe2IFAAwAAA==",
    "sha512-63dPLD3OAHDp8iCN7L/MZoHF+rL2mY8OkMxxpZmCuKFnXD0dcgQDNfLtce0K0uKU1iVoneBDn+Kz2"
    "lA3PQwcgQ==",
    "MEQCIE39ZvOct7NPEcx+smQx7cod/UaYEdzKzzcJpG0H3iLeAiB8UsEQbqPq6kilZ11knmLFeEikbohZaHFZ"
    "T2urFXLSsA=="};
inline const SignedArchive kSignedOther{
    "1.1.0",
    "H4sIAAAAAAAC/+3TvQ7CIBSGYWavgrB0MfRgkUHjxRB7UusPNNCaJsZ7F6tTFxftUM+zfAkhgeVt7P5kK8yb"
    "18pj9I59GSRG62GT8QLogkGxNqCUMZDuPbdgHNgEutjakL7C/tNNOHtBsRGxrhyWYimuGGLtXTpSUkkQd0bm"
    "6919XrsS+1T/L9743P9q3D9oRf1P4eLL7owS+8aHNvIdz6zz7QEDH+rPtgtqhBBC5ugBhV+igwAMAAA=",
    "sha512-GCk1jBHQOmnXjdAdARBqKgRaH2HRIwPxBbRomPD01v80/567hW0FuGzkpbtDBrmiegsvR8mW6IgNJ"
    "SjGQiGGxg==",
    "MEUCIQCHmcGdCllHKK6gzD+jr35yPOSzrShBmo3cEQzqLraIhgIgJ4qXDvu2zb3/rsRDwzPyHqUa+8yC40cq"
    "Frxu0CYlbpg="};

}  // namespace hod::tests
