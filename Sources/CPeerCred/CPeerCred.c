#define _GNU_SOURCE
#include "CPeerCred.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

int cpeercred_get(int fd, uid_t *uid, gid_t *gid, pid_t *pid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) {
        return errno;
    }
    // A socket without a peer process (a TCP one, for instance) reports pid 0 and the
    // uid (uid_t)-1: that is no identity.
    if (length != sizeof credentials || credentials.uid == (uid_t)-1) {
        return EINVAL;
    }
    *uid = credentials.uid;
    *gid = credentials.gid;
    *pid = credentials.pid;
    return 0;
}

int cpeercred_accept(int fd) {
    return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
