// The stub backend: a model server that costs next to nothing.
//
//     stub unix:PATH|tcp:PORT...
//
// One process, one epoll loop, HTTP/1.1 with keep-alive.
//
//     POST /v1/chat/completions   2,048 bytes of JSON, or with "stream":true 200 server-sent events
//                                 of 200 bytes each and `data: [DONE]`
//     GET  /v1/models             one model, `bench-model`
//     GET  /stub/stats            how many generating requests came, and their bodies' total bytes
//
// Each event is written by a write() of its own, in an HTTP chunk of its own, because that is how
// model servers send tokens. `"bench_pace_us":N` in the body sets the time between two events of
// one stream; without it the next event is written as soon as every other stream had its turn.
// Both fields are only looked for in the first bytes of the body, so that the search costs the
// same however long the body is.
//
// Each event carries the time of its writing in its `obfuscation` field (a field of OpenAI's own
// that holds random padding), from which the load generator knows how long it was under way.
#define _GNU_SOURCE
#include "endpoint.h"
#include "stub_answers.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

enum {
    PEEK_BYTES = 96,  // of the body's beginning, where "stream" and "bench_pace_us" are
    INPUT_BYTES = 65536,
};

struct connection {
    int fd;
    bool answering;       // a response is not yet wholly written
    bool streaming;       // ... and it is a stream
    bool waits_to_write;  // EPOLLOUT is armed
    size_t body_left;     // bytes of the request's body still to come
    bool in_body;
    enum { CHAT, PACED, MODELS, STATS, NOT_FOUND } route;
    char peek[PEEK_BYTES + 1];
    size_t peeked;

    // The stream's place in the queue of those that wait for their next event's time.
    int next_event;
    int64_t pace_ns, due_ns;
    bool queued;
    struct connection *before, *after;

    char pending[1024];   // what the socket did not take
    size_t pending_bytes;
    const char *rest;     // the same for answers that stay where they are
    size_t rest_bytes;

    size_t input_bytes;
    char input[INPUT_BYTES];
};

static int poller;
static struct connection *queue_head, *queue_tail;
static uint64_t requests, body_bytes, streams_begun;

// MARK: The queue of streams, ordered by the time of their next event

static void enqueue(struct connection *c) {
    // From the tail: nearly always the new one is the latest.
    struct connection *p = queue_tail;
    while (p && p->due_ns > c->due_ns) p = p->before;
    c->before = p;
    c->after = p ? p->after : queue_head;
    if (c->before) c->before->after = c; else queue_head = c;
    if (c->after) c->after->before = c; else queue_tail = c;
    c->queued = true;
}

static void dequeue(struct connection *c) {
    if (!c->queued) return;
    if (c->before) c->before->after = c->after; else queue_head = c->after;
    if (c->after) c->after->before = c->before; else queue_tail = c->before;
    c->queued = false;
}

// MARK: Writing

// Connections end as soon as anything is wrong with them, but their memory must outlive the
// events of the same epoll_wait() that may still point at it.
static struct connection *closed[4096];
static int closed_count;

static void hang_up(struct connection *c) {
    if (c->fd < 0) return;
    dequeue(c);
    close(c->fd);
    c->fd = -1;
    if (closed_count == (int)(sizeof closed / sizeof *closed)) die("too many connections closed at once");
    closed[closed_count++] = c;
}

static void arm(struct connection *c, bool writing) {
    if (c->waits_to_write == writing) return;
    c->waits_to_write = writing;
    struct epoll_event e = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e);
}

// True when all was written. `stays`: the bytes outlive the call and need no copy.
static bool put(struct connection *c, const char *bytes, size_t count, bool stays) {
    ssize_t n = write(c->fd, bytes, count);
    if (n < 0 && errno != EAGAIN) {
        hang_up(c);
        return false;
    }
    size_t written = n < 0 ? 0 : (size_t)n;
    if (written == count) return true;
    if (stays) {
        c->rest = bytes + written;
        c->rest_bytes = count - written;
    } else {
        memcpy(c->pending, bytes + written, count - written);
        c->pending_bytes = count - written;
        c->rest = c->pending;
        c->rest_bytes = c->pending_bytes;
    }
    arm(c, true);
    return false;
}

static void finish_answer(struct connection *c) {
    c->answering = false;
    c->streaming = false;
}

static void serve(struct connection *c);

