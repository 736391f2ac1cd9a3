#ifndef CLIBGIT2_SHIM_H
#define CLIBGIT2_SHIM_H

#include <git2.h>
#include <git2/sys/remote.h>
#include <git2/sys/transport.h>

/* git_remote_connect_ext and the rest of the remote interface in use came with 1.5.0 (Debian 12 has 1.5.1). */
#if LIBGIT2_VER_MAJOR < 1 || (LIBGIT2_VER_MAJOR == 1 && LIBGIT2_VER_MINOR < 5)
#error "libgit2 1.5 or newer is needed: apt-get install libgit2-dev"
#endif

/*
 * git_libgit2_opts is variadic, and Swift cannot call a variadic function. Each wrapper below has the value types that
 * its options read, so that an int can never land where libgit2 reads a size_t.
 *
 * Source: git2/common.h.
 */

static inline int clibgit2_set_search_path(int level, const char *path) {
    return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}

static inline int clibgit2_set_flag(git_libgit2_opt_t option, int enabled) {
    return git_libgit2_opts(option, enabled);
}

static inline int clibgit2_set_size(git_libgit2_opt_t option, size_t bytes) {
    return git_libgit2_opts(option, bytes);
}

/*
 * Limits what applying one delta of a pack may produce.
 *
 * Debian's security update 1.5.1+ds-1+deb12u2 (CVE-2026-53585) added GIT_OPT_SET_PACK_MAX_OBJECT_SIZE as the second
 * value after GIT_OPT_SET_OWNER_VALIDATION. Naming it would not compile without the update, where this number is
 * refused as unknown; in later versions of libgit2 the same number is another option, hence the exact version.
 */
static inline int clibgit2_limit_delta_result(size_t bytes) {
#if LIBGIT2_VER_MAJOR == 1 && LIBGIT2_VER_MINOR == 5
    return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION + 2, bytes);
#else
    (void)bytes;
    return -1;
#endif
}

/* What libgit2 is given as a transport of ours: its own struct first, then a pointer back to the Swift object. */
typedef struct {
    git_smart_subtransport base;
    void *owner;
} clibgit2_subtransport;

typedef struct {
    git_smart_subtransport_stream base;
    void *owner;
} clibgit2_stream;

#endif
