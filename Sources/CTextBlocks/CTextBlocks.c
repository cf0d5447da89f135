#include "CTextBlocks.h"

#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Sixteen bytes at a time, by the compiler's own vectors. A comparison gives 0xff where it holds.
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int8_t signed16 __attribute__((vector_size(16)));

enum { PART = 16, ROOM = TEXT_BLOCK_COUNT + PART };

// The upper bits of sixteen bytes as sixteen bits.
static inline uint64_t gathered(bytes16 bits) {
#if defined(__SSE2__)
    return (uint64_t)(unsigned)_mm_movemask_epi8((__m128i)bits);
#else
    uint64_t result = 0;
    for (int half = 0; half < 2; half++) {
        uint64_t word = 0;
        for (int byte = 0; byte < 8; byte++) word |= (uint64_t)(bits[half * 8 + byte] >> 7) << byte;
        result |= word << (half * 8);
    }
    return result;
#endif
}

static inline bytes16 between(bytes16 bytes, uint8_t first, uint8_t last) {
    return (bytes16)(bytes - first <= (uint8_t)(last - first));
}

static inline bytes16 equal(bytes16 bytes, uint8_t byte) { return (bytes16)(bytes == byte); }

static inline bytes16 folded(bytes16 bytes, bytes16 digits, bytes16 breaks) {
    return (bytes | 0x20) & ~((digits | breaks) & 0x0f);
}

uint8_t text_folded(uint8_t byte) {
    bytes16 bytes = {byte};
    return folded(bytes, between(bytes, '0', '9'), between(bytes, '\t', '\r'))[0];
}

// Where a beginning is in a set: the word, and two bits in it.
struct position {
    size_t word;
    unsigned first, second;
};

static inline struct position position(uint64_t beginning, uint64_t factor) {
    uint64_t hash = beginning * factor;
    return (struct position){hash >> 53, hash >> 47 & 63, hash >> 41 & 63};
}

static inline uint32_t four_at(const uint8_t *bytes) {
    uint32_t four;
    memcpy(&four, bytes, sizeof four);
    return four;
}

static inline struct position position_of_four(uint32_t four) {
    return position(four, 0x9e3779b97f4a7c15);
}

static inline struct position position_of_three(uint32_t four) {
    uint8_t bytes[4];
    memcpy(bytes, &four, sizeof bytes);
    return position(
        (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16,
        0xbf58476d1ce4e5b9);
}

static inline uint64_t has(const uint64_t *set, struct position at) {
    uint64_t word = set[at.word];
    return (word >> at.first) & (word >> at.second);
}

static void add(uint64_t *set, struct position at) {
    set[at.word] |= (uint64_t)1 << at.first | (uint64_t)1 << at.second;
}

void text_sets_add_four(struct text_sets sets, const uint8_t *folded) {
    add(sets.fours, position_of_four(four_at(folded)));
}

void text_sets_add_three(struct text_sets sets, const uint8_t *folded) {
    uint8_t bytes[4] = {folded[0], folded[1], folded[2]};
    add(sets.threes, position_of_three(four_at(bytes)));
}

// Those of some places whose folded bytes are in the sets. Without a branch for each: which one is
// in them cannot be foreseen.
static inline uint64_t in_sets(
    const uint8_t *folded, uint64_t places, const struct text_sets *sets) {
    const uint64_t *fours = sets->fours, *threes = sets->threes;
    uint64_t hits = 0;
    while (places != 0) {
        int place = __builtin_ctzll(places);
        places &= places - 1;
        uint32_t four = four_at(folded + place);
        uint64_t found =
            has(fours, position_of_four(four)) | has(threes, position_of_three(four));
        hits |= (found & 1) << place;
    }
    return hits;
}

struct text_block text_block_at(
    const uint8_t *bytes, size_t count, bool after_word, const struct text_search *search) {
    // What is not there is zeros, which are not plain.
    uint8_t padded[ROOM];
    if (count < ROOM) {
        memset(padded, 0, sizeof padded);
        memcpy(padded, bytes, count);
        bytes = padded;
    }
    uint8_t text[ROOM];
    uint64_t words = 0, spaces = 0, specials = 0, capitals = 0;
    bytes16 marks = {0};
    for (size_t part = 0; part < ROOM && part < count; part += PART) {
        bytes16 some;
        memcpy(&some, bytes + part, sizeof some);
        bytes16 digits = between(some, '0', '9');
        bytes16 breaks = between(some, '\t', '\r');
        bytes16 simple = folded(some, digits, breaks);
        memcpy(text + part, &simple, sizeof simple);
        marks |= equal(some, search->mark);
        if (part == TEXT_BLOCK_COUNT) break;
        bytes16 word = between(some | 0x20, 'a', 'z') | digits | equal(some, '_');
        bytes16 space = breaks | equal(some, ' ');
        // Controls and all beyond ASCII; DEL; what escapes begin with.
        bytes16 special = ((bytes16)((signed16)some < 0x20) & ~breaks) | equal(some, 0x7f)
            | equal(some, '\\') | between(some, '%', '&');
        words |= gathered(word) << part;
        spaces |= gathered(space) << part;
        specials |= gathered(special) << part;
        capitals |= gathered(between(some, 'A', 'Z') | digits) << part;
    }
    size_t plain = specials != 0 ? (size_t)__builtin_ctzll(specials) : TEXT_BLOCK_COUNT;
    if (plain > count) plain = count;
    // The last places of a whole block have their bytes in what follows it.
    bool goes_on = plain == TEXT_BLOCK_COUNT && count >= TEXT_BLOCK_COUNT + TEXT_BEGINNING_COUNT;
    size_t places = goes_on ? TEXT_BLOCK_COUNT
        : plain >= TEXT_BEGINNING_COUNT ? plain - (TEXT_BEGINNING_COUNT - 1) : 0;
    uint64_t starts = words & ~(words << 1 | (after_word ? 1 : 0));
    if (search->signs) starts |= ~(words | spaces);
    uint64_t looked_at = goes_on ? starts : starts & (((uint64_t)1 << places) - 1);
    // What follows the last byte may be a capital.
    uint64_t pairs = looked_at & capitals & (capitals >> 1 | (uint64_t)1 << 63);
    uint64_t hits = in_sets(text, looked_at, &search->words);
    if (pairs != 0) hits |= in_sets(text, pairs, &search->capitals);
    return (struct text_block){
        .starts = starts,
        .hits = hits,
        .plain_count = plain,
        .place_count = places,
        .has_mark = (gathered(marks) != 0),
    };
}
