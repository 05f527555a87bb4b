// SPDX-License-Identifier: MIT
// The only file that sees sqlite3.h.
//
// Settings and why: WAL with synchronous=NORMAL commits without an fsync and stays consistent
// through a crash; no checkpoint when a connection closes, since that would fsync at the end of
// every install: the WAL is kept and folded in every 4,000 pages. trusted_schema off and
// cell_size_check on, because the file may come out of a restored CI cache.
//
// In builds with fault points SQLite's own system calls pass them too.
#include "cache/sqlite.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <thread>

#include <sqlite3.h>

#include "cache/file_system.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr int kBusyMilliseconds = 10'000;
constexpr auto kLongestWait = std::chrono::seconds{60};
constexpr auto kBetweenTries = std::chrono::milliseconds{5};
constexpr std::int64_t kReadMapBytes = std::int64_t{1} << 30;

#ifdef HOD_FAULTS

int faulty_open(const char* path, int flags, int mode) {
  return io::open(path, flags, static_cast<mode_t>(mode));
}
ssize_t faulty_write(int fd, const void* data, std::size_t size) {
  return io::write(fd, data, size);
}
ssize_t faulty_pwrite(int fd, const void* data, std::size_t size, off_t offset) {
  HOD_IO_FAULT("write", "sqlite", -1)
  return ::pwrite(fd, data, size, offset);
}
int faulty_ftruncate(int fd, off_t length) { return io::ftruncate(fd, length); }
int faulty_unlink(const char* path) { return io::unlinkat(AT_FDCWD, path, 0); }

template <class Call>
void replace_call(sqlite3_vfs* vfs, const char* name, Call* call) {
  vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(call));
}

void insert_fault_points() {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  replace_call(vfs, "open", &faulty_open);
  replace_call(vfs, "write", &faulty_write);
  replace_call(vfs, "pwrite", &faulty_pwrite);
  replace_call(vfs, "pwrite64", &faulty_pwrite);
  replace_call(vfs, "ftruncate", &faulty_ftruncate);
  replace_call(vfs, "unlink", &faulty_unlink);
}

#else
void insert_fault_points() {}
#endif

void initialize_once() {
  static const bool done = [] {
    HOD_ASSERT(sqlite3_initialize() == SQLITE_OK);
    insert_fault_points();
    return true;
  }();
  static_cast<void>(done);
}

// "file:" address of a path, with the option that nobody writes there.
std::string immutable_address(const std::string& path) {
  std::string address = "file:";
  for (char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      address += {'%', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      address += c;
    }
  }
  return address + "?immutable=1";
}

// Our statements are constants: one that SQLite does not understand, or that breaks a rule of the
// tables, shows that the tables are not those we made.
bool shows_damage(int kind) {
  return kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB || kind == SQLITE_ERROR ||
         kind == SQLITE_CONSTRAINT || kind == SQLITE_MISMATCH || kind == SQLITE_FORMAT;
}

ErrorCode code_of(int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::cache_locked;
    case SQLITE_FULL:
      return ErrorCode::disk_full;
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return ErrorCode::permission_denied;
    default:
      return shows_damage(result & 0xff) ? ErrorCode::cache_refused : ErrorCode::disk_failed;
  }
}

}  // namespace

// ---- Statement

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::bind(int index, std::int64_t value) {
  HOD_ASSERT(sqlite3_bind_int64(statement_.get(), index, value) == SQLITE_OK);
}

void Statement::bind_text(int index, std::string_view text) {
  // A null pointer would bind NULL.
  const char* data = text.data() != nullptr ? text.data() : "";
  HOD_ASSERT(sqlite3_bind_text64(statement_.get(), index, data, text.size(), SQLITE_STATIC,
                                 SQLITE_UTF8) == SQLITE_OK);
}

void Statement::bind_blob(int index, std::string_view bytes) {
  const char* data = bytes.data() != nullptr ? bytes.data() : "";
  HOD_ASSERT(sqlite3_bind_blob64(statement_.get(), index, data, bytes.size(), SQLITE_STATIC) ==
             SQLITE_OK);
}

Result<bool> Statement::step() {
  int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  Error error = database_->last_error("read or write");
  reset();
  return failure(std::move(error));
}

