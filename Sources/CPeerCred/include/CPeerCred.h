// SO_PEERCRED and accept4 for Swift: glibc shows them only under _GNU_SOURCE, which Swift's
// importer does not set.
#ifndef CPEERCRED_H
#define CPEERCRED_H

#include <sys/types.h>

// Fills in the credentials that the kernel recorded when the peer of a connected Unix socket
// called connect(2), see unix(7). Returns 0, or the errno of getsockopt(2).
int cpeercred_get(int fd, uid_t *uid, gid_t *gid, pid_t *pid);

// accept4(2), for connections that do not block and end with the process image. Returns the
// descriptor, or -1 with errno.
int cpeercred_accept(int fd);

#endif
