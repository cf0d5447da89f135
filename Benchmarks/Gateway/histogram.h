// A histogram with buckets of constant relative width (under 0.8 %), as HdrHistogram has.
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

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

#endif
