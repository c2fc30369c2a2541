/* Many connections to one server, opened no faster than it accepts them, and round trips on them. */
#ifndef BENCHMARKS_CROWD_H
#define BENCHMARKS_CROWD_H

#include "common.h"
#include <dirent.h>
#include <sched.h>
#include <sys/stat.h>

/* So many are on their way at a time: fewer than the shortest backlog among the servers. */
#define BATCH 64
/* One address has some 28,000 free ports, less those that earlier runs have left to time out. */
#define SOURCES 8

static int count_descriptors(pid_t pid) {
    char path[32];
    struct stat status;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    /* Linux 6.2 and newer say it as the size. */
    if (!stat(path, &status) && status.st_size)
        return (int)status.st_size;
    DIR *directory = opendir(path);
    if (!directory)
        die("%s: %s", path, strerror(errno));
    int count = -2; /* `.` and `..` */
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

/* The same once it stays: a server that has just begun to listen may be loading files yet. */
static int settled_descriptors(int pid) {
    int last = count_descriptors(pid);
    for (int same = 0; same < 5;) {
        usleep(10000);
        int count = count_descriptors(pid);
        same = count == last ? same + 1 : 0;
        last = count;
    }
    return last;
}

/* Connect so many sockets; what the server has accepted is a descriptor of its process. */
static void open_crowd(const struct options *options, int *descriptors, size_t count) {
    int before = settled_descriptors(options->pid);
    struct sockaddr_in server = loopback(options->port), source = loopback(0);
    for (size_t opened = 0; opened < count;) {
        for (size_t end = opened + BATCH; opened < end && opened < count; opened++) {
            int fd = descriptors[opened] = new_socket();
            source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(opened % SOURCES));
            setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
            if (bind(fd, (struct sockaddr *)&source, sizeof source))
                die("bind: %s", strerror(errno));
            if (connect(fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS)
                die("connect: %s", strerror(errno));
        }
        double deadline = now() + STALL_MS * 1e-3;
        while (count_descriptors(options->pid) < before + (int)opened) {
            if (now() > deadline)
                die("the server accepted too few of %zu connections", opened);
            sched_yield();
        }
    }
}

#endif
