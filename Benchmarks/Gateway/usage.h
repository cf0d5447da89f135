// CPU time of other processes.
#ifndef USAGE_H
#define USAGE_H

#include "endpoint.h"

#include <inttypes.h>

struct usage {
    int64_t cpu_ns;
    uint64_t user_ticks, system_ticks;
};

// The total comes from the process's CPU clock, which is exact; /proc/PID/stat has the share of
// user and system, in ticks of (mostly) 10 ms.
static struct usage usage_of(pid_t pid) {
    struct usage u = {0};
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &t) == 0)
        u.cpu_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f) die(path);
    size_t n = fread(line, 1, sizeof line - 1, f);
    line[n] = 0;
    fclose(f);
    // The command's name may hold anything: fields are counted from its closing bracket.
    char *p = strrchr(line, ')');
    if (p) sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64,
        &u.user_ticks, &u.system_ticks);
    return u;
}

static void print_usage(pid_t pid, struct usage before, struct usage after) {
    uint64_t tick_ns = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);
    printf("{\"pid\":%d,\"cpu\":%" PRId64 ",\"user\":%" PRIu64 ",\"system\":%" PRIu64 "}",
        pid, after.cpu_ns - before.cpu_ns, (after.user_ticks - before.user_ticks) * tick_ns,
        (after.system_ticks - before.system_ticks) * tick_ns);
}

#endif
