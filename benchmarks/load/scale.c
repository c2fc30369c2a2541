/* Many open connections of which few are active: a closed loop of so many messages at a time.
 *
 * Each message goes out on the next connection in turn, so every one of them is used in time, and the few at work are
 * always others.
 */
#include "crowd.h"
#include "latencies.h"

struct connection {
    int fd;
    bool busy;
    double began;
    struct message message;
};

static struct options options;
static size_t count, size, active, next;
static const unsigned char *noise;
static unsigned char *buffer;
static struct connection *connections;
static struct latencies latencies;
static uint64_t round_trips;
static size_t waiting;

static void begin_message(void) {
    while (connections[next].busy)
        next = (next + 1) % count;
    struct connection *connection = &connections[next];
    next = (next + 1) % count;
    connection->busy = true;
    connection->began = now();
    connection->message = (struct message){.bytes = noise + random_next() % NOISE};
    send_some(connection->fd, &connection->message, size);
}

static void progress(struct connection *connection, const struct window *window) {
    if (!connection->busy)
        return;
    send_some(connection->fd, &connection->message, size);
    if (!receive_some(connection->fd, &connection->message, size, buffer))
        return;
    connection->busy = false;
    round_trips++;
    if (window->measuring)
        add_latency(&latencies, now() - connection->began);
    if (window->over)
        waiting--;
    else
        begin_message();
}

int main(int argc, char **argv) {
    (void)argc;
    options = parse_options(argv);
    count = count_option(argv, "connections");
    active = count_option(argv, "active");
    size = count_option(argv, "size");
    if (active > count)
        die("--active is more than --connections");
    noise = make_noise(size);
    buffer = allocate(size + 1, 1);
    connections = allocate(count, sizeof *connections);
    int *descriptors = allocate(count, sizeof *descriptors);
    int epoll = new_epoll();
    open_crowd(&options, descriptors, count);
    for (size_t i = 0; i < count; i++) {
        connections[i].fd = descriptors[i];
        epoll_watch(epoll, descriptors[i], &connections[i]);
    }

    struct epoll_event events[512];
    struct window window = open_window(&options);
    waiting = active;
    for (size_t i = 0; i < active; i++)
        begin_message();
    while (waiting) {
        int ready = epoll_events(epoll, events, 512);
        for (int i = 0; i < ready; i++)
            progress(events[i].data.ptr, &window);
        watch(&window, round_trips);
    }
    sort_latencies(&latencies);
    report(&window, ", \"p50\": %.9f, \"p99\": %.9f", percentile(&latencies, 0.5), percentile(&latencies, 0.99));
    return 0;
}
