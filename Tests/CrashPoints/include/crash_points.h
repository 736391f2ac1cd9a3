#ifndef CRASH_POINTS_H
#define CRASH_POINTS_H

/// Counts the calls that change files, in a program that links this module, and makes one of them the last.
///
/// The functions of the C library with the same names are replaced in the whole program; other programs that it runs
/// are not touched.
///
/// @param at the call that is not carried out; 0 is the next one.
/// @param error what that call fails with; 0 kills the program instead, as a power cut would.
void crash_points_arm(long at, int error);

/// How many calls were counted since the program started.
long crash_points_count(void);

#endif
