/* What every load generator shares: options, clocks, the connection pattern, the report.
 *
 * A generator is told the server's port and process id, runs `warm-up` seconds unmeasured and `seconds` measured, and
 * prints one JSON object.  The server's CPU time is read here, from the kernel's clock of that process (nanoseconds,
 * all of its threads), at the very moments at which the measured time begins and ends.
 */
#ifndef BENCHMARKS_COMMON_H
#define BENCHMARKS_COMMON_H

#include "base.h"

/* A server that sends nothing for so long has lost something. */
#define STALL_MS 10000
/* Messages are slices of one block of noise, each at another offset: a lost, doubled or swapped byte shows. */
#define NOISE (64 * 1024)

/* -- options: --name=value, none has a default ------------------------------------------------------------------ */

SHARED const char *text_option(char **arguments, const char *name) {
    size_t length = strlen(name);
    for (char **argument = arguments + 1; *argument; argument++)
        if (!strncmp(*argument, "--", 2) && !strncmp(*argument + 2, name, length) && (*argument)[2 + length] == '=')
            return *argument + 2 + length + 1;
    die("--%s is missing", name);
    return NULL;
}

SHARED double number_option(char **arguments, const char *name) {
    return atof(text_option(arguments, name));
}

SHARED size_t count_option(char **arguments, const char *name) {
    size_t count = strtoul(text_option(arguments, name), NULL, 10);
    if (!count)
        die("--%s has to be at least 1", name);
    return count;
}

/* What a generator is told that measures a server which is there already. */
struct options {
    int port;
    pid_t pid;
    double warm_up, seconds;
};

SHARED struct options parse_options(char **arguments) {
    return (struct options){
        .port = (int)count_option(arguments, "port"),
        .pid = (pid_t)count_option(arguments, "pid"),
        .warm_up = number_option(arguments, "warm-up"),
        .seconds = number_option(arguments, "seconds"),
    };
}

/* What one is told that comes first: it has printed its port, and now its peer is there. */
SHARED struct options read_options(char **arguments) {
    struct options options = {
        .warm_up = number_option(arguments, "warm-up"),
        .seconds = number_option(arguments, "seconds"),
    };
    if (scanf("%d %d", &options.port, &options.pid) != 2)
        die("the port and the process id of the peer were due on stdin");
    return options;
}

/* -- what is measured ------------------------------------------------------------------------------------------ */

struct window {
    clockid_t server_clock;
    double warm_until, until;
    double seconds, server_cpu, load_cpu;
    uint64_t units;
    bool measuring, over;
};

SHARED struct window open_window(const struct options *options) {
    struct window window = {0};
    if (clock_getcpuclockid(options->pid, &window.server_clock))
        die("no process %d", (int)options->pid);
    window.warm_until = now() + options->warm_up;
    window.until = window.warm_until + options->seconds;
    return window;
}

/* Minus the values at the beginning of what is measured (-1), plus the values at the end (1). */
SHARED void mark(struct window *window, int sign, double time) {
    window->server_cpu += sign * clock_seconds(window->server_clock);
    window->load_cpu += sign * clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    window->seconds += sign * time;
}

/* Call once a batch of events, with the units of work done so far.  One is measured at least, however long that takes. */
SHARED void watch(struct window *window, uint64_t units) {
    double time = now();
    if (window->over || time < (window->measuring ? window->until : window->warm_until))
        return;
    if (window->measuring && units == window->units)
        return;
    mark(window, window->measuring ? 1 : -1, time);
    window->units = window->measuring ? units - window->units : units;
    if (!window->measuring)
        window->until += time - window->warm_until;
    window->over = window->measuring;
    window->measuring = !window->over;
}

/* Print what was measured, and more figures where there are: `more` is printf's, and begins with a comma. */
SHARED void report(const struct window *window, const char *more, ...) {
    printf("{\"units\": %llu, \"seconds\": %.9f, \"server_cpu\": %.9f, \"load_cpu\": %.9f",
           (unsigned long long)window->units, window->seconds, window->server_cpu, window->load_cpu);
    va_list arguments;
    va_start(arguments, more);
    vprintf(more, arguments);
    va_end(arguments);
    printf("}\n");
}

/* -- events ----------------------------------------------------------------------------------------------------- */

SHARED int epoll_events(int epoll, struct epoll_event *events, int room) {
    int count = epoll_wait(epoll, events, room, STALL_MS);
    if (count < 0 && errno != EINTR)
        die("epoll_wait: %s", strerror(errno));
    if (count == 0)
        die("the server did nothing for %d ms", STALL_MS);
    return count < 0 ? 0 : count;
}

/* -- bytes ------------------------------------------------------------------------------------------------------ */

static uint64_t random_state = 0x9e3779b97f4a7c15u;

SHARED uint64_t random_next(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}

/* NOISE + size bytes: a message may begin at any offset below NOISE. */
SHARED unsigned char *make_noise(size_t size) {
    unsigned char *noise = allocate(NOISE + size, 1);
    for (size_t i = 0; i < NOISE + size; i++)
        noise[i] = (unsigned char)(random_next() >> 32);
    return noise;
}

/* One message on its way: how much of it went out and came back. */
struct message {
    const unsigned char *bytes;
    size_t sent, received;
};

SHARED void send_some(int fd, struct message *message, size_t size) {
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
 * byte more than is due is asked for, so a server that sends too much is caught. */
SHARED bool receive_some(int fd, struct message *message, size_t size, unsigned char *buffer) {
    while (message->received < size) {
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
    }
    return true;
}

#endif
