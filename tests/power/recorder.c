// Records what a process writes below one folder, and kills it at a chosen operation. Loaded with LD_PRELOAD;
// recorded_disk.ts reads the recording and computes what a power cut could have left.
//
//   POWER_ROOT     the folder, without a slash at its end
//   POWER_LOG      the recording. Its first 8 bytes are a countdown: each operation takes 1 off, and the process is killed
//                  at the operation that makes it 0. The test sets it, also while the process runs.
//   POWER_SYNC_US  how long fsync takes, in µs
//   POWER_LIE      fsync of files whose path ends like this returns without having done anything, as on a disk that lies:
//                  with the empty text, of all files, as with PRAGMA synchronous=OFF
//
// An operation is recorded before it is done, so that whatever reached a file is in the recording; fsync is recorded
// afterwards, with the number of operations that were recorded before it began.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OPENED = 1, CREATED, MADE, WRITTEN, TRUNCATED, SYNCED, REMOVED, RENAMED, MAPPED, LINKED };

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define EXPORT __attribute__((visibility("default")))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root;
static dev_t device;
static int recording = -1;
static volatile int64_t *countdown;
static uint64_t recorded;
static useconds_t sync_time;
static const char *lie;
static ino_t files[4096];
static int file_count;

__attribute__((constructor)) static void start(void) {
  const char *log = getenv("POWER_LOG");
  struct stat found;
  root = getenv("POWER_ROOT");
  if (!log || !root || stat(root, &found) != 0) return;
  device = found.st_dev;
  lie = getenv("POWER_LIE");
  if (getenv("POWER_SYNC_US")) sync_time = atoi(getenv("POWER_SYNC_US"));
  int file = REAL(open)(log, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  countdown = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  lseek(file, 0, SEEK_END);
  recording = file;
}

static int is_below(const char *path) {
  size_t length = root ? strlen(root) : 0;
  return recording >= 0 && strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0);
}

// Writes the absolute path of `path` to `absolute`; returns whether it is below the folder.
static int locate(int folder, const char *path, char *absolute) {
  char link[64], base[PATH_MAX];
  if (recording < 0 || !path) return 0;
  if (path[0] == '/') return snprintf(absolute, PATH_MAX, "%s", path) > 0 && is_below(absolute);
  if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
  else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
  ssize_t length = readlink(link, base, sizeof base - 1);
  if (length < 0) return 0;
  base[length] = 0;
  return snprintf(absolute, PATH_MAX, "%s/%s", base, path) > 0 && is_below(absolute);
}

static int is_recorded(ino_t id) {
  for (int n = 0; n < file_count; n++) if (files[n] == id) return 1;
  return 0;
}

// Whether a descriptor is of a recorded file or folder. Descriptors can be duplicated, so the file itself is asked.
static int find(int descriptor, struct stat *found) {
  if (recording < 0 || fstat(descriptor, found) != 0 || found->st_dev != device) return 0;
  return (S_ISREG(found->st_mode) || S_ISDIR(found->st_mode)) && is_recorded(found->st_ino);
}

// The lock is held. A record: its length, kind, file, number, and content.
static void record(uint8_t kind, uint64_t file, uint64_t number, const struct iovec *parts, int count) {
  struct { uint32_t length; uint32_t kind; uint64_t file, number; } head = { 0, kind, file, number };
  struct iovec all[66] = { { &head, sizeof head } };
  if (count > 64) abort();
  for (int n = 0; n < count; n++) {
    all[n + 1] = parts[n];
    head.length += parts[n].iov_len;
  }
  if (REAL(writev)(recording, all, count + 1) != (ssize_t)(sizeof head + head.length)) abort();
  recorded++;
  if (*countdown > 0 && --*countdown == 0) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
}

static void record_text(uint8_t kind, uint64_t file, const char *text, size_t length) {
  struct iovec part = { (void *)text, length };
  record(kind, file, 0, &part, 1);
}

