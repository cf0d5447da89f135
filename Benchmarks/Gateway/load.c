// The load generator: a closed loop of N connections over a Unix socket or TCP.
//
//     load --to unix:PATH|tcp:PORT --body FILE --connections N --requests N [--warmup N]
//          [--stream] --expect FILE [--timeout SECONDS] [--pid PID]...
//
// Each connection sends POST /v1/chat/completions with FILE's bytes, reads the whole answer, and
// sends the next at once, until N requests were sent on all connections together. Before that the
// warm-up requests go the same way, unmeasured.
//
// Every answer is checked. Plain: status 200 and the bytes of --expect. Streamed: status 200, the
// deltas' text together equal to --expect, a finish_reason, `data: [DONE]` and a proper end of
// the HTTP body. Anything else is an error, counted by kind, and is in no latency figure.
//
// The CPU time of the --pid processes is read right before and right after the measured part.
// Result: one JSON object on stdout; all times in nanoseconds.
#define _GNU_SOURCE
#include "endpoint.h"

#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>

// MARK: A histogram with buckets of constant relative width (under 0.8 %), as HdrHistogram has

enum { SUB_BITS = 7, SUB = 1 << SUB_BITS, BUCKETS = (44 - SUB_BITS) * SUB };

struct histogram {
    uint64_t count, sum, max;
    uint64_t buckets[BUCKETS];
};

static void record(struct histogram *h, int64_t ns) {
    uint64_t v = ns < 0 ? 0 : (uint64_t)ns;
    size_t index = v;
    if (v >= SUB) {
        int top = 63 - __builtin_clzll(v);
        index = (size_t)(top - SUB_BITS + 1) * SUB + ((v >> (top - SUB_BITS)) & (SUB - 1));
        if (index >= BUCKETS) index = BUCKETS - 1;
    }
    h->buckets[index]++;
    h->count++;
    h->sum += v;
    if (v > h->max) h->max = v;
}

static uint64_t quantile(const struct histogram *h, double q) {
    uint64_t rank = (uint64_t)(q * (double)h->count), seen = 0;
    if (rank >= h->count) rank = h->count ? h->count - 1 : 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen <= rank) continue;
        if (i < SUB) return i;
        int top = (int)(i / SUB) + SUB_BITS - 1;
        uint64_t width = 1ull << (top - SUB_BITS);
        uint64_t middle = (1ull << top) + (i % SUB) * width + width / 2;
        return middle < h->max ? middle : h->max;
    }
    return h->max;
}

static void print_histogram(const char *name, const struct histogram *h) {
    printf("\"%s\":{\"count\":%" PRIu64 ",\"mean\":%" PRIu64 ",\"p50\":%" PRIu64
        ",\"p90\":%" PRIu64 ",\"p99\":%" PRIu64 ",\"p999\":%" PRIu64 ",\"max\":%" PRIu64 "},",
        name, h->count, h->count ? h->sum / h->count : 0, quantile(h, 0.5), quantile(h, 0.9),
        quantile(h, 0.99), quantile(h, 0.999), h->max);
}

// MARK: What is asked and what is expected

static struct endpoint target;
static bool streamed;
static char *request, *expected;
static size_t request_bytes, expected_bytes;

static char *read_file(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    if (!f) die(path);
    fseek(f, 0, SEEK_END);
    *size = (size_t)ftell(f);
    rewind(f);
    char *bytes = malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, f) != *size) die(path);
    bytes[*size] = 0;
    fclose(f);
    return bytes;
}

// MARK: One connection and its answer

enum failure { BAD_STATUS, BAD_TEXT, BAD_END, BAD_FRAMING, LOST, TIMED_OUT, FAILURES };
static const char *const failure_names[] = {
    "status", "text", "end", "framing", "connection", "timeout",
};

enum { HEAD_BYTES = 16384, EVENT_LIMIT = 16384 };

struct connection {
    int fd;
    bool busy, connected_once;
    size_t sent;
    int64_t begun_ns;

    bool in_head, chunked, close_after, has_length;
    char head[HEAD_BYTES];
    size_t head_bytes;
    uint64_t left;  // of the body, or of the current HTTP chunk
    enum { CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_DATA, CHUNK_END, TRAILER } chunk_state;
    size_t trailer_line;
    bool size_seen;

