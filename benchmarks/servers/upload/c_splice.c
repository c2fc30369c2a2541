/* Upload: epoll and splice(2) from the client, through a pipe, to the file. */
#include "serve.h"

struct upload {
    int client, file, pipe[2];
};

static int epoll;
static const char *name;

static void begin_upload(int client) {
    struct upload *upload = allocate(1, sizeof *upload);
    int file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        die("%s: %s", name, strerror(errno));
    *upload = (struct upload){.client = client, .file = file};
    if (pipe2(upload->pipe, O_CLOEXEC))
        die("pipe2: %s", strerror(errno));
    fcntl(upload->pipe[0], F_SETPIPE_SZ, PIPE_SIZE);
    epoll_want(epoll, EPOLL_CTL_ADD, client, EPOLLIN, upload);
}

static void end_upload(struct upload *upload) {
    /* The client must find the file complete when it sees the end. */
    close(upload->file);
    close(upload->client);
    close(upload->pipe[0]);
    close(upload->pipe[1]);
    free(upload);
}

/* A file takes all it is given, so the pipe is empty each time the client is asked again. */
static void store(struct upload *upload, size_t held) {
    while (held) {
        ssize_t count = splice(upload->pipe[0], NULL, upload->file, NULL, held, SPLICE_F_MOVE);
        if (count <= 0)
            die("splice to the file: %s", strerror(errno));
        held -= (size_t)count;
    }
}

static void ready(void *owner, uint32_t events) {
    (void)events; /* only one kind is watched for */
    struct upload *upload = owner;
    ssize_t count = splice(upload->client, NULL, upload->pipe[1], NULL, PIPE_SIZE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (count > 0)
        store(upload, (size_t)count);
    else if (count == 0)
        end_upload(upload);
    else if (errno != EAGAIN)
        die("splice from the client: %s", strerror(errno));
}

int main(int argc, char **argv) {
    name = argc > 1 ? argv[1] : "";
    epoll = new_epoll();
    serve(epoll, begin_upload, ready);
}
