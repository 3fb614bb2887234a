/* Publishes by libmosquitto, on one thread, as a C program for one board would.
 *
 * usage: libmosquitto burst PORT MESSAGES WINDOW
 *        libmosquitto edge PORT SENSORS MILLISECONDS
 */
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SERIES = 1000 };

static struct mosquitto *client;
static int connected, acked;

static void on_connect(struct mosquitto *m, void *obj, int code) {
	(void)m, (void)obj;
	if (code != 0)
		exit(1);
	connected = 1;
}

static void on_publish(struct mosquitto *m, void *obj, int id) {
	(void)m, (void)obj, (void)id;
	acked++;
}

static void check(int code) {
	if (code == MOSQ_ERR_SUCCESS)
		return;
	fprintf(stderr, "libmosquitto: %s\n", mosquitto_strerror(code));
	exit(1);
}

/* After a loss it connects again, as a daemon would. */
static void loop(int timeout) { /* ms */
	if (mosquitto_loop(client, timeout, 1) != MOSQ_ERR_SUCCESS && mosquitto_reconnect(client) != MOSQ_ERR_SUCCESS) {
		struct timespec pause = {1, 0};
		nanosleep(&pause, NULL);
	}
}

static void publish(int series, int retain) {
	char topic[32];
	snprintf(topic, sizeof topic, "temperature/c%d", series);
	int code = mosquitto_publish(client, NULL, topic, 4, "28.4", 1, retain);
	if (code != MOSQ_ERR_NO_CONN && code != MOSQ_ERR_CONN_LOST)
		check(code);
}

static void burst(int messages) {
	for (int i = 0; i < messages; i++)
		publish(i % SERIES, 0);
	while (acked < messages)
		loop(1000);
}

static long long now(void) { /* ms */
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void edge(int sensors, int every) {
	for (long long due = now();; due += every) {
		for (int i = 0; i < sensors; i++)
			publish(i, 1);
		for (long long left; (left = due + every - now()) > 0;)
			loop(left);
	}
}

int main(int argc, char **argv) {
	if (argc != 5)
		return 2;
	int is_burst = strcmp(argv[1], "burst") == 0;
	mosquitto_lib_init();
	client = mosquitto_new(NULL, true, NULL);
	mosquitto_connect_callback_set(client, on_connect);
	mosquitto_publish_callback_set(client, on_publish);
	if (is_burst)
		check(mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, atoi(argv[4])));
	check(mosquitto_connect(client, "127.0.0.1", atoi(argv[2]), 60));
	while (!connected)
		loop(1000);
	if (is_burst)
		burst(atoi(argv[3]));
	else
		edge(atoi(argv[3]), atoi(argv[4]));
	return 0;
}
