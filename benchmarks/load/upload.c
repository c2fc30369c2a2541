/* Uploads to a server that stores what a client sends, one after the other.
 *
 * A client sends `size` bytes and half-closes; the server ends the connection once the file is complete.  Then the file
 * is compared and removed; the time and CPU time of that is not counted.
 */
#include "bulk.h"
#include <sys/time.h>

static struct options options;
static const char *file;
static size_t size;

/* This program has one connection at a time and nothing else to do: it may block, but not for ever. */
static int connect_blocking(void) {
    int fd = connect_to(options.port);
    struct timeval stall = {.tv_sec = STALL_MS / 1000};
    fcntl(fd, F_SETFL, 0);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &stall, sizeof stall);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &stall, sizeof stall);
    return fd;
}

static void upload(uint64_t start) {
    int fd = connect_blocking();
    for (size_t sent = 0; sent < size;) {
        size_t rest = size - sent;
        ssize_t count = send(fd, bulk_at(start + sent), rest < BULK ? rest : BULK, MSG_NOSIGNAL);
        if (count < 0)
            die("send, after %zu bytes: %s", sent, strerror(errno));
        sent += (size_t)count;
    }
    shutdown(fd, SHUT_WR);
    ssize_t count = recv(fd, bulk_buffer, 1, 0);
    if (count)
        die(count > 0 ? "the server sent a byte" : "the server did not end: %s", strerror(errno));
    close(fd);
}

static void compare_and_remove(uint64_t start) {
    struct stat status;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status))
        die("%s: %s", file, strerror(errno));
    if ((size_t)status.st_size != size)
        die("the server stored %zu of %zu bytes", (size_t)status.st_size, size);
    for (size_t place = 0; place < size;) {
        ssize_t count = read(fd, bulk_buffer, BULK);
        if (count <= 0)
            die("%s: %s", file, strerror(errno));
        if (memcmp(bulk_buffer, bulk_at(start + place), (size_t)count))
            die("the server changed a byte");
        place += (size_t)count;
    }
    close(fd);
    unlink(file);
}

int main(int argc, char **argv) {
    (void)argc;
    options = parse_options(argv);
    file = text_option(argv, "file");
    size = count_option(argv, "size");
    bulk_prepare();
    struct window window = open_window(&options);

    for (bool warm = false; window.seconds < options.seconds; warm = now() >= window.warm_until) {
        uint64_t start = random_next() % PERIOD;
        if (warm)
            mark(&window, -1, now());
        upload(start);
        if (warm) {
            mark(&window, 1, now());
            window.units += size;
        }
        compare_and_remove(start);
    }
    report(&window, "");
    return 0;
}
