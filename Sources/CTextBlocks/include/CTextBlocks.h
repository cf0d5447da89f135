#ifndef CTEXTBLOCKS_H
#define CTEXTBLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Looks at up to 64 bytes of text at once: which of them begin a word, and which of those places
// are in sets of beginnings of three or four bytes.

// How many bytes are looked at together.
#define TEXT_BLOCK_COUNT 64
// How many bytes a beginning has at most.
#define TEXT_BEGINNING_COUNT 4
// How many words a set of beginnings has.
#define TEXT_SET_WORDS 2048

// Beginnings of four bytes and of three, as two bits in one word each: what is in them is found,
// and little else.
struct text_sets {
    uint64_t *fours;
    uint64_t *threes;
};

// What a search looks for.
struct text_search {
    // Beginnings of words, or with signs.
    struct text_sets words;
    // Beginnings of words with two capitals or digits.
    struct text_sets capitals;
    // Whether places with a sign are looked at: what is neither part of a word nor white space.
    bool signs;
    // A plain byte to look for besides.
    uint8_t mark;
};

struct text_block {
    // For each byte, whether it begins a word, or is a sign where these are looked at.
    uint64_t starts;
    // Those of them that are in the sets; only places that have all their four bytes.
    uint64_t hits;
    // How many bytes at the beginning are plain; `starts` says nothing of others.
    size_t plain_count;
    // How many places at the beginning have all their bytes.
    size_t place_count;
    // Whether the mark is among the bytes that were looked at.
    bool has_mark;
};

// A byte as it is in a beginning: no case, all digits alike, all white space alike.
uint8_t text_folded(uint8_t byte);
// Adds a beginning of folded bytes to a set.
void text_sets_add_four(struct text_sets sets, const uint8_t *folded);
void text_sets_add_three(struct text_sets sets, const uint8_t *folded);
// Looks at the first 64 of `count` bytes, or as many as there are; those behind them may be read.
struct text_block text_block_at(
    const uint8_t *bytes, size_t count, bool after_word, const struct text_search *search);

#endif
