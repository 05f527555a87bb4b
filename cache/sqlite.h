// SQLite as this project uses it: one file, prepared statements, short transactions, Results
// instead of codes.
//
// Opening makes or migrates the schema. The settings (WAL, synchronous=NORMAL, no checkpoint on
// close, …) are those of docs/store-format.md; on network file systems a rollback journal instead
// of WAL, whose shared memory does not work there.
//
// Threads: one connection belongs to one thread at a time; its owner locks. Processes: several.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace hod::cache {

struct DatabaseFormat {
  std::int32_t application_id = 0;  // tells our file from others
  // migrations[i] is SQL that brings format i to format i + 1; an empty file has format 0. What
  // stands in the file as user_version is the number of them.
  std::span<const char* const> migrations;
};

// immutable: a database on a medium that nobody writes to: no lock, no file beside it is made or
// read, the write-ahead log among them (Database::fold() before it is put there).
enum class Access : std::uint8_t { read, write, immutable };

class Statement {
 public:
  void bind(int index, std::int64_t value);
  // The bytes are not copied: they must live until the statement is reset.
  void bind_text(int index, std::string_view text);
  void bind_blob(int index, std::string_view bytes);

  Result<bool> step();  // true: a row is there
  Result<void> run();   // steps to the end and resets
  void reset();

  // Of the current row, columns from 0. Views are valid until the next step() or reset().
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(sqlite3_stmt* statement, class Database* database)
      : statement_(statement), database_(database) {}
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  Database* database_;
};

class Database {
 public:
  // Access::read: the file must exist and have the format's version; nothing is written. Errors:
  // store_too_new, cache_locked, file_missing, disk_*, permission_denied; cache_refused when the
  // file is damaged or not ours.
  static Result<std::unique_ptr<Database>> open(const std::string& path,
                                                const DatabaseFormat& format, Access access);
  ~Database();
  Database(const Database&) = delete;

  Result<Statement> prepare(const char* sql);
  Result<void> run(const char* sql);  // one or several statements without rows
  Result<std::int64_t> number(
      const char* sql);  // the first column of the first row; 0 without rows

  // BEGIN IMMEDIATE, `body`, COMMIT; ROLLBACK when `body` or the commit fails. Waits for other
  // writers, 60 s at most.
  template <class Body>
  Result<void> transaction(Body&& body) {
    HOD_CHECK(begin());
    Result<void> done = body();
    if (done) done = run("COMMIT");
    if (!done) roll_back();
    return done;
  }

  // Brings the write-ahead log into the file, as far as nobody else is reading, and empties it.
  Result<void> fold();

  // Reads all of the file: is it whole, and has it the tables that `statements` need?
  bool sound(std::span<const char* const> statements);

  // Has an error shown that the file is malformed, or that its tables are not ours?
  bool damaged() const { return damaged_; }
  Error last_error(std::string_view doing);

 private:
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  Result<void> configure(Access access);
  Result<void> choose_journal();
  Result<void> check_format(const DatabaseFormat& format, Access access);
  Result<void> migrate(const DatabaseFormat& format);
  Result<void> begin();
  void roll_back();

  sqlite3* handle_;
  std::string path_;
  bool damaged_ = false;
};

}  // namespace hod::cache
