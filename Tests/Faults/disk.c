// A disk that can fail or be cut off, for tests: preloaded into a process, it sees every call on
// files below the folder that DISK names.
//
//   DISK_FAIL=FILE    while FILE is there: the calls from the one whose number it begins with, so
//                     many as it says next, fail in the way that it says last ("12 1 eio").
//                     eio, enospc; short: a write takes half of its bytes.
//   DISK_COUNT=FILE   receives the number of calls so far, as 8 bytes.
//   DISK_RECORD=FILE  receives what the calls did, one record after another, in their order.
//
// A record: what (1 byte: w write, t truncate, s sync, o create, r rename, u unlink, l link,
// d folder sync), the file's number (4), offset (8), length (8), then the bytes: of a write its
// data, of the others a name, of rename and link two with a zero between. A file's number is its
// inode's.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define LIMIT 4096

static char watched[LIMIT];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t *calls;
static int record = -1;

static void copy_path(int directory, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    ssize_t count = readlink(link, path, PATH_MAX - 1);
    path[count < 0 ? 0 : count] = 0;
}

__attribute__((constructor)) static void begin(void) {
    static uint64_t own;
    calls = &own;
    const char *name = getenv("DISK_COUNT");
    if (name != NULL) {
        int file = REAL(open)(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (file >= 0 && REAL(ftruncate)(file, 8) == 0) {
            calls = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            *calls = 0;
        }
    }
    name = getenv("DISK_RECORD");
    if (name != NULL) record = REAL(open)(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_below(const char *path) {
    const char *root = getenv("DISK");
    size_t count = root == NULL ? 0 : strlen(root);
    return count > 0 && strncmp(path, root, count) == 0 && (path[count] == '/' || path[count] == 0);
}

static int is_watched(int descriptor) { return descriptor >= 0 && descriptor < LIMIT && watched[descriptor]; }

static void watch(int descriptor) {
    if (descriptor < 0 || descriptor >= LIMIT) return;
    char path[PATH_MAX];
    copy_path(descriptor, path);
    // The index of the log is no more than memory that processes share.
    size_t count = strlen(path);
    int is_index = count > 4 && strcmp(path + count - 4, "-shm") == 0;
    watched[descriptor] = is_below(path) && !is_index;
}

enum fault { NONE, EIO_FAULT, ENOSPC_FAULT, SHORT_FAULT };

// Counts a call, and says how it is to fail.
static enum fault fault(void) {
    uint64_t number = ++*calls;
    const char *name = getenv("DISK_FAIL");
    FILE *file = name == NULL ? NULL : fopen(name, "re");
    if (file == NULL) return NONE;
    unsigned long long first = 0, count = 0;
    char kind[16] = "";
    int found = fscanf(file, "%llu %llu %15s", &first, &count, kind);
    fclose(file);
    if (found != 3 || number < first || number - first >= count) return NONE;
    if (strcmp(kind, "enospc") == 0) return ENOSPC_FAULT;
    return strcmp(kind, "short") == 0 ? SHORT_FAULT : EIO_FAULT;
}

// Whether the call fails now; of calls that need no space and write nothing only by an I/O error.
static int fails(int needs_space) {
    enum fault how = fault();
    if (how == NONE || how == SHORT_FAULT || (how == ENOSPC_FAULT && !needs_space)) return 0;
    errno = how == ENOSPC_FAULT ? ENOSPC : EIO;
    return 1;
}

static void note(char what, uint32_t file, uint64_t offset, const void *bytes, uint64_t count) {
    if (record < 0) return;
    char head[21];
    head[0] = what;
    memcpy(head + 1, &file, 4);
    memcpy(head + 5, &offset, 8);
    memcpy(head + 13, &count, 8);
    ssize_t (*put)(int, const void *, size_t) = REAL(write);
    if (put(record, head, sizeof head) < 0 || put(record, bytes, count) < 0) abort();
}

static uint32_t number(int descriptor) {
    struct stat about;
    return fstat(descriptor, &about) == 0 ? (uint32_t)about.st_ino : 0;
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static int open_file(int directory, const char *path, int flags, mode_t mode) {
    int (*real)(int, const char *, int, ...) = REAL(openat);
    char whole[PATH_MAX] = "";
    if (path[0] != '/' && directory != AT_FDCWD) copy_path(directory, whole);
    strncat(whole, path[0] == '/' ? "" : "/", 2);
    strncat(whole, path, PATH_MAX - strlen(whole) - 1);
    if (!is_below(whole)) return real(directory, path, flags, mode);
    pthread_mutex_lock(&lock);
    int made = -1;
    if (!fails(flags & O_CREAT)) {
        int was_there = faccessat(directory, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        made = real(directory, path, flags, mode);
        watch(made);
        if (is_watched(made) && !(flags & O_DIRECTORY)) {
            if (!was_there) note('o', number(made), 0, last_part(path), strlen(last_part(path)));
            else if (flags & O_TRUNC) note('t', number(made), 0, "", 0);
        }
    }
    pthread_mutex_unlock(&lock);
    return made;
}

#define MODE(flags) ({ va_list rest; va_start(rest, flags); mode_t m = (flags) & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; va_end(rest); m; })

int open(const char *path, int flags, ...) { return open_file(AT_FDCWD, path, flags, MODE(flags)); }
int open64(const char *path, int flags, ...) { return open_file(AT_FDCWD, path, flags, MODE(flags)); }
int openat(int directory, const char *path, int flags, ...) { return open_file(directory, path, flags, MODE(flags)); }
int openat64(int directory, const char *path, int flags, ...) { return open_file(directory, path, flags, MODE(flags)); }

int close(int descriptor) {
    if (descriptor >= 0 && descriptor < LIMIT) watched[descriptor] = 0;
    return REAL(close)(descriptor);
}

static ssize_t put(int descriptor, const void *bytes, size_t count, off_t offset, int is_at) {
    ssize_t (*real_at)(int, const void *, size_t, off_t) = REAL(pwrite);
    ssize_t (*real)(int, const void *, size_t) = REAL(write);
    if (!is_watched(descriptor)) return is_at ? real_at(descriptor, bytes, count, offset) : real(descriptor, bytes, count);
    pthread_mutex_lock(&lock);
    ssize_t done = -1;
    enum fault how = fault();
    if (how == EIO_FAULT || how == ENOSPC_FAULT) {
        errno = how == EIO_FAULT ? EIO : ENOSPC;
    } else {
        if (how == SHORT_FAULT && count > 1) count /= 2;
        off_t at = is_at ? offset : lseek(descriptor, 0, SEEK_CUR);
        done = is_at ? real_at(descriptor, bytes, count, offset) : real(descriptor, bytes, count);
        if (done > 0) note('w', number(descriptor), (uint64_t)at, bytes, (uint64_t)done);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int descriptor, const void *bytes, size_t count) { return put(descriptor, bytes, count, 0, 0); }
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) { return put(descriptor, bytes, count, offset, 1); }
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) { return put(descriptor, bytes, count, offset, 1); }

#define GUARDED(descriptor, needs_space, call)                            \
    if (!is_watched(descriptor)) return call;                             \
    pthread_mutex_lock(&lock);                                            \
    int failed = fails(needs_space);                                      \
    pthread_mutex_unlock(&lock);                                          \
    return failed ? -1 : call

ssize_t read(int descriptor, void *bytes, size_t count) { GUARDED(descriptor, 0, REAL(read)(descriptor, bytes, count)); }
ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) { GUARDED(descriptor, 0, REAL(pread)(descriptor, bytes, count, offset)); }
ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t offset) { GUARDED(descriptor, 0, REAL(pread64)(descriptor, bytes, count, offset)); }

static int sync_file(int descriptor, int (*real)(int)) {
    if (!is_watched(descriptor)) return real(descriptor);
    pthread_mutex_lock(&lock);
    int result = -1;
    if (!fails(0)) {
        result = real(descriptor);
        struct stat about;
        int is_folder = fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode);
        if (result == 0) note(is_folder ? 'd' : 's', number(descriptor), 0, "", 0);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int descriptor) { return sync_file(descriptor, REAL(fsync)); }
int fdatasync(int descriptor) { return sync_file(descriptor, REAL(fdatasync)); }

static int cut(int descriptor, off_t size) {
    if (!is_watched(descriptor)) return REAL(ftruncate)(descriptor, size);
    pthread_mutex_lock(&lock);
    int result = -1;
    if (!fails(0)) {
        result = REAL(ftruncate)(descriptor, size);
        if (result == 0) note('t', number(descriptor), (uint64_t)size, "", 0);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int descriptor, off_t size) { return cut(descriptor, size); }
int ftruncate64(int descriptor, off64_t size) { return cut(descriptor, size); }

// The names within a folder are what changes: all that prefd keeps lies in one.
static int change(char what, int directory, const char *from, const char *to, int (*call)(int, const char *, const char *)) {
    char whole[PATH_MAX] = "";
    if (from[0] != '/' && directory != AT_FDCWD) copy_path(directory, whole);
    if (!is_below(from[0] == '/' ? from : whole)) return call(directory, from, to);
    pthread_mutex_lock(&lock);
    int result = -1;
    if (!fails(what != 'u')) {
        result = call(directory, from, to);
        char names[2 * PATH_MAX];
        int count = snprintf(names, sizeof names, "%s", last_part(from));
        if (to != NULL) count += 1 + snprintf(names + count + 1, sizeof names - (size_t)count - 1, "%s", last_part(to));
        if (result == 0) note(what, 0, 0, names, (uint64_t)count);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

static int real_rename(int directory, const char *from, const char *to) { return REAL(renameat)(directory, from, directory, to); }
static int real_unlink(int directory, const char *name, const char *none) {
    (void)none;
    return REAL(unlinkat)(directory, name, 0);
}
static int real_link(int directory, const char *from, const char *to) { return REAL(linkat)(directory, from, directory, to, 0); }

int rename(const char *from, const char *to) { return change('r', AT_FDCWD, from, to, real_rename); }
int renameat(int directory, const char *from, int other, const char *to) {
    if (other != directory) return REAL(renameat)(directory, from, other, to);
    return change('r', directory, from, to, real_rename);
}
int unlink(const char *name) { return change('u', AT_FDCWD, name, NULL, real_unlink); }
int unlinkat(int directory, const char *name, int flags) {
    if (flags != 0) return REAL(unlinkat)(directory, name, flags);
    return change('u', directory, name, NULL, real_unlink);
}
int linkat(int directory, const char *from, int other, const char *to, int flags) {
    if (other != directory || flags != 0) return REAL(linkat)(directory, from, other, to, flags);
    return change('l', directory, from, to, real_link);
}