    size_t text_bytes;  // of the expected text, matched so far
    uint64_t body_bytes;
    uint32_t events;
    bool wrong_text, finished, done;
    char event[EVENT_LIMIT];
    size_t event_bytes;
};

static struct connection *connections;
static int connection_count, poller;
static uint64_t to_send, in_flight;
static bool measuring;

static struct histogram latency, first_event, event_transit;
static uint64_t failures[FAILURES], completed, events_seen, body_bytes_seen, reconnects;
static char first_failure[512];

static void start(struct connection *c);

static void open_connection(struct connection *c) {
    c->fd = socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket");
    // A Unix socket's backlog can be full for a moment when many connect at once.
    int64_t give_up = now_ns() + 5000000000;
    while (connect(c->fd, (struct sockaddr *)&target.address, target.length)) {
        if ((errno != EAGAIN && errno != EINTR) || now_ns() > give_up) die("connect");
        usleep(1000);
    }
    fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) | O_NONBLOCK);
    send_without_delay(c->fd, &target);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &e);
    if (c->connected_once) reconnects++;
    c->connected_once = true;
}

static void fail(struct connection *c, enum failure kind, const char *detail, size_t count) {
    failures[kind]++;
    if (!first_failure[0]) {
        // It goes into JSON: printable characters without quotes only.
        size_t n = (size_t)snprintf(first_failure, sizeof first_failure, "%s: ", failure_names[kind]);
        for (size_t i = 0; i < count && i < 300; i++) {
            char ch = detail[i];
            first_failure[n++] = ch < ' ' || ch > '~' || ch == '"' || ch == '\\' ? ' ' : ch;
        }
        first_failure[n] = 0;
    }
    close(c->fd);
    c->busy = false;
    in_flight--;
    open_connection(c);
    start(c);
}

static void write_request(struct connection *c) {
    while (c->sent < request_bytes) {
        ssize_t n = write(c->fd, request + c->sent, request_bytes - c->sent);
        if (n < 0 && errno == EAGAIN) {
            struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
            epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e);
            return;
        }
        if (n < 0) {
            // The peer has closed; what it had to say before, if anything, is read as usual.
            c->sent = request_bytes;
            return;
        }
        c->sent += (size_t)n;
    }
}

static void start(struct connection *c) {
    if (to_send == 0) return;
    to_send--;
    in_flight++;
    c->busy = true;
    c->sent = 0;
    c->in_head = true;
    c->head_bytes = 0;
    c->text_bytes = 0;
    c->body_bytes = 0;
    c->events = 0;
    c->event_bytes = 0;
    c->wrong_text = c->finished = c->done = false;
    c->begun_ns = now_ns();
    write_request(c);
}

static void complete(struct connection *c, int64_t now) {
    if (c->wrong_text || c->text_bytes != expected_bytes) {
        fail(c, BAD_TEXT, "the text differs", 16);
        return;
    }
    if (streamed && (!c->finished || !c->done)) {
        fail(c, BAD_END, "no finish_reason or no [DONE]", 29);
        return;
    }
    if (measuring) {
        record(&latency, now - c->begun_ns);
        completed++;
        events_seen += c->events;
        body_bytes_seen += c->body_bytes;
    }
    c->busy = false;
    in_flight--;
    if (c->close_after) {
        close(c->fd);
        open_connection(c);
    }
    start(c);
}

// MARK: Reading an answer

static void match_text(struct connection *c, const char *bytes, size_t count) {
    if (c->text_bytes + count > expected_bytes
        || memcmp(expected + c->text_bytes, bytes, count) != 0) {
        c->wrong_text = true;
        return;
    }
    c->text_bytes += count;
}

