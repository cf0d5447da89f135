// Tells the thread sanitizer what it cannot see of Synchronization.Mutex.
//
// A mutex that is free is taken and given back by code that is compiled into its user, which the sanitizer
// watches. One that another thread holds is waited for in libswiftSynchronization.so, which is not compiled to be
// watched: without this, all that a mutex guards looks unguarded as soon as two threads want it at once. These
// functions stand before that library's, call them, and say what they did.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// In every program that is built with the sanitizer; the others that a test starts have none of it.
void __tsan_acquire(void *) __attribute__((weak));
void __tsan_release(void *) __attribute__((weak));

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock(uint32_t thread, SELF void *mutex) __asm__(LOCK);
SWIFT bool try_lock(SELF void *mutex) __asm__(TRY_LOCK);
SWIFT void unlock(SELF void *mutex) __asm__(UNLOCK);

SWIFT void lock(uint32_t thread, SELF void *mutex) {
    static SWIFT void (*real)(uint32_t, SELF void *);
    if (!real) real = next(LOCK);
    real(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT bool try_lock(SELF void *mutex) {
    static SWIFT bool (*real)(SELF void *);
    if (!real) real = next(TRY_LOCK);
    bool is_taken = real(mutex);
    if (is_taken && __tsan_acquire) __tsan_acquire(mutex);
    return is_taken;
}

SWIFT void unlock(SELF void *mutex) {
    static SWIFT void (*real)(SELF void *);
    if (!real) real = next(UNLOCK);
    if (__tsan_release) __tsan_release(mutex);
    real(mutex);
}