// Writes the stream's next event and puts the stream back into the queue.
static void step(struct connection *c, int64_t now) {
    if (c->next_event == EVENTS) {
        if (put(c, stream_end, sizeof stream_end - 1, true)) {
            finish_answer(c);
            serve(c);
        } else {
            c->streaming = false;  // only the rest is left, which the socket will ask for
        }
        return;
    }
    static const char digits[] = "0123456789abcdef";
    char *frame = frames[c->next_event];
    char *stamp = frame + stamp_at[c->next_event];
    uint64_t value = (uint64_t)now_ns();
    for (int i = STAMP_DIGITS - 1; i >= 0; i--, value >>= 4) stamp[i] = digits[value & 15];
    c->next_event++;
    // Late events do not catch up in a burst: the gap counts from here.
    if (c->due_ns + c->pace_ns > now) c->due_ns += c->pace_ns;
    else c->due_ns = now;
    // `data: [DONE]` follows the last event at once, as it does in real servers.
    if (c->next_event == EVENTS) c->due_ns = now;
    if (put(c, frame, FRAME_BYTES, false)) enqueue(c);
}

static void writable(struct connection *c, int64_t now) {
    ssize_t n = write(c->fd, c->rest, c->rest_bytes);
    if (n < 0) {
        if (errno != EAGAIN) hang_up(c);
        return;
    }
    c->rest += n;
    c->rest_bytes -= (size_t)n;
    if (c->rest_bytes) return;
    arm(c, false);
    if (c->streaming) {
        if (c->due_ns < now) c->due_ns = now;
        enqueue(c);
    } else {
        finish_answer(c);
        serve(c);
    }
}

// MARK: Reading

static void begin_stream(struct connection *c) {
    // Streams that begin together would otherwise send their events together for ever: each
    // begins at another part of its first gap.
    uint64_t phase = streams_begun++ * 0x9E3779B97F4A7C15u >> 32;
    c->due_ns = now_ns() + (int64_t)((uint64_t)c->pace_ns * phase >> 32);
    c->next_event = 0;
    c->streaming = true;
    if (put(c, stream_head, sizeof stream_head - 1, true)) enqueue(c);
}

static void answer(struct connection *c) {
    c->answering = true;
    if (c->route == PACED) {
        begin_stream(c);
        return;
    }
    if (c->route == CHAT) {
        c->peek[c->peeked] = 0;
        if (strstr(c->peek, "\"stream\":true")) {
            const char *pace = strstr(c->peek, "\"bench_pace_us\":");
            c->pace_ns = pace ? atoll(pace + strlen("\"bench_pace_us\":")) * 1000 : 0;
            begin_stream(c);
        } else if (put(c, plain_answer, plain_answer_bytes, true)) {
            finish_answer(c);
        }
        return;
    }
    char text[256];
    const char *bytes = text;
    if (c->route == MODELS) {
        bytes = models_answer;
    } else if (c->route == STATS) {
        char body[128];
        int n = snprintf(body, sizeof body, "{\"requests\":%llu,\"body_bytes\":%llu}",
            (unsigned long long)requests, (unsigned long long)body_bytes);
        snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            "Content-Length: %d\r\n\r\n%s", n, body);
    } else {
        strcpy(text, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    }
    if (put(c, bytes, strlen(bytes), bytes != text)) finish_answer(c);
}

// Reads the head at the input's beginning. False: not whole yet, or the connection was ended.
static bool take_head(struct connection *c) {
    char *end = memmem(c->input, c->input_bytes, "\r\n\r\n", 4);
    if (!end) {
        if (c->input_bytes == INPUT_BYTES) hang_up(c);
        return false;
    }
    *end = 0;
    size_t head_bytes = (size_t)(end - c->input) + 4;
    long long pace_us = 0;
    int rest = 0;
    if (strncmp(c->input, "POST /v1/chat/completions ", 26) == 0) c->route = CHAT;
    else if (sscanf(c->input, "POST /paced/%lld/v1/chat/completions %n", &pace_us, &rest) == 1 && rest) {
        c->route = PACED;
        c->pace_ns = pace_us * 1000;
    }
    else if (strncmp(c->input, "GET /v1/models ", 15) == 0) c->route = MODELS;
    else if (strncmp(c->input, "GET /stub/stats ", 16) == 0) c->route = STATS;
    else c->route = NOT_FOUND;
    c->body_left = 0;
    c->peeked = 0;
    const char *length = strcasestr(c->input, "\r\ncontent-length:");
    if (length) c->body_left = strtoull(length + strlen("\r\ncontent-length:"), NULL, 10);
    if (strcasestr(c->input, "\r\ntransfer-encoding:")) {
        fprintf(stderr, "a request with Transfer-Encoding came: the stub reads Content-Length only\n");
        hang_up(c);
        return false;
    }
    if (c->route == CHAT || c->route == PACED) {
        requests++;
        body_bytes += c->body_left;
    }
    c->input_bytes -= head_bytes;
    memmove(c->input, c->input + head_bytes, c->input_bytes);
    c->in_body = true;
    return true;
}

