/* Connections that say nothing: by how much does the server grow for each?
 *
 * The memory is the resident set.  It is read once the server has accepted all and has come to rest, and again after each
 * connection has had one message echoed, which shows that all of them were served.
 */
#include "crowd.h"

/* What a server needs once, for its first connections, is not counted. */
#define FIRST 10
#define REST_SECONDS 0.1
#define REST_LIMIT 5.0

struct connection {
    int fd;
    struct message message;
};

static double resident(pid_t pid) {
    char path[40], line[256];
    double kilobytes = -1;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        die("%s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Rss: %lf", &kilobytes) == 1)
            break;
    fclose(file);
    if (kilobytes < 0)
        die("%s has no Rss", path);
    return kilobytes * 1024;
}

/* Wait until the server has used no CPU for a while: then it has done all that the connections gave it to do. */
static void wait_for_rest(pid_t pid) {
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock))
        die("no process %d", (int)pid);
    double limit = now() + REST_LIMIT;
    for (double before = -1, used; now() < limit && (used = clock_seconds(clock)) > before + 1e-4;) {
        before = used;
        usleep((useconds_t)(REST_SECONDS * 1e6));
    }
}

static void converse(struct connection *connections, size_t count, size_t size, const unsigned char *noise) {
    unsigned char *buffer = allocate(size + 1, 1);
    struct epoll_event events[512];
    int epoll = new_epoll();
    for (size_t i = 0; i < count; i++) {
        connections[i].message = (struct message){.bytes = noise + random_next() % NOISE};
        send_some(connections[i].fd, &connections[i].message, size);
        epoll_watch(epoll, connections[i].fd, &connections[i]);
    }
    for (size_t waiting = count; waiting;) {
        int ready = epoll_events(epoll, events, 512);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            send_some(connection->fd, &connection->message, size);
            if (connection->message.received < size && receive_some(connection->fd, &connection->message, size, buffer))
                waiting--;
        }
    }
}

int main(int argc, char **argv) {
    (void)argc;
    struct options options = parse_options(argv);
    size_t count = count_option(argv, "connections"), size = count_option(argv, "size");
    int *descriptors = allocate(FIRST + count, sizeof *descriptors);
    struct connection *connections = allocate(FIRST + count, sizeof *connections);
    const unsigned char *noise = make_noise(size);

    open_crowd(&options, descriptors, FIRST);
    for (size_t i = 0; i < FIRST; i++)
        connections[i].fd = descriptors[i];
    converse(connections, FIRST, size, noise);
    wait_for_rest(options.pid);
    double before = resident(options.pid);

    open_crowd(&options, descriptors + FIRST, count);
    for (size_t i = FIRST; i < FIRST + count; i++)
        connections[i].fd = descriptors[i];
    wait_for_rest(options.pid);
    double idle = resident(options.pid);
    converse(connections + FIRST, count, size, noise);
    wait_for_rest(options.pid);
    double spoken = resident(options.pid);
    printf("{\"idle\": %.1f, \"spoken\": %.1f}\n", (idle - before) / (double)count, (spoken - before) / (double)count);
    return 0;
}
