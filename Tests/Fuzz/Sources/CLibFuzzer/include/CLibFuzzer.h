#ifndef PREFD_CLIBFUZZER_H
#define PREFD_CLIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's own main loop (FuzzerInterface.h). It takes its options out of the arguments, calls
/// `check` with one input after the other, and returns the exit status.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*check)(const uint8_t *data, size_t size));

#endif