static int open_recorded(int folder, const char *path, int flags, mode_t mode) {
  char absolute[PATH_MAX];
  struct stat found;
  int (*real)(int, const char *, int, ...) = REAL(openat);
  if (!locate(folder, path, absolute)) return real(folder, path, flags, mode);
  pthread_mutex_lock(&lock);
  int existed = stat(absolute, &found) == 0;
  int descriptor = real(folder, path, flags, mode);
  if (descriptor >= 0 && fstat(descriptor, &found) == 0) {
    // The number of the file is known only now. A kill in between leaves an empty file that was not recorded.
    if (!existed || !is_recorded(found.st_ino)) {
      if (!is_recorded(found.st_ino) && file_count < 4096) files[file_count++] = found.st_ino;
      record_text(existed ? OPENED : CREATED, found.st_ino, absolute, strlen(absolute));
    }
    if (existed && flags & O_TRUNC) record(TRUNCATED, found.st_ino, 0, NULL, 0);
  }
  pthread_mutex_unlock(&lock);
  return descriptor;
}

static mode_t mode_of(int flags, va_list *rest) {
  return flags & (O_CREAT | __O_TMPFILE) ? va_arg(*rest, mode_t) : 0;
}

#define OPEN(name) EXPORT int name(const char *path, int flags, ...) { \
  va_list rest; va_start(rest, flags); mode_t mode = mode_of(flags, &rest); va_end(rest); \
  return open_recorded(AT_FDCWD, path, flags, mode); }
#define OPENAT(name) EXPORT int name(int folder, const char *path, int flags, ...) { \
  va_list rest; va_start(rest, flags); mode_t mode = mode_of(flags, &rest); va_end(rest); \
  return open_recorded(folder, path, flags, mode); }
OPEN(open) OPEN(open64) OPENAT(openat) OPENAT(openat64)

// Does `call` between recording it and releasing the lock.
#define RECORDED(kind, number, parts, count, call) do { \
  struct stat found; \
  if (!find(descriptor, &found)) return call; \
  pthread_mutex_lock(&lock); \
  record(kind, found.st_ino, number, parts, count); \
  __typeof__(call) result = call; \
  pthread_mutex_unlock(&lock); \
  return result; } while (0)

// Where a write without an offset begins.
static uint64_t position(int descriptor) {
  struct stat found;
  if (recording < 0 || fstat(descriptor, &found) != 0 || !S_ISREG(found.st_mode)) return 0;
  return fcntl(descriptor, F_GETFL) & O_APPEND ? found.st_size : lseek(descriptor, 0, SEEK_CUR);
}

#define PWRITE(name) EXPORT ssize_t name(int descriptor, const void *bytes, size_t length, off_t offset) { \
  struct iovec part = { (void *)bytes, length }; \
  RECORDED(WRITTEN, offset, &part, 1, REAL(name)(descriptor, bytes, length, offset)); }
PWRITE(pwrite) PWRITE(pwrite64)

EXPORT ssize_t write(int descriptor, const void *bytes, size_t length) {
  struct iovec part = { (void *)bytes, length };
  RECORDED(WRITTEN, position(descriptor), &part, 1, REAL(write)(descriptor, bytes, length));
}

EXPORT ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  RECORDED(WRITTEN, position(descriptor), parts, count, REAL(writev)(descriptor, parts, count));
}

#define TRUNCATE(name) EXPORT int name(int descriptor, off_t size) { \
  RECORDED(TRUNCATED, size, NULL, 0, REAL(name)(descriptor, size)); }
TRUNCATE(ftruncate) TRUNCATE(ftruncate64)

static int is_lied_about(int descriptor) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path);
  size_t end = lie ? strlen(lie) : 0;
  return lie && length >= (ssize_t)end && memcmp(path + length - end, lie, end) == 0;
}

