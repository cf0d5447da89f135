// The load generator: a closed loop of N connections over a Unix socket or TCP.
//
//     load --to unix:PATH|tcp:PORT --body FILE --connections N --requests N [--warmup N]
//          [--method POST] [--path /v1/chat/completions] [--users N] [--rate-every N]
//          [--stream] [--content-only] [--expect FILE] [--timeout SECONDS] [--pid PID]...
//
// Each connection sends the request with FILE as its body, reads the whole answer, and sends the
// next at once, until N requests were sent on all connections together. Before that the warm-up
// requests go the same way, unmeasured.
//
// With --users each request speaks for the next of N users (X-Prefd-User), in an order that visits
// each once in N requests and has nothing to do with that of their names. With --rate-every a
// connection of its own posts a rating, in the name of the same user, for every Nth answer.
//
// Every answer is checked (see answer.h). What is wrong is an error, counted by kind, and is in no
// latency figure. The CPU time of the --pid processes is read right before and right after the
// measured part. Result: one JSON object on stdout; all times in nanoseconds.
#define _GNU_SOURCE
#include "endpoint.h"
#include "answer.h"
#include "usage.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>

// MARK: What is asked and what is expected

static struct endpoint target;
static struct expectation expectation;
static const struct expectation any_answer;
static const char *method = "POST", *path = "/v1/chat/completions";
static const char *body = "";
static size_t body_bytes;
static uint64_t users, asked;

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

enum { REQUEST_BYTES = 1024 };

// The headers of the openai package, as far as they matter to a proxy.
static size_t write_head(
    char *to, const char *method, const char *path, size_t body, uint64_t user
) {
    int n = snprintf(to, REQUEST_BYTES,
        "%s %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
        "Accept-Encoding: identity\r\nContent-Type: application/json\r\n"
        "User-Agent: OpenAI/Python 3.0.0\r\nAuthorization: Bearer unused\r\n"
        "Content-Length: %zu\r\n", method, path, body);
    size_t room = REQUEST_BYTES - (size_t)n;
    n += users ? snprintf(to + n, room, "X-Prefd-User: u%07" PRIu64 "\r\n\r\n", user)
        : snprintf(to + n, room, "\r\n");
    return (size_t)n;
}

// The user of the Nth request: the factor is prime, so that it has none in common with `users`.
static uint64_t user_of(uint64_t number) {
    return users ? number * 48271 % users : 0;
}

// MARK: One connection

struct connection {
    int fd;
    bool rates;  // it posts ratings, while the others ask
    bool busy, connected_once, waits_to_write;
    uint64_t user;
    char head[REQUEST_BYTES];  // of the request; with its body where that is not `body`
    size_t head_bytes, request_bytes, sent;
    struct answer answer;
};

static struct connection *connections, rater;
static int connection_count, poller;
static uint64_t to_send, in_flight;

static struct histogram latency, rating_latency;
static struct timings timings;
static uint64_t failures[FAILURES], completed, events_seen, body_bytes_seen, reconnects;
static int64_t last_completed_ns;
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
    c->waits_to_write = false;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &e);
    if (c->connected_once) reconnects++;
    c->connected_once = true;
}

