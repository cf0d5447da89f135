#include "CClock.h"

#include <sys/timex.h>

int cclock_is_synchronized(void) {
    // No modes: nothing is changed.
    struct timex state = {.modes = 0};
    if (adjtimex(&state) < 0) {
        return -1;
    }
    return (state.status & STA_UNSYNC) == 0;
}
