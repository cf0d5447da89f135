// Where a program of this benchmark listens or connects: "unix:PATH" or "tcp:PORT" (127.0.0.1).
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct endpoint {
    struct sockaddr_storage address;
    socklen_t length;
    const char *path;  // of a Unix socket, else NULL
};

static inline void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

// CLOCK_MONOTONIC is one clock for all processes, so a stamp that the stub wrote can be
// subtracted from the time at which the load generator read it.
static inline int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline struct endpoint parse_endpoint(const char *text) {
    struct endpoint e = {0};
    if (strncmp(text, "unix:", 5) == 0) {
        struct sockaddr_un *a = (struct sockaddr_un *)&e.address;
        a->sun_family = AF_UNIX;
        if (strlen(text + 5) >= sizeof a->sun_path) {
            fprintf(stderr, "%s: longer than a Unix socket's path may be\n", text);
            exit(2);
        }
        strcpy(a->sun_path, text + 5);
        e.length = sizeof *a;
        e.path = text + 5;
    } else if (strncmp(text, "tcp:", 4) == 0) {
        struct sockaddr_in *a = (struct sockaddr_in *)&e.address;
        a->sin_family = AF_INET;
        a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        a->sin_port = htons((uint16_t)atoi(text + 4));
        e.length = sizeof *a;
    } else {
        fprintf(stderr, "%s: expected unix:PATH or tcp:PORT\n", text);
        exit(2);
    }
    return e;
}

// Small writes must leave at once on TCP as they do on a Unix socket.
static inline void send_without_delay(int fd, const struct endpoint *e) {
    int one = 1;
    if (!e->path) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

#endif