static int sync_recorded(int descriptor, int (*real)(int)) {
  struct stat found;
  if (!find(descriptor, &found)) return real(descriptor);
  uint64_t before = __atomic_load_n(&recorded, __ATOMIC_SEQ_CST);
  if (sync_time > 0) usleep(sync_time);
  if (is_lied_about(descriptor)) return 0;
  int result = real(descriptor);
  pthread_mutex_lock(&lock);
  if (result == 0) record(SYNCED, found.st_ino, before, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

EXPORT int fsync(int descriptor) { return sync_recorded(descriptor, REAL(fsync)); }
EXPORT int fdatasync(int descriptor) { return sync_recorded(descriptor, REAL(fdatasync)); }

// A writable mapping changes a file unseen: only SQLite's shared memory may have one.
#define MAP(name) EXPORT void *name(void *at, size_t length, int protection, int flags, int descriptor, off_t offset) { \
  if (descriptor < 0 || !(flags & MAP_SHARED) || !(protection & PROT_WRITE)) \
    return REAL(name)(at, length, protection, flags, descriptor, offset); \
  RECORDED(MAPPED, 0, NULL, 0, REAL(name)(at, length, protection, flags, descriptor, offset)); }
MAP(mmap) MAP(mmap64)

// The same for what changes a folder.
#define CHANGED(kind, text, length, call) do { \
  pthread_mutex_lock(&lock); \
  record_text(kind, 0, text, length); \
  int result = call; \
  pthread_mutex_unlock(&lock); \
  return result; } while (0)

EXPORT int unlink(const char *path) {
  char absolute[PATH_MAX];
  if (!locate(AT_FDCWD, path, absolute) || access(absolute, F_OK) != 0) return REAL(unlink)(path);
  CHANGED(REMOVED, absolute, strlen(absolute), REAL(unlink)(path));
}

EXPORT int unlinkat(int folder, const char *path, int flags) {
  char absolute[PATH_MAX];
  if (!locate(folder, path, absolute)) return REAL(unlinkat)(folder, path, flags);
  CHANGED(REMOVED, absolute, strlen(absolute), REAL(unlinkat)(folder, path, flags));
}

// Writes both absolute paths, with a zero byte between them; returns their length, or 0 if one is not below the folder.
static size_t locate_both(int from_folder, const char *from, int to_folder, const char *to, char *both) {
  char target[PATH_MAX];
  if (!locate(from_folder, from, both) || !locate(to_folder, to, target)) return 0;
  size_t length = strlen(both) + 1;
  strcpy(both + length, target);
  return length + strlen(target);
}

EXPORT int rename(const char *from, const char *to) {
  char both[2 * PATH_MAX];
  size_t length = locate_both(AT_FDCWD, from, AT_FDCWD, to, both);
  if (length == 0 || access(both, F_OK) != 0) return REAL(rename)(from, to);
  CHANGED(RENAMED, both, length, REAL(rename)(from, to));
}

EXPORT int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  char both[2 * PATH_MAX];
  size_t length = locate_both(from_folder, from, to_folder, to, both);
  if (length == 0 || access(both, F_OK) != 0) return REAL(linkat)(from_folder, from, to_folder, to, flags);
  CHANGED(LINKED, both, length, REAL(linkat)(from_folder, from, to_folder, to, flags));
}

// Copies within the kernel are not recorded: programs that may not make them read and write instead.
EXPORT ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t length, unsigned flags) {
  struct stat found;
  if (!find(out, &found)) return REAL(copy_file_range)(in, from, out, to, length, flags);
  errno = EXDEV;
  return -1;
}

EXPORT ssize_t sendfile64(int out, int in, off64_t *offset, size_t length) {
  struct stat found;
  if (!find(out, &found)) return REAL(sendfile64)(out, in, offset, length);
  errno = EINVAL;
  return -1;
}

EXPORT int mkdir(const char *path, mode_t mode) {
  char absolute[PATH_MAX];
  if (!locate(AT_FDCWD, path, absolute) || access(absolute, F_OK) == 0) return REAL(mkdir)(path, mode);
  CHANGED(MADE, absolute, strlen(absolute), REAL(mkdir)(path, mode));
}
