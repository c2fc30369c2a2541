/* What every load generator shares: options, clocks, the connection pattern, the report.
 *
 * A generator is told the server's port and process id, runs `warm_up` seconds unmeasured and `seconds` measured, and
 * prints one JSON object.  The server's CPU time is read here, from the kernel's clock of that process (nanoseconds,
 * all of its threads), at the very moments at which the measured time begins and ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
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

/* A server that sends nothing for so long has lost something. */
#define STALL_MS 5000
/* Messages are slices of one block of noise, each at another offset: a lost, doubled or swapped byte shows. */
#define NOISE (64 * 1024)

struct options {
    int port;
    pid_t pid;
    size_t connections;
    size_t size;
    double warm_up;
    double seconds;
};

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static struct options parse_options(int argc, char **argv) {
    struct options options = {.connections = 64, .size = 1024, .warm_up = 0.3, .seconds = 1};
    static const struct option names[] = {
        {"port", required_argument, NULL, 'p'},    {"pid", required_argument, NULL, 'i'},
        {"connections", required_argument, NULL, 'c'}, {"size", required_argument, NULL, 's'},
        {"warm-up", required_argument, NULL, 'w'}, {"seconds", required_argument, NULL, 'd'},
        {NULL, 0, NULL, 0},
    };
    for (int name; (name = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (name) {
        case 'p': options.port = atoi(optarg); break;
        case 'i': options.pid = atoi(optarg); break;
        case 'c': options.connections = strtoul(optarg, NULL, 10); break;
        case 's': options.size = strtoul(optarg, NULL, 10); break;
        case 'w': options.warm_up = atof(optarg); break;
        case 'd': options.seconds = atof(optarg); break;
        default: exit(2);
        }
    }
    if (!options.port || !options.pid || !options.connections || !options.size)
        die("--port and --pid are required, --connections and --size at least 1");
    return options;
}

static double clock_seconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time))
        die("clock_gettime: %s", strerror(errno));
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double now(void) {
    return clock_seconds(CLOCK_MONOTONIC);
}

/* -- what is measured ------------------------------------------------------------------------------------------ */

struct window {
    clockid_t server_clock;
    double warm_until, until;
    double seconds, server_cpu, load_cpu;
    uint64_t units;
    bool measuring, over;
};

static struct window open_window(const struct options *options) {
    struct window window = {0};
    if (clock_getcpuclockid(options->pid, &window.server_clock))
        die("no process %d", (int)options->pid);
    window.warm_until = now() + options->warm_up;
    window.until = window.warm_until + options->seconds;
    return window;
}

/* Call once a batch of events, with the units of work done so far. */
static void watch(struct window *window, uint64_t units) {
    double time = now();
    if (window->over || time < (window->measuring ? window->until : window->warm_until))
        return;
    /* Minus the value at the beginning, plus the value at the end. */
    int sign = window->measuring ? 1 : -1;
    window->server_cpu += sign * clock_seconds(window->server_clock);
    window->load_cpu += sign * clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    window->seconds += sign * time;
    window->units = window->measuring ? units - window->units : units;
    if (!window->measuring)
        window->until += time - window->warm_until;
    window->over = window->measuring;
    window->measuring = !window->over;
}

static void report(const struct window *window) {
    printf("{\"units\": %llu, \"seconds\": %.9f, \"server_cpu\": %.9f, \"load_cpu\": %.9f}\n",
           (unsigned long long)window->units, window->seconds, window->server_cpu, window->load_cpu);
}

/* -- sockets ---------------------------------------------------------------------------------------------------- */

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int new_socket(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket: %s", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return fd;
}

static int new_epoll(void) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        die("epoll_create1: %s", strerror(errno));
    return epoll;
}

/* Edge-triggered, both directions: one registration for the life of the connection. */
static void epoll_watch(int epoll, int fd, void *owner) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = owner};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl: %s", strerror(errno));
}

static int epoll_events(int epoll, struct epoll_event *events, int room) {
    int count = epoll_wait(epoll, events, room, STALL_MS);
    if (count < 0 && errno != EINTR)
        die("epoll_wait: %s", strerror(errno));
    if (count == 0)
        die("the server did nothing for %d ms", STALL_MS);
    return count < 0 ? 0 : count;
}

/* -- bytes ------------------------------------------------------------------------------------------------------ */

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint64_t random_next(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}

/* NOISE + size bytes: a message may begin at any offset below NOISE. */
static unsigned char *make_noise(size_t size) {
    unsigned char *noise = malloc(NOISE + size);
    if (!noise)
        die("out of memory");
    for (size_t i = 0; i < NOISE + size; i++)
        noise[i] = (unsigned char)(random_next() >> 32);
    return noise;
}

/* One message on its way: how much of it went out and came back. */
struct message {
    const unsigned char *bytes;
    size_t sent, received;
};

static void send_some(int fd, struct message *message, size_t size) {
    while (message->sent < size) {
        ssize_t count = send(fd, message->bytes + message->sent, size - message->sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN)
            return;
        if (count < 0)
            die("send: %s", strerror(errno));
        message->sent += (size_t)count;
    }
}

/* Take what has come back and compare it; true once the whole message has.  `buffer` has room for size + 1 bytes: one
 * byte more than is due is asked for, so a server that sends too much is caught, and a right one always gives a short
 * read, after which an edge-triggered socket need not be read again. */
static bool receive_some(int fd, struct message *message, size_t size, unsigned char *buffer) {
    ssize_t count = recv(fd, buffer, size - message->received + 1, 0);
    if (count < 0 && errno == EAGAIN)
        return false;
    if (count < 0)
        die("recv: %s", strerror(errno));
    if (count == 0)
        die("the server closed a connection after %zu of %zu bytes", message->received, size);
    if (message->received + (size_t)count > message->sent)
        die("the server sent more bytes than it was sent");
    if (memcmp(buffer, message->bytes + message->received, (size_t)count))
        die("the server changed a byte");
    message->received += (size_t)count;
    return message->received == size;
}
