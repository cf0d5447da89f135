// What the stub answers, made once at its start.
#ifndef STUB_ANSWERS_H
#define STUB_ANSWERS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EVENTS = 200,          // of one stream, without `data: [DONE]`
    EVENT_BYTES = 200,     // of one event, `data: ` and the two line feeds included
    FRAME_BYTES = EVENT_BYTES + 6,  // "c8\r\n" event "\r\n"
    PLAIN_BYTES = 2048,    // of the answer that is not streamed
    STAMP_DIGITS = 16,
};

static const char stream_head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n";
static const char stream_end[] = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";

static char frames[EVENTS][FRAME_BYTES + 1];
static size_t stamp_at[EVENTS];
static char plain_answer[PLAIN_BYTES + 512];
static size_t plain_answer_bytes;
static char models_answer[512];

// Plain English without escapes, so that the load generator can compare texts byte by byte, and
// without anything that a sensible output rule could mistake for a secret.
static const char *const words[] = {
    "the", "river", "turns", "slowly", "under", "an", "old", "bridge", "where", "people", "meet",
    "in", "summer", "and", "talk", "about", "small", "things", "while", "water", "carries",
    "leaves", "toward", "sea", "nobody", "counts", "them", "but", "each", "one", "arrives",
};
enum { WORDS = sizeof words / sizeof *words };

static void prepare_answers(void) {
    for (int i = 0; i < EVENTS; i++) {
        char event[EVENT_BYTES + 1], delta[64];
        bool last = i == EVENTS - 1;
        if (last) strcpy(delta, "");
        else snprintf(delta, sizeof delta, "\"content\":\"%s%s\"", i ? " " : "", words[i * 7 % WORDS]);
        int n = snprintf(event, sizeof event,
            "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","
            "\"created\":1,\"model\":\"b\",\"choices\":[{\"index\":0,\"delta\":{%s},"
            "\"finish_reason\":%s}],\"obfuscation\":\"", delta, last ? "\"stop\"" : "null");
        size_t stamp = (size_t)n;
        while (n < EVENT_BYTES - 4) {
            event[n] = (size_t)n < stamp + STAMP_DIGITS ? '0' : 'x';
            n++;
        }
        if (stamp + STAMP_DIGITS > EVENT_BYTES - 4) {
            fprintf(stderr, "event %d has no room for its stamp\n", i);
            exit(1);
        }
        memcpy(event + n, "\"}\n\n", 5);
        snprintf(frames[i], sizeof frames[i], "%x\r\n%s\r\n", EVENT_BYTES, event);
        stamp_at[i] = 4 + stamp;
    }

    char body[PLAIN_BYTES + 1];
    int n = snprintf(body, sizeof body,
        "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1,"
        "\"model\":\"bench-model\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"content\":\"");
    static const char tail[] =
        "\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":"
        "{\"prompt_tokens\":1024,\"completion_tokens\":380,\"total_tokens\":1404}}";
    int end = PLAIN_BYTES - (int)strlen(tail);
    for (int w = 0; n < end; w++) {
        for (const char *c = words[w * 7 % WORDS]; *c && n < end; c++) body[n++] = *c;
        if (n < end) body[n++] = ' ';
    }
    memcpy(body + n, tail, sizeof tail);
    plain_answer_bytes = (size_t)snprintf(plain_answer, sizeof plain_answer,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
        "Connection: keep-alive\r\n\r\n%s", PLAIN_BYTES, body);

    static const char models[] =
        "{\"object\":\"list\",\"data\":[{\"id\":\"bench-model\",\"object\":\"model\","
        "\"created\":1,\"owned_by\":\"bench\"}]}";
    snprintf(models_answer, sizeof models_answer,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
        "Connection: keep-alive\r\n\r\n%s", sizeof models - 1, models);
}

#endif
