/* A system that fails as some do: each call named in FAULTS ("flock=37 fsync=28") sets that errno and returns -1.
 * Calls on a descriptor fail only for files whose path contains FAULTS_IN. "threads=2" gives two threads, no more. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int fault(const char *name)
{
    char key[32];
    const char *faults = getenv("FAULTS"), *found;
    snprintf(key, sizeof key, " %s=", name);
    if (!faults || !(found = strstr(faults, key)))
        return 0;
    errno = atoi(found + strlen(key));
    return 1;
}

static int fault_of(const char *name, int fd)
{
    char link[64], path[4096];
    const char *in = getenv("FAULTS_IN");
    ssize_t size;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (!in || (size = readlink(link, path, sizeof path - 1)) < 0)
        return 0;
    path[size] = 0;
    return strstr(path, in) && fault(name);
}

int flock(int fd, int how)
{
    static int (*real)(int, int);
    if (!real) real = dlsym(RTLD_NEXT, "flock");
    return fault_of("flock", fd) ? -1 : real(fd, how);
}

int fsync(int fd)
{
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    return fault_of("fsync", fd) ? -1 : real(fd);
}

int close(int fd)
{
    static int (*real)(int);
    int failed = fault_of("close", fd), number = errno;
    if (!real) real = dlsym(RTLD_NEXT, "close");
    if (!failed) return real(fd);
    real(fd);
    errno = number;
    return -1;
}

int fchmod(int fd, mode_t mode)
{
    static int (*real)(int, mode_t);
    if (!real) real = dlsym(RTLD_NEXT, "fchmod");
    return fault_of("fchmod", fd) ? -1 : real(fd, mode);
}

ssize_t write(int fd, const void *data, size_t size)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    return fault_of("write", fd) ? -1 : real(fd, data, size);
}

int rename(const char *from, const char *to)
{
    static int (*real)(const char *, const char *);
    const char *in = getenv("FAULTS_IN");
    if (!real) real = dlsym(RTLD_NEXT, "rename");
    return in && strstr(to, in) && fault("rename") ? -1 : real(from, to);
}

int link(const char *from, const char *to)
{
    static int (*real)(const char *, const char *);
    if (!real) real = dlsym(RTLD_NEXT, "link");
    return fault("link") ? -1 : real(from, to);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *with)
{
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    static int started;
    if (!real) real = dlsym(RTLD_NEXT, "pthread_create");
    if (fault("threads") && started++ >= errno) return EAGAIN;
    return real(thread, how, run, with);
}