// One server-sent event, without its empty line.
static void take_event(struct connection *c, const char *event, size_t count, int64_t now) {
    if (count < 6 || memcmp(event, "data: ", 6) != 0) return;
    if (count == 12 && memcmp(event + 6, "[DONE]", 6) == 0) {
        c->done = true;
        return;
    }
    const char *end = event + count;
    static const char content[] = "\"content\":\"", stamp[] = "\"obfuscation\":\"";
    const char *p = memmem(event, count, content, sizeof content - 1);
    if (p) {
        p += sizeof content - 1;
        const char *quote = memchr(p, '"', (size_t)(end - p));
        if (quote) match_text(c, p, (size_t)(quote - p));
        else c->wrong_text = true;
    }
    if (memmem(event, count, "\"finish_reason\":\"", 17)) c->finished = true;
    if (c->events++ == 0 && measuring) record(&first_event, now - c->begun_ns);
    p = memmem(event, count, stamp, sizeof stamp - 1);
    if (p && measuring && end - p > (ptrdiff_t)sizeof stamp + 16) {
        int64_t sent = 0;
        for (const char *d = p + sizeof stamp - 1; d < p + sizeof stamp - 1 + 16; d++)
            sent = sent << 4 | (*d <= '9' ? *d - '0' : *d - 'a' + 10);
        record(&event_transit, now - sent);
    }
}

// False: the answer was given up, and with it what else was read.
static bool take_body(struct connection *c, const char *bytes, size_t count, int64_t now) {
    c->body_bytes += count;
    if (!streamed) {
        match_text(c, bytes, count);
        return true;
    }
    // A proxy may join many events into one write, so that what was read is taken by pieces.
    while (count > 0) {
        size_t room = EVENT_LIMIT - c->event_bytes, piece = count < room ? count : room;
        if (piece == 0) {
            fail(c, BAD_FRAMING, "an event has no end", 19);
            return false;
        }
        memcpy(c->event + c->event_bytes, bytes, piece);
        c->event_bytes += piece;
        bytes += piece;
        count -= piece;
        char *at = c->event, *end = c->event + c->event_bytes, *gap;
        while ((gap = memmem(at, (size_t)(end - at), "\n\n", 2))) {
            take_event(c, at, (size_t)(gap - at), now);
            at = gap + 2;
        }
        c->event_bytes = (size_t)(end - at);
        memmove(c->event, at, c->event_bytes);
    }
    return true;
}

static bool take_head(struct connection *c) {
    char *end = memmem(c->head, c->head_bytes, "\r\n\r\n", 4);
    *end = 0;
    if (strncmp(c->head, "HTTP/1.1 200", 12) != 0) {
        fail(c, BAD_STATUS, c->head, strlen(c->head));
        return false;
    }
    const char *length = strcasestr(c->head, "\r\ncontent-length:");
    c->chunked = strcasestr(c->head, "\r\ntransfer-encoding: chunked") != NULL;
    c->close_after = strcasestr(c->head, "\r\nconnection: close") != NULL;
    c->left = length ? strtoull(length + 17, NULL, 10) : 0;
    if (!length && !c->chunked) {
        fail(c, BAD_FRAMING, c->head, strlen(c->head));
        return false;
    }
    c->chunk_state = CHUNK_SIZE;
    c->size_seen = false;
    c->in_head = false;
    return true;
}