// Answers what has come in, one request after the other.
static void serve(struct connection *c) {
    while (c->fd >= 0 && !c->answering) {
        if (!c->in_body) {
            if (c->input_bytes == 0 || !take_head(c)) return;
        }
        size_t take = c->input_bytes < c->body_left ? c->input_bytes : c->body_left;
        size_t room = PEEK_BYTES - c->peeked, copy = take < room ? take : room;
        memcpy(c->peek + c->peeked, c->input, copy);
        c->peeked += copy;
        c->body_left -= take;
        c->input_bytes -= take;
        memmove(c->input, c->input + take, c->input_bytes);
        if (c->body_left) return;
        c->in_body = false;
        answer(c);
    }
}

static void readable(struct connection *c) {
    if (c->input_bytes == INPUT_BYTES) return;  // a client that sends ahead: read on later
    ssize_t n = read(c->fd, c->input + c->input_bytes, INPUT_BYTES - c->input_bytes);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        hang_up(c);
        return;
    }
    c->input_bytes += (size_t)n;
    serve(c);
}

// MARK: The loop

struct listener {
    struct endpoint endpoint;
    int fd;
};

static struct listener listeners[4];
static int listener_count;

static void add_listener(const char *where) {
    if (listener_count == (int)(sizeof listeners / sizeof *listeners)) die("too many endpoints");
    struct listener *l = &listeners[listener_count++];
    struct endpoint *e = &l->endpoint;
    *e = parse_endpoint(where);
    l->fd = socket(e->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;
    setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (e->path) unlink(e->path);
    if (bind(l->fd, (struct sockaddr *)&e->address, e->length)) die(where);
    if (listen(l->fd, 4096)) die("listen");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = l};
    epoll_ctl(poller, EPOLL_CTL_ADD, l->fd, &event);
}

static bool is_listener(const void *p) {
    return (const char *)p >= (const char *)listeners
        && (const char *)p < (const char *)(listeners + listener_count);
}

static void accept_all(const struct listener *l) {
    for (;;) {
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        send_without_delay(fd, &l->endpoint);
        struct connection *c = calloc(1, sizeof *c);
        if (!c) die("calloc");
        c->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: stub unix:PATH|tcp:PORT...\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // the benchmark may be killed: leave nothing behind
    signal(SIGPIPE, SIG_IGN);
    prepare_answers();
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 1; i < argc; i++) add_listener(argv[i]);

    for (;;) {
        struct epoll_event events[256];
        struct timespec wait = {0};
        if (queue_head) {
            int64_t left = queue_head->due_ns - now_ns();
            if (left > 0) wait = (struct timespec){left / 1000000000, left % 1000000000};
        }
        int n = epoll_pwait2(poller, events, 256, queue_head ? &wait : NULL, NULL);
        if (n < 0 && errno != EINTR) die("epoll_pwait2");
        int64_t now = now_ns();
        for (int i = 0; i < n; i++) {
            if (is_listener(events[i].data.ptr)) {
                accept_all(events[i].data.ptr);
                continue;
            }
            struct connection *c = events[i].data.ptr;
            if (c->fd >= 0 && (events[i].events & EPOLLOUT)) writable(c, now);
            if (c->fd >= 0 && (events[i].events & ~(uint32_t)EPOLLOUT)) readable(c);
        }
        // One event a stream and turn: those that are due now, not those that come due meanwhile.
        struct connection *last = queue_tail;
        while (queue_head && queue_head->due_ns <= now) {
            struct connection *c = queue_head;
            bool done = c == last;
            dequeue(c);
            step(c, now);
            if (done) break;
        }
        while (closed_count) free(closed[--closed_count]);
    }
}
