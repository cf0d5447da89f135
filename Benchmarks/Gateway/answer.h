// Reads one HTTP/1.1 answer as it comes, and checks it.
//
// Streamed: status 200, the deltas' text together equal to what is expected, a finish_reason,
// `data: [DONE]` and a proper end of the HTTP body. Plain: status 200 and the expected bytes; from a
// proxy that writes answers anew, the expected text as the message's content. With nothing
// expected, status and framing alone.
#ifndef ANSWER_H
#define ANSWER_H

#include "histogram.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum failure { BAD_STATUS, BAD_TEXT, BAD_END, BAD_FRAMING, LOST, TIMED_OUT, FAILURES };
static const char *const failure_names[] = {
    "status", "text", "end", "framing", "connection", "timeout",
};

struct expectation {
    bool streamed;
    bool content_only;  // of a plain answer: the message's content, not every byte
    const char *text;   // NULL: any
    size_t bytes;
};

// What is timed within a stream; all but the first in nanoseconds.
struct timings {
    bool measuring;
    struct histogram first_event, event_transit;
};

enum progress { MORE, WHOLE, WRONG };

enum { HEAD_BYTES = 16384, PIECE_BYTES = 16384 };

struct answer {
    const struct expectation *expected;
    int64_t begun_ns;
    enum failure failure;  // of one that is WRONG, with its detail
    const char *detail;

    bool in_head, chunked, close_after;
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
    char piece[PIECE_BYTES];  // an event, or the content-only body, as far as it has come
    size_t piece_bytes;
};

static void begin_answer(struct answer *a, const struct expectation *expected, int64_t now) {
    // The two buffers stay as they are: clearing them would cost more than all the rest.
    a->expected = expected;
    a->begun_ns = now;
    a->in_head = true;
    a->head_bytes = a->text_bytes = a->piece_bytes = 0;
    a->body_bytes = 0;
    a->events = 0;
    a->wrong_text = a->finished = a->done = false;
}

static enum progress wrong(struct answer *a, enum failure failure, const char *detail) {
    a->failure = failure;
    a->detail = detail;
    return WRONG;
}

static void match_text(struct answer *a, const char *bytes, size_t count) {
    const struct expectation *e = a->expected;
    if (!e->text) return;
    if (a->text_bytes + count > e->bytes || memcmp(e->text + a->text_bytes, bytes, count) != 0) {
        a->wrong_text = true;
        return;
    }
    a->text_bytes += count;
}

// The string value that follows `key`, which ends with its opening quote.
static void match_value(struct answer *a, const char *json, size_t count, const char *key) {
    const char *p = memmem(json, count, key, strlen(key));
    if (!p) return;
    p += strlen(key);
    const char *quote = memchr(p, '"', (size_t)(json + count - p));
    if (quote) match_text(a, p, (size_t)(quote - p));
    else a->wrong_text = true;
}

// One server-sent event, without its empty line.
static void take_event(
    struct answer *a, const char *event, size_t count, int64_t now, struct timings *timings
) {
    if (count < 6 || memcmp(event, "data: ", 6) != 0) return;
    if (count == 12 && memcmp(event + 6, "[DONE]", 6) == 0) {
        a->done = true;
        return;
    }
    match_value(a, event, count, "\"content\":\"");
    if (memmem(event, count, "\"finish_reason\":\"", 17)) a->finished = true;
    if (a->events++ == 0 && timings->measuring)
        record(&timings->first_event, now - a->begun_ns);
    static const char stamp[] = "\"obfuscation\":\"";
    const char *p = memmem(event, count, stamp, sizeof stamp - 1);
    if (p && timings->measuring && event + count - p > (ptrdiff_t)sizeof stamp + 16) {
        int64_t sent = 0;
        for (const char *d = p + sizeof stamp - 1; d < p + sizeof stamp - 1 + 16; d++)
            sent = sent << 4 | (*d <= '9' ? *d - '0' : *d - 'a' + 10);
        record(&timings->event_transit, now - sent);
    }
}

static enum progress take_body(
    struct answer *a, const char *bytes, size_t count, int64_t now, struct timings *timings
) {
    a->body_bytes += count;
    if (!a->expected->streamed && !a->expected->content_only) {
        match_text(a, bytes, count);
        return MORE;
    }
    // A proxy may join many events into one write, so that what was read is taken by pieces.
    while (count > 0) {
        size_t room = PIECE_BYTES - a->piece_bytes, piece = count < room ? count : room;
        if (piece == 0) return wrong(a, BAD_FRAMING, "an event has no end");
        memcpy(a->piece + a->piece_bytes, bytes, piece);
        a->piece_bytes += piece;
        bytes += piece;
        count -= piece;
        if (!a->expected->streamed) continue;
        char *at = a->piece, *end = a->piece + a->piece_bytes, *gap;
        while ((gap = memmem(at, (size_t)(end - at), "\n\n", 2))) {
            take_event(a, at, (size_t)(gap - at), now, timings);
            at = gap + 2;
        }
        a->piece_bytes = (size_t)(end - at);
        memmove(a->piece, at, a->piece_bytes);
    }
    return MORE;
}

