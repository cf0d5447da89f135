#define _GNU_SOURCE
#include "CSystemd.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

// Without this, sd_journal_sendv is a macro that adds this file's name and line to every entry.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

// More than any entry of prefd has; keeps the vector on the stack.
enum { MAX_FIELDS = 64 };

int csystemd_notify(const char *assignments) { return sd_notify(0, assignments); }

uint64_t csystemd_watchdog_usec(void) {
    uint64_t usec = 0;
    return sd_watchdog_enabled(0, &usec) > 0 ? usec : 0;
}

int csystemd_listen_fds(char ***names) { return sd_listen_fds_with_names(1, names); }

void csystemd_free_names(char **names) {
    if (names == NULL) return;
    for (char **name = names; *name != NULL; name++) free(*name);
    free(names);
}

int csystemd_first_listen_fd(void) { return SD_LISTEN_FDS_START; }

int csystemd_is_listening_unix_stream(int fd) {
    return sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0);
}

int csystemd_journal_send(const uint8_t *bytes, const size_t *lengths, size_t count) {
    struct iovec vector[MAX_FIELDS];
    if (count > MAX_FIELDS) return -E2BIG;
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        // sd_journal_sendv only reads; iovec has no const.
        vector[i].iov_base = (void *)(bytes + offset);
        vector[i].iov_len = lengths[i];
        offset += lengths[i];
    }
    return sd_journal_sendv(vector, (int)count);
}

int csystemd_datagram_socket_listens(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path) return 0;
    memcpy(address.sun_path, path, length);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return 0;
    int connected = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return connected;
}

long csystemd_write_once(int fd, const uint8_t *bytes, size_t length) {
    // A reader of stderr that has gone would kill the process by SIGPIPE. The signal is held back for
    // this thread and, where the write raised it, taken off again.
    sigset_t pipe_signal, pending, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    int was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);

    ssize_t written;
    do {
        written = write(fd, bytes, length);
    } while (written < 0 && errno == EINTR);
    long result = written < 0 ? -(long)errno : (long)written;

    if (result == -EPIPE && !was_pending) {
        const struct timespec now = {0};
        while (sigtimedwait(&pipe_signal, NULL, &now) < 0 && errno == EINTR) {}
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}
