/* Download: epoll and sendfile(2), the whole file to each client. */
#include "serve.h"
#include <sys/sendfile.h>
#include <sys/stat.h>

struct download {
    int client, file;
    off_t sent, length;
};

static int epoll;
static const char *name;

static void begin_download(int client) {
    struct download *download = allocate(1, sizeof *download);
    struct stat status;
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status))
        die("%s: %s", name, strerror(errno));
    *download = (struct download){.client = client, .file = file, .length = status.st_size};
    epoll_watch(epoll, client, download);
}

static void end_download(struct download *download) {
    close(download->client);
    close(download->file);
    free(download);
}

static void ready(void *owner, uint32_t events) {
    struct download *download = owner;
    if (!(events & EPOLLOUT))
        return;
    while (download->sent < download->length) {
        size_t rest = (size_t)(download->length - download->sent);
        ssize_t count = sendfile(download->client, download->file, &download->sent, rest);
        if (count < 0 && errno == EAGAIN)
            return;
        if (count <= 0)
            die("sendfile: %s", strerror(errno));
    }
    end_download(download);
}

int main(int argc, char **argv) {
    name = argc > 1 ? argv[1] : "";
    epoll = new_epoll();
    serve(epoll, begin_download, ready);
}
