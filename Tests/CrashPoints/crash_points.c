#define _GNU_SOURCE
#include "crash_points.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long count;
static atomic_long last = -1;
static atomic_int failure;

void crash_points_arm(long at, int error) {
    atomic_store(&failure, error);
    atomic_store(&last, atomic_load(&count) + at);
}

long crash_points_count(void) { return atomic_load(&count); }

// Whether this call is the one.
static int reached(void) {
    if (atomic_fetch_add(&count, 1) != atomic_load(&last)) return 0;
    int error = atomic_load(&failure);
    if (error == 0) {
        syscall(SYS_kill, getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = error;
    return 1;
}

int rename(const char *from, const char *to) {
    return reached() ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int mkdir(const char *path, mode_t mode) { return reached() ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode); }
int unlink(const char *path) { return reached() ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0); }
int rmdir(const char *path) { return reached() ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }
int fsync(int file) { return reached() ? -1 : (int)syscall(SYS_fsync, file); }
int ftruncate(int file, off_t length) { return reached() ? -1 : (int)syscall(SYS_ftruncate, file, length); }

ssize_t write(int file, const void *bytes, size_t length) {
    // What the program says is not what it does.
    if (file <= STDERR_FILENO) return syscall(SYS_write, file, bytes, length);
    return reached() ? -1 : syscall(SYS_write, file, bytes, length);
}