Result<void> Statement::run() {
  for (;;) {
    HOD_TRY(bool row, step());
    if (row) continue;
    reset();
    return {};
  }
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(statement_.get(), column);
  int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::string_view Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

// ---- Database

Result<std::unique_ptr<Database>> Database::open(const std::string& path,
                                                 const DatabaseFormat& format, Access access) {
  initialize_once();
  sqlite3* handle = nullptr;
  const bool immutable = access == Access::immutable;
  int flags = SQLITE_OPEN_NOMUTEX;
  flags |= immutable ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE;
  if (access == Access::write) flags |= SQLITE_OPEN_CREATE;
  const std::string address = immutable ? immutable_address(path) : path;
  int result = sqlite3_open_v2(address.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle, path));
  if (handle == nullptr) return failure(ErrorCode::disk_failed, "there is no memory for SQLite");
  if (result != SQLITE_OK) return failure(database->last_error("open"));
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  HOD_CHECK(database->configure(access));
  HOD_CHECK(database->check_format(format, access));
  if (access == Access::write) HOD_CHECK(database->run("PRAGMA synchronous=NORMAL"));
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

Result<void> Database::configure(Access access) {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  if (access != Access::write) {
    std::string map = "PRAGMA mmap_size=" + std::to_string(kReadMapBytes);
    HOD_CHECK(run("PRAGMA query_only=ON; PRAGMA cell_size_check=ON"));
    return run(map.c_str());
  }
  // synchronous=OFF until the tables are there: making the file needs no sync, since what a power
  // cut leaves of a new one is no loss.
  HOD_CHECK(
      run("PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA synchronous=OFF;"
          "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864"));
  return choose_journal();
}

Result<void> Database::choose_journal() {
  if (file_system_of(path_) == FileSystemKind::network) return run("PRAGMA journal_mode=TRUNCATE");
  // Two processes that make the file at the same moment: SQLite does not wait here by itself.
  auto give_up = std::chrono::steady_clock::now() + kLongestWait;
  for (;;) {
    Result<void> done = run("PRAGMA journal_mode=WAL");
    if (done || done.error().code() != ErrorCode::cache_locked) return done;
    if (std::chrono::steady_clock::now() > give_up) return done;
    std::this_thread::sleep_for(kBetweenTries);
  }
}

Result<void> Database::check_format(const DatabaseFormat& format, Access access) {
  HOD_TRY(std::int64_t version, number("PRAGMA user_version"));
  auto wanted = static_cast<std::int64_t>(format.migrations.size());
  if (version > wanted) {
    return failure(
        Error(ErrorCode::store_too_new, "the store was written by a later version of hod (format " +
                                            std::to_string(version) + ", this one knows " +
                                            std::to_string(wanted) + ")")
            .at(path_)
            .hint("update hod, or choose another cache folder with HOD_CACHE_DIR"));
  }
  if (version > 0) {
    HOD_TRY(std::int64_t id, number("PRAGMA application_id"));
    if (id != format.application_id) {
      damaged_ = true;
      return failure(Error(ErrorCode::cache_refused, "this is no database of hod").at(path_));
    }
  }
  if (version == wanted) return {};
  if (access != Access::write) {
    return failure(Error(ErrorCode::file_missing, "the database has no tables yet").at(path_));
  }
  return migrate(format);
}

Result<void> Database::migrate(const DatabaseFormat& format) {
  return transaction([&]() -> Result<void> {
    // Another process may have been faster.
    HOD_TRY(std::int64_t version, number("PRAGMA user_version"));
    for (auto i = static_cast<std::size_t>(version); i < format.migrations.size(); ++i) {
      HOD_CHECK(run(format.migrations[i]));
    }
    std::string marks = "PRAGMA application_id=" + std::to_string(format.application_id) +
                        "; PRAGMA user_version=" + std::to_string(format.migrations.size());
    return run(marks.c_str());
  });
}

Result<Statement> Database::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
      SQLITE_OK) {
    return failure(last_error("prepare a statement for"));
  }
  return Statement(statement, this);
}

Result<void> Database::run(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure(last_error("change"));
}

Result<std::int64_t> Database::number(const char* sql) {
  HOD_TRY(Statement statement, prepare(sql));
  HOD_TRY(bool row, statement.step());
  return row ? statement.integer(0) : 0;
}

Result<void> Database::fold() {
  const int result =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (result == SQLITE_OK || (result & 0xff) == SQLITE_BUSY) return {};
  return failure(last_error("tidy up"));
}

bool Database::sound(std::span<const char* const> statements) {
  Result<Statement> check = prepare("PRAGMA quick_check(1)");
  if (!check) return false;
  Result<bool> row = check->step();
  bool whole = row && *row && check->text(0) == "ok";
  return whole && std::all_of(statements.begin(), statements.end(),
                              [this](const char* sql) { return prepare(sql).has_value(); });
}

Result<void> Database::begin() {
  auto give_up = std::chrono::steady_clock::now() + kLongestWait;
  for (;;) {
    Result<void> begun = run("BEGIN IMMEDIATE");
    if (begun || begun.error().code() != ErrorCode::cache_locked) return begun;
    if (std::chrono::steady_clock::now() > give_up) return begun;
  }
}

void Database::roll_back() { sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr); }

Error Database::last_error(std::string_view doing) {
  int result = sqlite3_extended_errcode(handle_);
  int system = sqlite3_system_errno(handle_);
  std::string message = sqlite3_errmsg(handle_);
  int kind = result & 0xff;
  if (shows_damage(kind)) damaged_ = true;
  if (kind == SQLITE_CANTOPEN && system == EISDIR) {  // where the file or its log should be
    damaged_ = true;
    return Error(ErrorCode::cache_refused, "this is a folder, not a database")
        .at(path_)
        .detail("SQLite: " + message);
  }
  if ((kind == SQLITE_CANTOPEN || kind == SQLITE_IOERR) && system != 0) {
    return system_error(system, doing, path_).detail("SQLite: " + message);
  }
  std::string what = "cannot " + std::string(doing) + " the database";
  return Error(code_of(result), std::move(what)).at(path_).detail("SQLite: " + message);
}

}  // namespace hod::cache
