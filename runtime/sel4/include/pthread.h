/*
 * The part of POSIX threads that QuickJS's headers name, for a protection domain, which has one thread: a lock is always free, nobody
 * else can be waited for, and no thread can be made.
 */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <time.h>

typedef int pthread_t;
typedef int pthread_once_t;
typedef int pthread_mutex_t;
typedef int pthread_cond_t;
typedef int pthread_attr_t;
typedef int pthread_condattr_t;
typedef int pthread_mutexattr_t;

#define PTHREAD_ONCE_INIT 0
#define PTHREAD_MUTEX_INITIALIZER 0
#define PTHREAD_CREATE_DETACHED 1

static inline int pthread_once(pthread_once_t *once, void (*routine)(void))
{
    if (!*once) {
        *once = 1;
        routine();
    }
    return 0;
}

#define ALWAYS(name, ...) static inline int name(__VA_ARGS__) { return 0; }
#define NEVER(name, ...) static inline int name(__VA_ARGS__) { return EAGAIN; }

ALWAYS(pthread_mutex_init, pthread_mutex_t *mutex, const pthread_mutexattr_t *attr)
ALWAYS(pthread_mutex_destroy, pthread_mutex_t *mutex)
ALWAYS(pthread_mutex_lock, pthread_mutex_t *mutex)
ALWAYS(pthread_mutex_unlock, pthread_mutex_t *mutex)
ALWAYS(pthread_cond_init, pthread_cond_t *cond, const pthread_condattr_t *attr)
ALWAYS(pthread_cond_destroy, pthread_cond_t *cond)
ALWAYS(pthread_cond_signal, pthread_cond_t *cond)
ALWAYS(pthread_cond_broadcast, pthread_cond_t *cond)
ALWAYS(pthread_condattr_init, pthread_condattr_t *attr)
ALWAYS(pthread_condattr_setclock, pthread_condattr_t *attr, clockid_t clock)
ALWAYS(pthread_condattr_destroy, pthread_condattr_t *attr)
ALWAYS(pthread_attr_init, pthread_attr_t *attr)
ALWAYS(pthread_attr_destroy, pthread_attr_t *attr)
ALWAYS(pthread_attr_setstacksize, pthread_attr_t *attr, size_t size)
ALWAYS(pthread_attr_setdetachstate, pthread_attr_t *attr, int state)
NEVER(pthread_cond_wait, pthread_cond_t *cond, pthread_mutex_t *mutex)
NEVER(pthread_cond_timedwait, pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
NEVER(pthread_create, pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *argument)
NEVER(pthread_join, pthread_t thread, void **result)

#undef ALWAYS
#undef NEVER
