// A disk that takes its time, for tests: fsync and fdatasync wait while the file SLOW_DISK names is there.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void take_time(void) {
    const char *flag = getenv("SLOW_DISK");
    if (flag != NULL && access(flag, F_OK) == 0) {
        usleep(1500000);
    }
}

int fsync(int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    take_time();
    return real(descriptor);
}

int fdatasync(int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    take_time();
    return real(descriptor);
}
