/* A client that reads `rate` bytes a second from a server that sends zeros without end, and watches its size. */
#include "common.h"
#include <poll.h>

#define READS_PER_SECOND 20

static struct options options;

/* The server's resident bytes. */
static long resident(void) {
    char name[64];
    long pages;
    snprintf(name, sizeof name, "/proc/%d/statm", (int)options.pid);
    FILE *file = fopen(name, "r");
    if (!file || fscanf(file, "%*d %ld", &pages) != 1)
        die("the server died");
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static void read_exactly(int fd, unsigned char *buffer, size_t size) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    for (size_t received = 0; received < size;) {
        if (poll(&ready, 1, STALL_MS) <= 0)
            die("the server sent nothing for %d ms", STALL_MS);
        ssize_t count = recv(fd, buffer, size - received, 0);
        if (count < 0 && errno == EAGAIN)
            continue;
        if (count <= 0)
            die(count ? "recv: %s" : "the endless source ended", strerror(errno));
        for (ssize_t i = 0; i < count; i++)
            if (buffer[i])
                die("the server changed a byte");
        received += (size_t)count;
    }
}

static void sleep_until(double time) {
    struct timespec moment = {.tv_sec = (time_t)time, .tv_nsec = (long)((time - (double)(time_t)time) * 1e9)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL);
}

int main(int argc, char **argv) {
    (void)argc;
    options = parse_options(argv);
    size_t portion = count_option(argv, "rate") / READS_PER_SECOND;
    unsigned char *buffer = allocate(portion, 1);
    long before = resident(), peak = before;
    int fd = connect_to(options.port);
    double begun = now();
    size_t reads = 0;

    while (reads < options.seconds * READS_PER_SECOND) {
        read_exactly(fd, buffer, portion);
        sleep_until(begun + (double)++reads / READS_PER_SECOND);
        if (resident() > peak)
            peak = resident();
    }
    printf("{\"read\": %zu, \"before\": %ld, \"peak\": %ld, \"grown\": %ld}\n", reads * portion, before, peak, peak - before);
    return 0;
}