static enum progress end_answer(struct answer *a) {
    const struct expectation *e = a->expected;
    if (e->content_only && !e->streamed)
        match_value(a, a->piece, a->piece_bytes, "\"content\":\"");
    if (a->wrong_text || (e->text && a->text_bytes != e->bytes))
        return wrong(a, BAD_TEXT, "the text differs");
    if (e->streamed && (!a->finished || !a->done))
        return wrong(a, BAD_END, "no finish_reason or no [DONE]");
    return WHOLE;
}

// The value of a header of the answer's head; `name` is like "\r\nname:". Only once it is whole.
static const char *header(const struct answer *a, const char *name) {
    const char *p = strcasestr(a->head, name);
    if (!p) return NULL;
    p += strlen(name);
    while (*p == ' ') p++;
    return p;
}

static enum progress take_head(struct answer *a) {
    char *end = memmem(a->head, a->head_bytes, "\r\n\r\n", 4);
    *end = 0;
    if (strncmp(a->head, "HTTP/1.1 200", 12) != 0) return wrong(a, BAD_STATUS, a->head);
    const char *length = header(a, "\r\ncontent-length:");
    a->chunked = header(a, "\r\ntransfer-encoding: chunked") != NULL;
    a->close_after = header(a, "\r\nconnection: close") != NULL;
    a->left = length ? strtoull(length, NULL, 10) : 0;
    if (!length && !a->chunked) return wrong(a, BAD_FRAMING, a->head);
    a->chunk_state = CHUNK_SIZE;
    a->size_seen = false;
    a->in_head = false;
    return MORE;
}

// The bytes of a chunked body; the answer may end in them, and nothing may follow it.
static enum progress take_chunks(
    struct answer *a, const char *p, const char *end, int64_t now, struct timings *timings
) {
    while (p < end) {
        switch (a->chunk_state) {
        case CHUNK_SIZE: {
            char ch = *p++;
            int digit = ch >= '0' && ch <= '9' ? ch - '0'
                : (ch | 32) >= 'a' && (ch | 32) <= 'f' ? (ch | 32) - 'a' + 10 : -1;
            if (digit >= 0) {
                a->left = (a->size_seen ? a->left << 4 : 0) | (uint64_t)digit;
                a->size_seen = true;
                break;
            }
            if (!a->size_seen) return wrong(a, BAD_FRAMING, "a chunk without a size");
            a->chunk_state = CHUNK_EXTENSION;
            p--;
            break;
        }
        case CHUNK_EXTENSION:
            if (*p++ != '\n') break;
            a->chunk_state = a->left ? CHUNK_DATA : TRAILER;
            a->trailer_line = 0;
            break;
        case CHUNK_DATA: {
            size_t n = (size_t)(end - p);
            if (n > a->left) n = a->left;
            if (take_body(a, p, n, now, timings) == WRONG) return WRONG;
            p += n;
            a->left -= n;
            if (a->left == 0) a->chunk_state = CHUNK_END;
            break;
        }
        case CHUNK_END:
            if (*p++ != '\n') break;
            a->chunk_state = CHUNK_SIZE;
            a->size_seen = false;
            break;
        case TRAILER: {
            char ch = *p++;
            if (ch == '\r') break;
            if (ch != '\n') {
                a->trailer_line++;
                break;
            }
            if (a->trailer_line) {
                a->trailer_line = 0;
                break;
            }
            if (p != end) return wrong(a, BAD_FRAMING, "bytes after the answer's end");
            return end_answer(a);
        }
        }
    }
    return MORE;
}

// Takes all bytes of one read; the answer may end in them, and nothing may follow it.
static enum progress take(
    struct answer *a, const char *p, size_t count, int64_t now, struct timings *timings
) {
    const char *end = p + count;
    if (a->in_head) {
        size_t room = HEAD_BYTES - 1 - a->head_bytes, n = count < room ? count : room;
        memcpy(a->head + a->head_bytes, p, n);
        size_t before = a->head_bytes;
        a->head_bytes += n;
        char *gap = memmem(a->head, a->head_bytes, "\r\n\r\n", 4);
        if (!gap) return n == room ? wrong(a, BAD_FRAMING, "a head without end") : MORE;
        p += (size_t)(gap + 4 - a->head) - before;
        if (take_head(a) == WRONG) return WRONG;
        if (!a->chunked && a->left == 0) return end_answer(a);
    }
    if (a->chunked) return take_chunks(a, p, end, now, timings);
    size_t n = (size_t)(end - p);
    if (n > a->left) return wrong(a, BAD_FRAMING, "more bytes than Content-Length");
    if (n && take_body(a, p, n, now, timings) == WRONG) return WRONG;
    a->left -= n;
    return a->left ? MORE : end_answer(a);
}

#endif
