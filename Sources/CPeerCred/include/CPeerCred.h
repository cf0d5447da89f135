// SO_PEERCRED for Swift: glibc shows `struct ucred` only under _GNU_SOURCE, which Swift's
// importer does not set.
#ifndef CPEERCRED_H
#define CPEERCRED_H

#include <sys/types.h>

// Fills in the credentials that the kernel recorded when the peer of a connected Unix socket
// called connect(2), see unix(7). Returns 0, or the errno of getsockopt(2).
int cpeercred_get(int fd, uid_t *uid, gid_t *gid, pid_t *pid);

#endif
