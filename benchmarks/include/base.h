/* What every program in C shares, those that serve and those that load: errors, clocks, sockets. */
#ifndef BENCHMARKS_BASE_H
#define BENCHMARKS_BASE_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SHARED static __attribute__((unused))

SHARED void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

SHARED void *allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory)
        die("out of memory");
    return memory;
}

SHARED double clock_seconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time))
        die("clock_gettime: %s", strerror(errno));
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

SHARED double now(void) {
    return clock_seconds(CLOCK_MONOTONIC);
}

SHARED struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

SHARED void set_no_delay(int fd) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

SHARED int new_socket(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket: %s", strerror(errno));
    set_no_delay(fd);
    return fd;
}

/* On the loopback interface a handshake is over when connect returns, unless the backlog is full. */
SHARED int connect_to(int port) {
    struct sockaddr_in address = loopback(port);
    int fd = new_socket();
    if (connect(fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
        die("connect: %s", strerror(errno));
    return fd;
}

SHARED int new_epoll(void) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        die("epoll_create1: %s", strerror(errno));
    return epoll;
}

/* Edge-triggered, both directions: one registration for the life of the connection. */
SHARED void epoll_watch(int epoll, int fd, void *owner) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = owner};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl: %s", strerror(errno));
}

/* Add a socket to those watched, or change what it is watched for: these events, for as long as they last. */
SHARED void epoll_want(int epoll, int operation, int fd, uint32_t events, void *owner) {
    struct epoll_event event = {.events = events, .data.ptr = owner};
    if (epoll_ctl(epoll, operation, fd, &event))
        die("epoll_ctl: %s", strerror(errno));
}

/* Listen on a free port of 127.0.0.1 and print it, as whoever started this program waits for. */
SHARED int listen_and_tell(void) {
    int fd = new_socket();
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (bind(fd, (struct sockaddr *)&address, size) || listen(fd, 511))
        die("listen: %s", strerror(errno));
    if (getsockname(fd, (struct sockaddr *)&address, &size))
        die("getsockname: %s", strerror(errno));
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* A connection that waits, or -1. */
SHARED int accept_one(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && errno != EAGAIN)
        die("accept: %s", strerror(errno));
    if (fd >= 0)
        set_no_delay(fd);
    return fd;
}

#endif
