/* Publishes over a plain TCP socket, without a library: what the network and the
 * broker allow. What is due at one time goes out with one write.
 *
 * usage: raw burst PORT MESSAGES WINDOW
 *        raw edge PORT SENSORS MILLISECONDS
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SERIES = 1000, MOST = 1000, LONGEST = 64 };

static int sock;
static unsigned char out[MOST * LONGEST];
static size_t len;

static void die(const char *what) {
	perror(what);
	exit(1);
}

static void flush(void) {
	for (size_t at = 0; at < len;) {
		ssize_t n = write(sock, out + at, len - at);
		if (n <= 0)
			die("write");
		at += n;
	}
	len = 0;
}

/* MQTT 3.1.1, section 3.3: QoS 1 */
static void publish(int series, unsigned id, int retain) {
	char topic[32];
	int t = snprintf(topic, sizeof topic, "temperature/r%d", series);
	unsigned char *p = out + len;
	*p++ = 3 << 4 | 1 << 1 | retain;
	*p++ = 2 + t + 2 + 4;
	*p++ = 0;
	*p++ = t;
	p = memcpy(p, topic, t);
	p += t;
	*p++ = id >> 8;
	*p++ = id;
	memcpy(p, "28.4", 4);
	len = p + 4 - out;
}

/* Waits for PUBACKs, 4 bytes each, and returns how many have come. */
static int acknowledged(void) {
	static size_t rest;
	unsigned char in[4096];
	ssize_t n = read(sock, in, sizeof in);
	if (n <= 0)
		die("read");
	rest += n;
	int acks = rest / 4;
	rest %= 4;
	return acks;
}

static void burst(int messages, int window) {
	for (int sent = 0, acked = 0; acked < messages; acked += acknowledged()) {
		for (; sent < messages && sent - acked < window; sent++)
			publish(sent % SERIES, sent % 65535 + 1, 0);
		flush();
	}
}

static long long now(void) { /* ms */
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void edge(int sensors, int every) {
	unsigned id = 0;
	for (long long due = now();; due += every) {
		for (int i = 0; i < sensors; i++)
			publish(i, id++ % 65535 + 1, 1);
		flush();
		for (long long left; (left = due + every - now()) > 0;) {
			struct pollfd p = {sock, POLLIN, 0};
			if (poll(&p, 1, left) > 0)
				acknowledged();
		}
	}
}

int main(int argc, char **argv) {
	if (argc != 5)
		return 2;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sock = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;
	setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(sock, (struct sockaddr *)&to, sizeof to) != 0)
		die("connect");
	/* section 3.1: clean session, no keep-alive, client id "raw" */
	if (write(sock, "\x10\x0f\0\4MQTT\4\2\0\0\0\3raw", 17) != 17)
		die("write");
	unsigned char connack[4];
	if (recv(sock, connack, 4, MSG_WAITALL) != 4 || connack[3] != 0)
		die("no CONNACK");
	if (strcmp(argv[1], "burst") == 0)
		burst(atoi(argv[3]), atoi(argv[4]));
	else
		edge(atoi(argv[3]), atoi(argv[4]));
	return 0;
}
