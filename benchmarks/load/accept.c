/* Connections that come and go: connect, send one message, take it back, half-close, wait for the server's end. */
#include "common.h"

/* Ours is the side that closes first and keeps the port for a minute: spread the ports over so many addresses. */
#define SOURCES 128

enum phase { CONNECTING, ECHOING, ENDING };

struct connection {
    int fd;
    enum phase phase;
    struct message message;
};

static struct options options;
static size_t count, size;
static const unsigned char *noise;
static unsigned char *buffer;
static uint64_t begun, finished;
static size_t open_now;
static int epoll;

static void begin_connection(struct connection *connection) {
    struct sockaddr_in source = loopback(0), server = loopback(options.port);
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(begun++ % SOURCES));
    *connection = (struct connection){.fd = new_socket(), .message.bytes = noise + random_next() % NOISE};
    setsockopt(connection->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    if (bind(connection->fd, (struct sockaddr *)&source, sizeof source))
        die("bind: %s", strerror(errno));
    if (connect(connection->fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS)
        die("connect: %s", strerror(errno));
    epoll_watch(epoll, connection->fd, connection);
}

static void end_connection(struct connection *connection, bool over) {
    close(connection->fd);
    finished++;
    if (over)
        open_now--;
    else
        begin_connection(connection);
}

static void progress(struct connection *connection, uint32_t events, bool over) {
    if (connection->phase == CONNECTING && events & (EPOLLOUT | EPOLLERR)) {
        connection->phase = ECHOING;
        send_some(connection->fd, &connection->message, size);
        return;
    }
    if (connection->phase == ECHOING) {
        send_some(connection->fd, &connection->message, size);
        if (!receive_some(connection->fd, &connection->message, size, buffer))
            return;
        connection->phase = ENDING;
        shutdown(connection->fd, SHUT_WR);
        return;
    }
    if (connection->phase == ENDING) {
        ssize_t count = recv(connection->fd, buffer, 1, 0);
        if (count > 0)
            die("the server sent more bytes than it was sent");
        if (count < 0 && errno != EAGAIN)
            die("recv: %s", strerror(errno));
        if (count == 0)
            end_connection(connection, over);
    }
}

int main(int argc, char **argv) {
    (void)argc;
    options = parse_options(argv);
    count = count_option(argv, "connections");
    size = count_option(argv, "size");
    noise = make_noise(size);
    buffer = allocate(size + 1, 1);
    epoll = new_epoll();
    struct connection *connections = allocate(count, sizeof *connections);
    struct epoll_event events[512];
    struct window window = open_window(&options);

    open_now = count;
    for (size_t i = 0; i < count; i++)
        begin_connection(&connections[i]);
    while (open_now) {
        int ready = epoll_events(epoll, events, 512);
        for (int i = 0; i < ready; i++)
            progress(events[i].data.ptr, events[i].events, window.over);
        watch(&window, finished);
    }
    report(&window, "");
    return 0;
}
