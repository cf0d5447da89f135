// Memory for key bytes: never swapped, never in a core dump, gone in a forked child, zeroed when
// released.
#ifndef CSECRETMEMORY_H
#define CSECRETMEMORY_H

#include <stddef.h>

// Maps zeroed memory of at least `length` bytes, or returns NULL with errno set.
void *_Nullable csecret_map(size_t length);

// Zeroes and unmaps memory that csecret_map returned for the same `length`.
void csecret_unmap(void *_Nonnull memory, size_t length);

// Zeroes memory in a way that the compiler cannot leave out.
void csecret_zero(void *_Nonnull memory, size_t length);

// Keeps this process out of core dumps and out of other processes' ptrace(2) (PR_SET_DUMPABLE,
// prctl(2)). Returns 0, or an errno.
int csecret_forbid_dumping(void);

// Whether the kernel may write this process' memory into a core dump: 1 or 0.
int csecret_may_be_dumped(void);

#endif
