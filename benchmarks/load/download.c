/* Clients of a server that sends a file to whoever connects: each takes it whole, compares it, and comes again. */
#include "bulk.h"
#include <sys/mman.h>

struct connection {
    int fd;
    size_t received;
};

static struct options options;
static const unsigned char *contents;
static size_t length;
static uint64_t received;
static size_t open_now;
static int epoll;

static void map_file(const char *name) {
    struct stat status;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status))
        die("%s: %s", name, strerror(errno));
    length = (size_t)status.st_size;
    void *map = mmap(NULL, length, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (map == MAP_FAILED)
        die("mmap: %s", strerror(errno));
    contents = map;
    close(fd);
}

static void begin_download(struct connection *connection) {
    *connection = (struct connection){.fd = connect_to(options.port)};
    epoll_want(epoll, EPOLL_CTL_ADD, connection->fd, EPOLLIN, connection);
}

static void end_download(struct connection *connection, bool over) {
    if (connection->received != length)
        die("the server ended after %zu of %zu bytes", connection->received, length);
    close(connection->fd);
    if (over)
        open_now--;
    else
        begin_download(connection);
}

static void progress(struct connection *connection, bool over) {
    size_t due = length - connection->received;
    ssize_t count = receive_and_compare(connection->fd, contents + connection->received, due);
    if (count == 0)
        end_download(connection, over);
    if (count > 0) {
        connection->received += (size_t)count;
        received += (uint64_t)count;
    }
}

int main(int argc, char **argv) {
    (void)argc;
    size_t count = count_option(argv, "connections");
    struct connection *connections = allocate(count, sizeof *connections);
    struct epoll_event events[64];
    options = parse_options(argv);
    map_file(text_option(argv, "file"));
    bulk_prepare();
    epoll = new_epoll();

    for (; open_now < count; open_now++)
        begin_download(&connections[open_now]);
    struct window window = open_window(&options);
    while (open_now) {
        int ready = epoll_events(epoll, events, 64);
        for (int i = 0; i < ready; i++)
            progress(events[i].data.ptr, window.over);
        watch(&window, received);
    }
    report(&window, "");
    return 0;
}