static void fail(struct connection *c, enum failure kind, const char *detail) {
    failures[kind]++;
    if (!first_failure[0]) {
        // It goes into JSON: printable characters without quotes only.
        size_t n = (size_t)snprintf(first_failure, sizeof first_failure, "%s%s: ",
            c->rates ? "rating: " : "", failure_names[kind]);
        for (size_t i = 0; detail[i] && i < 300; i++) {
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

static void arm(struct connection *c, bool writing) {
    if (c->waits_to_write == writing) return;
    c->waits_to_write = writing;
    struct epoll_event e = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e);
}

static void write_request(struct connection *c) {
    while (c->sent < c->request_bytes) {
        size_t of_body = c->sent > c->head_bytes ? c->sent - c->head_bytes : 0;
        size_t of_head = c->sent - of_body;
        struct iovec parts[] = {
            {c->head + of_head, c->head_bytes - of_head},
            {(char *)body + of_body, c->request_bytes - c->head_bytes - of_body},
        };
        ssize_t n = writev(c->fd, parts, 2);
        if (n < 0 && errno == EAGAIN) {
            arm(c, true);
            return;
        }
        if (n < 0) {
            // The peer has closed; what it had to say before, if anything, is read as usual.
            c->sent = c->request_bytes;
            break;
        }
        c->sent += (size_t)n;
    }
    arm(c, false);
}

static void send_request(struct connection *c, const struct expectation *expected) {
    in_flight++;
    c->busy = true;
    c->sent = 0;
    begin_answer(&c->answer, expected, now_ns());
    write_request(c);
}

// MARK: Ratings

struct rating {
    char request_id[64];
    uint64_t user;
};

static uint64_t rate_every;
static struct rating *ratings;  // those of one run that are due, in order
static uint64_t answered, ratings_due, ratings_sent, rated;

static void note_rating(struct connection *c) {
    const char *id = header(&c->answer, "\r\nx-prefd-request-id:");
    if (!id) return;
    struct rating *r = &ratings[ratings_due++];
    size_t n = strcspn(id, "\r\n");
    if (n >= sizeof r->request_id) n = sizeof r->request_id - 1;
    memcpy(r->request_id, id, n);
    r->request_id[n] = 0;
    r->user = c->user;
    if (!rater.busy) start(&rater);
}

static void start_rating(struct connection *c) {
    if (ratings_sent == ratings_due) return;
    struct rating *r = &ratings[ratings_sent++];
    char text[160];
    int n = snprintf(text, sizeof text,
        "{\"kind\":\"rating\",\"request_id\":\"%s\",\"value\":\"up\"}", r->request_id);
    c->head_bytes = write_head(c->head, "POST", "/prefd/v1/signals", (size_t)n, r->user);
    memcpy(c->head + c->head_bytes, text, (size_t)n);
    c->head_bytes += (size_t)n;
    c->request_bytes = c->head_bytes;
    send_request(c, &any_answer);
}

// MARK: Asking

static void start(struct connection *c) {
    if (c->rates) {
        start_rating(c);
        return;
    }
    if (to_send == 0) return;
    to_send--;
    uint64_t user = user_of(asked++);
    // Without users every request has the same head.
    if (users || !c->head_bytes)
        c->head_bytes = write_head(c->head, method, path, body_bytes, user);
    c->user = user;
    c->request_bytes = c->head_bytes + body_bytes;
    send_request(c, &expectation);
}

static void complete(struct connection *c, int64_t now) {
    int64_t took = now - c->answer.begun_ns;
    c->busy = false;
    in_flight--;
    if (c->rates) {
        if (timings.measuring) {
            rated++;
            record(&rating_latency, took);
        }
    } else {
        if (timings.measuring) {
            record(&latency, took);
            last_completed_ns = now;
            completed++;
            events_seen += c->answer.events;
            body_bytes_seen += c->answer.body_bytes;
        }
        if (rate_every && ++answered % rate_every == 0) note_rating(c);
    }
    if (c->answer.close_after) {
        close(c->fd);
        open_connection(c);
    }
    start(c);
}

static void readable(struct connection *c) {
    static char buffer[65536];
    ssize_t n = read(c->fd, buffer, sizeof buffer);
    if (n < 0 && errno == EAGAIN) return;
    if (n > 0 && c->busy) {
        int64_t now = now_ns();
        switch (take(&c->answer, buffer, (size_t)n, now, &timings)) {
        case MORE: break;
        case WHOLE: complete(c, now); break;
        case WRONG: fail(c, c->answer.failure, c->answer.detail); break;
        }
        return;
    }
    if (c->busy) {
        fail(c, LOST, n < 0 ? strerror(errno) : "closed");
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

// Sends `count` requests and waits for their answers and ratings. False: the time was up.
static bool run(uint64_t count, int64_t deadline_ns) {
    to_send = count;
    for (int i = 0; i < connection_count; i++) start(&connections[i]);
    while (in_flight) {
        struct epoll_event events[256];
        int n = epoll_wait(poller, events, 256, 200);
        if (n < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if ((events[i].events & EPOLLOUT) && c->sent < c->request_bytes) write_request(c);
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

static int64_t own_cpu_ns(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000ll
        + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000ll;
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"to", 1, 0, 't'}, {"body", 1, 0, 'b'}, {"connections", 1, 0, 'c'},
        {"requests", 1, 0, 'n'}, {"warmup", 1, 0, 'w'}, {"stream", 0, 0, 's'},
        {"expect", 1, 0, 'e'}, {"timeout", 1, 0, 'T'}, {"pid", 1, 0, 'p'},
        {"method", 1, 0, 'm'}, {"path", 1, 0, 'P'}, {"users", 1, 0, 'u'},
        {"rate-every", 1, 0, 'r'}, {"content-only", 0, 0, 'o'}, {0},
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
        case 's': expectation.streamed = true; break;
        case 'e': expect_path = optarg; break;
        case 'T': timeout = atof(optarg); break;
        case 'p': if (pid_count < 64) pids[pid_count++] = atoi(optarg); break;
        case 'm': method = optarg; break;
        case 'P': path = optarg; break;
        case 'u': users = strtoull(optarg, NULL, 10); break;
        case 'r': rate_every = strtoull(optarg, NULL, 10); break;
        case 'o': expectation.content_only = true; break;
        default: return 2;
        }
    }
    if (!to || !body_path || connection_count < 1) {
        fprintf(stderr, "load: --to and --body are needed\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    target = parse_endpoint(to);
    if (expect_path) expectation.text = read_file(expect_path, &expectation.bytes);
    body = read_file(body_path, &body_bytes);

    poller = epoll_create1(EPOLL_CLOEXEC);
    connections = calloc((size_t)connection_count, sizeof *connections);
    ratings = calloc(requests + warmup + 1, sizeof *ratings);
    if (!connections || !ratings) die("calloc");
    for (int i = 0; i < connection_count; i++) open_connection(&connections[i]);
    rater.rates = true;
    if (rate_every) open_connection(&rater);

    int64_t deadline = now_ns() + (int64_t)(timeout * 1e9);
    bool whole = run(warmup, deadline);
    reconnects = 0;  // of the measured part only; errors of the warm-up do count

    struct usage before[64], after[64];
    int64_t begun = 0, own = 0;
    if (whole) {
        for (int i = 0; i < pid_count; i++) before[i] = usage_of(pids[i]);
        own = own_cpu_ns();
        timings.measuring = true;
        begun = last_completed_ns = now_ns();
        whole = run(requests, deadline);
        own = own_cpu_ns() - own;
        for (int i = 0; i < pid_count; i++) after[i] = usage_of(pids[i]);
    }

    printf("{\"whole\":%s,\"elapsed\":%" PRId64 ",\"completed\":%" PRIu64 ",\"events\":%" PRIu64
        ",\"body_bytes\":%" PRIu64 ",\"reconnects\":%" PRIu64 ",\"rated\":%" PRIu64 ",",
        whole ? "true" : "false", last_completed_ns - begun, completed, events_seen,
        body_bytes_seen, reconnects, rated);
    print_histogram("latency", &latency);
    print_histogram("first_event", &timings.first_event);
    print_histogram("event_transit", &timings.event_transit);
    print_histogram("rating_latency", &rating_latency);
    printf("\"errors\":{");
    for (int i = 0; i < FAILURES; i++)
        printf("%s\"%s\":%" PRIu64, i ? "," : "", failure_names[i], failures[i]);
    printf("},\"first_error\":\"%s\",\"processes\":[", first_failure);
    for (int i = 0; timings.measuring && i < pid_count; i++) {
        if (i) printf(",");
        print_usage(pids[i], before[i], after[i]);
    }
    printf("],\"own_cpu\":%" PRId64 "}\n", own);
    return 0;
}
