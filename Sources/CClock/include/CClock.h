#ifndef CCLOCK_H
#define CCLOCK_H

// Whether the kernel knows that something keeps its clock right (adjtimex(2)): 1 or 0, or -1 where it
// cannot be asked.
int cclock_is_synchronized(void);

#endif
