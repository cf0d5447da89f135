// libsystemd, in shapes that Swift can call: no variadics, no iovec arrays.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Sends newline-separated assignments to the service manager (sd_notify).
/// Returns > 0 when sent, 0 when there is no manager to tell, or a negative errno.
int csystemd_notify(const char *assignments);

/// The watchdog interval that the service manager asks of this process, in microseconds, or 0
/// (sd_watchdog_enabled).
uint64_t csystemd_watchdog_usec(void);

/// Takes the sockets that the service manager passed: sets CLOEXEC on them and clears the
/// environment (sd_listen_fds_with_names). The descriptors are 3, 4, ...
/// Returns how many there are, or a negative errno. *names is then a NULL-terminated array for
/// csystemd_free_names, or NULL.
int csystemd_listen_fds(char ***names);

/// Frees what csystemd_listen_fds gave.
void csystemd_free_names(char **names);

/// The first descriptor that a service manager passes.
int csystemd_first_listen_fd(void);

/// 1 where fd is a listening AF_UNIX stream socket, 0 where it is something else, or a negative errno.
int csystemd_is_listening_unix_stream(int fd);

/// Sends one native journal entry (sd_journal_sendv): `count` fields, laid end to end in `bytes`,
/// field i being lengths[i] bytes of "NAME=value".
/// Returns 0 also where no journald listens, or a negative errno.
int csystemd_journal_send(const uint8_t *bytes, const size_t *lengths, size_t count);

/// 1 where something receives on the datagram socket at `path`, else 0.
int csystemd_datagram_socket_listens(const char *path);

/// Writes `length` bytes by a single write(2), without ever raising SIGPIPE in this process.
/// Returns what was written, or a negative errno.
long csystemd_write_once(int fd, const uint8_t *bytes, size_t length);