// Takes all bytes of one read; the answer may end in them, and nothing may follow it.
static void feed(struct connection *c, const char *p, size_t count, int64_t now) {
    const char *end = p + count;
    if (c->in_head) {
        size_t room = HEAD_BYTES - 1 - c->head_bytes, n = count < room ? count : room;
        memcpy(c->head + c->head_bytes, p, n);
        size_t before = c->head_bytes;
        c->head_bytes += n;
        char *gap = memmem(c->head, c->head_bytes, "\r\n\r\n", 4);
        if (!gap) {
            if (n == room) fail(c, BAD_FRAMING, "a head without end", 18);
            return;
        }
        p += (size_t)(gap + 4 - c->head) - before;
        if (!take_head(c)) return;
        if (!c->chunked && c->left == 0) {
            complete(c, now);
            return;
        }
    }
    if (!c->chunked) {
        size_t n = (size_t)(end - p);
        if (n > c->left) {
            fail(c, BAD_FRAMING, "more bytes than Content-Length", 30);
            return;
        }
        if (n && !take_body(c, p, n, now)) return;
        c->left -= n;
        if (c->left == 0) complete(c, now);
        return;
    }
    while (p < end) {
        switch (c->chunk_state) {
        case CHUNK_SIZE: {
            char ch = *p++;
            int digit = ch >= '0' && ch <= '9' ? ch - '0'
                : (ch | 32) >= 'a' && (ch | 32) <= 'f' ? (ch | 32) - 'a' + 10 : -1;
            if (digit >= 0) {
                c->left = (c->size_seen ? c->left << 4 : 0) | (uint64_t)digit;
                c->size_seen = true;
                break;
            }
            if (!c->size_seen) {
                fail(c, BAD_FRAMING, "a chunk without a size", 22);
                return;
            }
            c->chunk_state = CHUNK_EXTENSION;
            p--;
            break;
        }
        case CHUNK_EXTENSION:
            if (*p++ != '\n') break;
            c->chunk_state = c->left ? CHUNK_DATA : TRAILER;
            c->trailer_line = 0;
            break;
        case CHUNK_DATA: {
            size_t n = (size_t)(end - p);
            if (n > c->left) n = c->left;
            if (!take_body(c, p, n, now)) return;
            p += n;
            c->left -= n;
            if (c->left == 0) c->chunk_state = CHUNK_END;
            break;
        }
        case CHUNK_END:
            if (*p++ != '\n') break;
            c->chunk_state = CHUNK_SIZE;
            c->size_seen = false;
            break;
        case TRAILER: {
            char ch = *p++;
            if (ch == '\r') break;
            if (ch != '\n') {
                c->trailer_line++;
                break;
            }
            if (c->trailer_line) {
                c->trailer_line = 0;
                break;
            }
            if (p != end) fail(c, BAD_FRAMING, "bytes after the answer's end", 28);
            else complete(c, now);
            return;
        }
        }
    }
}

// MARK: The loop

static void readable(struct connection *c) {
    static char buffer[65536];
    ssize_t n = read(c->fd, buffer, sizeof buffer);
    if (n < 0 && errno == EAGAIN) return;
    if (n > 0 && c->busy) {
        feed(c, buffer, (size_t)n, now_ns());
        return;
    }
    if (c->busy) {
        fail(c, LOST, n < 0 ? strerror(errno) : "closed", n < 0 ? strlen(strerror(errno)) : 6);
        return;
    }
    // An idle connection was closed (or was sent something nobody asked for).
    close(c->fd);
    open_connection(c);
}

static uint64_t failure_total(void) {
    uint64_t sum = 0;
    for (int i = 0; i < FAILURES; i++) sum += failures[i];
    return sum;
}

// Sends `count` requests and waits for their answers. False: the time was up.
static bool run(uint64_t count, int64_t deadline_ns) {
    to_send = count;
    for (int i = 0; i < connection_count; i++) start(&connections[i]);
    while (in_flight) {
        struct epoll_event events[256];
        int n = epoll_wait(poller, events, 256, 200);
        if (n < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if ((events[i].events & EPOLLOUT) && c->sent < request_bytes) {
                write_request(c);
                if (c->sent == request_bytes) {
                    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
                    epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e);
                }
            }
            if (events[i].events & ~(uint32_t)EPOLLOUT) readable(c);
        }
        // What fails steadily is broken: more of it measures nothing.
        if (now_ns() > deadline_ns || failure_total() > 200) {
            if (failure_total() <= 200) failures[TIMED_OUT] += in_flight;
            return false;
        }
    }
    return true;
}

