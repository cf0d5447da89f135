#define _GNU_SOURCE
#include "CSecretMemory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

void *csecret_map(size_t length) {
    void *memory =
        mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    // A child must not inherit a copy; kernels before 4.14 do not know the advice, and prefd does
    // not fork, so its absence is no reason to refuse.
    (void)madvise(memory, length, MADV_WIPEONFORK);
    if (madvise(memory, length, MADV_DONTDUMP) != 0 || mlock(memory, length) != 0) {
        int reason = errno;
        munmap(memory, length);
        errno = reason;
        return NULL;
    }
    return memory;
}

void csecret_unmap(void *memory, size_t length) {
    explicit_bzero(memory, length);
    munmap(memory, length);
}

void csecret_zero(void *memory, size_t length) { explicit_bzero(memory, length); }

int csecret_forbid_dumping(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : errno;
}

int csecret_may_be_dumped(void) {
    return prctl(PR_GET_DUMPABLE) != 0;
}
