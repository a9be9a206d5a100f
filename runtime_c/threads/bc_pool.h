/* SPDX-License-Identifier: 0BSD */
/*
 * Threads that share the work of a run, by POSIX threads: for NAME_run_threads of models that were generated with --threads.
 *
 *     static bc_pool pool;
 *
 *     if (bc_pool_start(&pool, NAME_THREADS) != 0) { ... there are no threads to be had ... }
 *     NAME_run_threads(arena, bc_pool_spread, &pool);
 *     bc_pool_stop(&pool);
 *
 * The thread that runs the model is one of them. All memory is the pool's own and the caller's; the system gives each
 * thread its stack when it starts. A pool serves one run at a time, of any model; runs side by side want a pool each.
 * Part i is always computed by thread i modulo the pool's number of threads.
 *
 * A thread without work looks for it BC_POOL_SPIN times, then it sleeps. Link with -pthread.
 */
#ifndef BC_POOL_H
#define BC_POOL_H

#include <pthread.h>
#include <stdint.h>

#ifndef BC_POOL_MOST
#define BC_POOL_MOST 16
#endif
#ifndef BC_POOL_SPIN
#define BC_POOL_SPIN 2000
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct bc_pool;

typedef struct bc_pool_thread {
    pthread_t thread;
    struct bc_pool *pool;
    uint32_t number;
} bc_pool_thread;

typedef struct bc_pool {
    uint32_t threads; /* with the caller's */
    uint32_t round;   /* counts what was spread; 0 stands for the end */
    uint32_t working; /* threads that are not done with it */
    uint32_t asleep;  /* under the mutex, as what follows */
    int caller_sleeps;
    int ends;
    void (*part)(void *argument, uint32_t index);
    void *argument;
    uint32_t count;
    pthread_mutex_t mutex;
    pthread_cond_t begin;
    pthread_cond_t done;
    bc_pool_thread others[BC_POOL_MOST - 1];
} bc_pool;

static inline void bc_pool_relax(void)
{
#if defined(__aarch64__) || defined(__ARM_ARCH_7A__)
    __asm__ volatile("yield");
#elif defined(__x86_64__) || defined(__i386__)
    __asm__ volatile("pause");
#endif
}

static inline void bc_pool_parts(const bc_pool *pool, uint32_t number)
{
    for (uint32_t i = number; i < pool->count; i += pool->threads) {
        pool->part(pool->argument, i);
    }
}

/* Waits for the round behind `known`; returns its number. */
static inline uint32_t bc_pool_next(bc_pool *pool, uint32_t known)
{
    uint32_t round = known;

    for (uint32_t i = 0; i < BC_POOL_SPIN; i++) {
        round = __atomic_load_n(&pool->round, __ATOMIC_ACQUIRE);
        if (round != known) {
            return round;
        }
        bc_pool_relax();
    }
    (void)pthread_mutex_lock(&pool->mutex);
    pool->asleep++;
    while ((round = __atomic_load_n(&pool->round, __ATOMIC_ACQUIRE)) == known) {
        (void)pthread_cond_wait(&pool->begin, &pool->mutex);
    }
    pool->asleep--;
    (void)pthread_mutex_unlock(&pool->mutex);
    return round;
}

static inline void *bc_pool_work(void *given)
{
    const bc_pool_thread *const own = (const bc_pool_thread *)given;
    bc_pool *const pool = own->pool;
    uint32_t round = 0;

    for (;;) {
        round = bc_pool_next(pool, round);
        if (pool->ends) {
            return (void *)0;
        }
        bc_pool_parts(pool, own->number);
        if (__atomic_sub_fetch(&pool->working, 1, __ATOMIC_ACQ_REL) == 0) {
            (void)pthread_mutex_lock(&pool->mutex);
            if (pool->caller_sleeps) {
                (void)pthread_cond_signal(&pool->done);
            }
            (void)pthread_mutex_unlock(&pool->mutex);
        }
    }
}

/* Lets the threads see what was stored in the pool. */
static inline void bc_pool_announce(bc_pool *pool)
{
    (void)pthread_mutex_lock(&pool->mutex);
    __atomic_store_n(&pool->round, pool->round + 1, __ATOMIC_RELEASE);
    if (pool->asleep > 0) {
        (void)pthread_cond_broadcast(&pool->begin);
    }
    (void)pthread_mutex_unlock(&pool->mutex);
}

/* What NAME_run_threads takes. team: a pool that has started. */
static inline void bc_pool_spread(
    void *team, void (*part)(void *argument, uint32_t index), void *argument, uint32_t count)
{
    bc_pool *const pool = (bc_pool *)team;

    pool->part = part;
    pool->argument = argument;
    pool->count = count;
    if (pool->threads == 1) {
        bc_pool_parts(pool, 0);
        return;
    }
    __atomic_store_n(&pool->working, pool->threads - 1, __ATOMIC_RELAXED);
    bc_pool_announce(pool);
    bc_pool_parts(pool, 0);
    for (uint32_t i = 0; i < BC_POOL_SPIN; i++) {
        if (__atomic_load_n(&pool->working, __ATOMIC_ACQUIRE) == 0) {
            return;
        }
        bc_pool_relax();
    }
    (void)pthread_mutex_lock(&pool->mutex);
    pool->caller_sleeps = 1;
    while (__atomic_load_n(&pool->working, __ATOMIC_ACQUIRE) != 0) {
        (void)pthread_cond_wait(&pool->done, &pool->mutex);
    }
    pool->caller_sleeps = 0;
    (void)pthread_mutex_unlock(&pool->mutex);
}

/* Ends the threads. */
static inline void bc_pool_stop(bc_pool *pool)
{
    pool->ends = 1;
    bc_pool_announce(pool);
    for (uint32_t i = 0; i + 1 < pool->threads; i++) {
        (void)pthread_join(pool->others[i].thread, (void **)0);
    }
    (void)pthread_cond_destroy(&pool->done);
    (void)pthread_cond_destroy(&pool->begin);
    (void)pthread_mutex_destroy(&pool->mutex);
}

/* threads: 1 to BC_POOL_MOST, with the caller's. Returns 0, or an error number of POSIX; then there is nothing to stop. */
static inline int bc_pool_start(bc_pool *pool, uint32_t threads)
{
    int error;

    if (threads < 1 || threads > BC_POOL_MOST) {
        return 22; /* EINVAL */
    }
    pool->threads = 1;
    pool->round = 0;
    pool->working = 0;
    pool->asleep = 0;
    pool->caller_sleeps = 0;
    pool->ends = 0;
    pool->count = 0;
    if ((error = pthread_mutex_init(&pool->mutex, (const pthread_mutexattr_t *)0)) != 0) {
        return error;
    }
    if ((error = pthread_cond_init(&pool->begin, (const pthread_condattr_t *)0)) != 0) {
        (void)pthread_mutex_destroy(&pool->mutex);
        return error;
    }
    if ((error = pthread_cond_init(&pool->done, (const pthread_condattr_t *)0)) != 0) {
        (void)pthread_cond_destroy(&pool->begin);
        (void)pthread_mutex_destroy(&pool->mutex);
        return error;
    }
    for (uint32_t i = 1; i < threads; i++) {
        bc_pool_thread *const one = &pool->others[i - 1];

        one->pool = pool;
        one->number = i;
        error = pthread_create(&one->thread, (const pthread_attr_t *)0, bc_pool_work, one);
        if (error != 0) {
            bc_pool_stop(pool);
            return error;
        }
        pool->threads++;
    }
    return 0;
}

#ifdef __cplusplus
}
#endif

#endif
