/* Long streams of bytes: what is sent, and how it is checked where it arrives. */
#include "common.h"
#include <fcntl.h>
#include <sys/stat.h>

/* What is sent or received at a time: no server reads more, and most read less. */
#define BULK (256 * 1024)
/* A stream is one block of noise over and over.  Its length is a prime: chunks that change places cannot match. */
#define PERIOD 1048573

static const unsigned char *bulk_noise;
static unsigned char *bulk_buffer;

SHARED void bulk_prepare(void) {
    unsigned char *noise = allocate(PERIOD + BULK, 1);
    bulk_buffer = allocate(BULK, 1);
    for (size_t i = 0; i < PERIOD; i++)
        noise[i] = (unsigned char)(random_next() >> 32);
    memcpy(noise + PERIOD, noise, BULK);
    bulk_noise = noise;
}

/* BULK bytes of the stream, from this place on. */
SHARED const unsigned char *bulk_at(uint64_t place) {
    return bulk_noise + place % PERIOD;
}

/* Receive once, and compare with what is due; at most BULK bytes.  Returns the count, 0 at the end, -1 for none yet. */
SHARED ssize_t receive_and_compare(int fd, const unsigned char *due, size_t room) {
    ssize_t count = recv(fd, bulk_buffer, BULK, 0);
    if (count < 0 && errno == EAGAIN)
        return -1;
    if (count < 0)
        die("recv: %s", strerror(errno));
    if ((size_t)count > room)
        die("the server sent more bytes than are due");
    if (memcmp(bulk_buffer, due, (size_t)count))
        die("the server changed a byte");
    return count;
}