// MARK: CPU time of other processes

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

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"to", 1, 0, 't'}, {"body", 1, 0, 'b'}, {"connections", 1, 0, 'c'},
        {"requests", 1, 0, 'n'}, {"warmup", 1, 0, 'w'}, {"stream", 0, 0, 's'},
        {"expect", 1, 0, 'e'}, {"timeout", 1, 0, 'T'}, {"pid", 1, 0, 'p'}, {0},
    };
    const char *to = NULL, *body_path = NULL, *expect_path = NULL;
    uint64_t requests = 1, warmup = 0;
    double timeout = 60;
    pid_t pids[64];
    int pid_count = 0;
    connection_count = 1;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (o) {
        case 't': to = optarg; break;
        case 'b': body_path = optarg; break;
        case 'c': connection_count = atoi(optarg); break;
        case 'n': requests = strtoull(optarg, NULL, 10); break;
        case 'w': warmup = strtoull(optarg, NULL, 10); break;
        case 's': streamed = true; break;
        case 'e': expect_path = optarg; break;
        case 'T': timeout = atof(optarg); break;
        case 'p': if (pid_count < 64) pids[pid_count++] = atoi(optarg); break;
        default: return 2;
        }
    }
    if (!to || !body_path || !expect_path || connection_count < 1) {
        fprintf(stderr, "load: --to, --body and --expect are needed\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    target = parse_endpoint(to);
    expected = read_file(expect_path, &expected_bytes);
    size_t body_bytes;
    char *body = read_file(body_path, &body_bytes);
    request = malloc(body_bytes + 512);
    if (!request) die("malloc");
    // The headers of the openai package, as far as they matter to a proxy.
    request_bytes = (size_t)sprintf(request,
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
        "Accept-Encoding: identity\r\nContent-Type: application/json\r\n"
        "User-Agent: OpenAI/Python 3.0.0\r\nAuthorization: Bearer unused\r\n"
        "Content-Length: %zu\r\n\r\n", body_bytes);
    memcpy(request + request_bytes, body, body_bytes);
    request_bytes += body_bytes;
    free(body);

    poller = epoll_create1(EPOLL_CLOEXEC);
    connections = calloc((size_t)connection_count, sizeof *connections);
    if (!connections) die("calloc");
    for (int i = 0; i < connection_count; i++) open_connection(&connections[i]);

    int64_t deadline = now_ns() + (int64_t)(timeout * 1e9);
    bool whole = run(warmup, deadline);
    reconnects = 0;  // of the measured part only; errors of the warm-up do count

    struct usage before[64], after[64];
    struct rusage own_before, own_after;
    int64_t begun = 0, ended = 0;
    if (whole) {
        for (int i = 0; i < pid_count; i++) before[i] = usage_of(pids[i]);
        getrusage(RUSAGE_SELF, &own_before);
        measuring = true;
        begun = now_ns();
        whole = run(requests, deadline);
        ended = now_ns();
        getrusage(RUSAGE_SELF, &own_after);
        for (int i = 0; i < pid_count; i++) after[i] = usage_of(pids[i]);
    }

    printf("{\"whole\":%s,\"elapsed\":%" PRId64 ",\"completed\":%" PRIu64 ",\"events\":%" PRIu64
        ",\"body_bytes\":%" PRIu64 ",\"reconnects\":%" PRIu64 ",",
        whole ? "true" : "false", ended - begun, completed, events_seen, body_bytes_seen, reconnects);
    print_histogram("latency", &latency);
    print_histogram("first_event", &first_event);
    print_histogram("event_transit", &event_transit);
    printf("\"errors\":{");
    for (int i = 0; i < FAILURES; i++)
        printf("%s\"%s\":%" PRIu64, i ? "," : "", failure_names[i], failures[i]);
    printf("},\"first_error\":\"%s\",\"processes\":[", first_failure);
    long tick_ns = 1000000000 / sysconf(_SC_CLK_TCK);
    for (int i = 0; measuring && i < pid_count; i++)
        printf("%s{\"pid\":%d,\"cpu\":%" PRId64 ",\"user\":%" PRIu64 ",\"system\":%" PRIu64 "}",
            i ? "," : "", pids[i], after[i].cpu_ns - before[i].cpu_ns,
            (after[i].user_ticks - before[i].user_ticks) * (uint64_t)tick_ns,
            (after[i].system_ticks - before[i].system_ticks) * (uint64_t)tick_ns);
    int64_t own = 0;
    if (measuring) {
        own = (own_after.ru_utime.tv_sec - own_before.ru_utime.tv_sec
            + own_after.ru_stime.tv_sec - own_before.ru_stime.tv_sec) * 1000000000ll
            + (own_after.ru_utime.tv_usec - own_before.ru_utime.tv_usec
            + own_after.ru_stime.tv_usec - own_before.ru_stime.tv_usec) * 1000ll;
    }
    printf("],\"own_cpu\":%" PRId64 "}\n", own);
    return 0;
}
