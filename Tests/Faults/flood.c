// A client that floods prefd, or that asks one thing after the other and measures how long each answer takes.
//
//   flood ask SOCKET SECONDS           one request at a time; prints milliseconds, one a line
//   flood KIND SOCKET SECONDS          connections | requests | signals | preferences; prints how many
//
// In C, so that what is measured is not the client. A flood runs in the scheduler's lowest class (SCHED_IDLE),
// what is measured in a real-time one, and the client that measures before that, where that is allowed: what is
// to be seen is how prefd shares itself out, and not how the kernel shares the cores.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 200, LARGE = 1 << 20 };

static const char *path;
static char answer[1 << 16];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int opened(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 10};
    setsockopt(end, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(end, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(end, (struct sockaddr *)&address, sizeof address) == 0) return end;
    close(end);
    return -1;
}

static int sent(int end, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t done = send(end, bytes, count, MSG_NOSIGNAL);
        if (done <= 0) return 0;
        bytes += done;
        count -= (size_t)done;
    }
    return 1;
}

// Reads one answer and returns its status; 0 where the connection ends first. Answers fit into the buffer.
static int status(int end) {
    size_t have = 0;
    for (;;) {
        ssize_t got = recv(end, answer + have, sizeof answer - 1 - have, 0);
        if (got <= 0) return 0;
        have += (size_t)got;
        answer[have] = 0;
        char *body = strstr(answer, "\r\n\r\n");
        if (!body) continue;
        body += 4;
        char *length = strcasestr(answer, "\r\ncontent-length:");
        size_t rest = have - (size_t)(body - answer);
        int whole = length && length < body ? rest >= strtoul(length + 17, NULL, 10)
                                            : rest >= 5 && !memcmp(answer + have - 5, "0\r\n\r\n", 5);
        if (whole) return atoi(answer + 9);
        if (have == sizeof answer - 1) return 0;
    }
}

static char *request(const char *method, const char *target, const char *body) {
    char *text;
    if (asprintf(&text, "%s %s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s",
                 method, target, strlen(body), body) < 0)
        abort();
    return text;
}

static char *chat(void) {
    return request("POST", "/v1/chat/completions",
                   "{\"model\":\"prefd-mirror\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
}

// One after the other, half of them on a new connection each: both ways in are measured.
static int ask(double until) {
    struct sched_param first = {.sched_priority = 2};
    (void)sched_setscheduler(0, SCHED_RR, &first);
    char *text = chat();
    int kept = -1;
    for (unsigned long count = 0; now() < until; count++) {
        double began = now();
        int isNew = count % 2;
        if (kept < 0) kept = opened();
        int end = isNew ? opened() : kept;
        int got = end >= 0 && sent(end, text, strlen(text)) ? status(end) : 0;
        if (got != 200) {
            fprintf(stderr, "a request was answered with %d (%s): %.200s\n", got, strerror(errno), answer);
            return 1;
        }
        if (isNew) close(end);
        printf("%.3f\n", 1000 * (now() - began));
    }
    return 0;
}

// Connects and goes away, as fast as it can.
static unsigned long connections(double until) {
    unsigned long count = 0;
    while (now() < until) {
        int end = opened();
        if (end >= 0) close(end);
        count++;
    }
    return count;
}

// Keeps many connections, each with requests on their way at all times.
static unsigned long requests(double until, char *const texts[], int kinds, int width) {
    struct pollfd ends[WIDTH];
    int turn[WIDTH] = {0};
    for (int i = 0; i < width; i++) ends[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    unsigned long count = 0;
    while (now() < until) {
        for (int i = 0; i < width; i++) {
            if (ends[i].fd >= 0) continue;
            ends[i].fd = opened();
            const char *text = texts[turn[i]++ % kinds];
            if (ends[i].fd >= 0 && !sent(ends[i].fd, text, strlen(text))) {
                close(ends[i].fd);
                ends[i].fd = -1;
            }
        }
        if (poll(ends, (nfds_t)width, 100) <= 0) continue;
        for (int i = 0; i < width; i++) {
            if (ends[i].fd < 0 || !ends[i].revents) continue;
            ssize_t got = recv(ends[i].fd, answer, sizeof answer, MSG_DONTWAIT);
            if (got > 0) {
                count += (unsigned long)got > 12 && !memcmp(answer, "HTTP/1.1 ", 9);
                const char *text = texts[turn[i]++ % kinds];
                if (sent(ends[i].fd, text, strlen(text))) continue;
            }
            close(ends[i].fd);
            ends[i].fd = -1;
        }
    }
    return count;
}

static char *preference(size_t size) {
    char *value = malloc(size + 1), *body, *text;
    memset(value, 'x', size);
    value[size] = 0;
    if (asprintf(&body, "{\"value\":\"%s\"}", value) < 0) abort();
    text = request("PUT", "/prefd/v1/preferences/note", body);
    free(value);
    free(body);
    return text;
}

int main(int count, char *arguments[]) {
    if (count != 4) return 2;
    const char *kind = arguments[1];
    path = arguments[2];
    double until = now() + atof(arguments[3]);
    signal(SIGPIPE, SIG_IGN);
    if (!strcmp(kind, "ask")) return ask(until);
    struct sched_param none = {0};
    if (sched_setscheduler(0, SCHED_IDLE, &none)) return perror("SCHED_IDLE"), 1;
    unsigned long done = 0;
    if (!strcmp(kind, "connections")) {
        done = connections(until);
    } else if (!strcmp(kind, "requests")) {
        char *texts[] = {chat()};
        done = requests(until, texts, 1, WIDTH);
    } else if (!strcmp(kind, "signals")) {
        char *texts[] = {request("POST", "/prefd/v1/signals", "{\"kind\":\"rating\",\"value\":5}")};
        done = requests(until, texts, 1, WIDTH / 2);
    } else if (!strcmp(kind, "preferences")) {
        char *texts[] = {preference(400), preference(LARGE)};
        done = requests(until, texts, 2, WIDTH / 10);
    } else {
        return 2;
    }
    printf("%lu\n", done);
    return 0;
}
