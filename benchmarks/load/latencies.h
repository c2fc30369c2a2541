/* How long each message took, and percentiles of that. */
#ifndef BENCHMARKS_LATENCIES_H
#define BENCHMARKS_LATENCIES_H

#include "common.h"

struct latencies {
    double *seconds;
    size_t count, room;
};

SHARED void add_latency(struct latencies *latencies, double seconds) {
    if (latencies->count == latencies->room) {
        latencies->room = latencies->room ? 2 * latencies->room : 1 << 16;
        latencies->seconds = realloc(latencies->seconds, latencies->room * sizeof *latencies->seconds);
        if (!latencies->seconds)
            die("out of memory");
    }
    latencies->seconds[latencies->count++] = seconds;
}

static int compare_seconds(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

SHARED void sort_latencies(struct latencies *latencies) {
    if (!latencies->count)
        die("no message was measured");
    qsort(latencies->seconds, latencies->count, sizeof *latencies->seconds, compare_seconds);
}

/* After sorting: so many of 1 took no longer than this. */
SHARED double percentile(const struct latencies *latencies, double share) {
    size_t rank = (size_t)(share * (double)latencies->count);
    return latencies->seconds[rank < latencies->count ? rank : latencies->count - 1];
}

#endif
