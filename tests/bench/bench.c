// SPDX-License-Identifier: MIT
/*
 * bench.c - measure every mechanism side by side, and print all figures as CSV
 *
 * Run:    bench [--rounds N] [--time MS] [--sizes LIST] ...: see --help
 * Prints: one line for each limit and each cell: see columns below
 * Exit:   0 measured, or skipped with a reason; 1 a cell failed; 2 usage
 *
 * A round measures every cell once. So what disturbs the machine for a while
 * disturbs all mechanisms alike. The figure of a cell is the median of its
 * rounds. tests/bench/README.md explains the method.
 */
#define _GNU_SOURCE /* sched_getaffinity */
#include "limits.h"
#include "measure.h"
#include "mechanisms.h"
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROUNDS = 99, SIZES = 16, LIMIT = 10 }; /* at most; seconds of a cell */

static const char columns[] =
    "kind,name,chapter,placement,size,rounds,unit,median,low,high,p50,p90,p99,"
    "p99.9,max,samples,batch,switches,cpu,limit,multiple,moved,status,reason";

static const char *const placement_names[] = {
	[SAME_CORE] = "same core",
	[TWO_CORES] = "two cores",
	[SPINNING] = "spinning",
};

static const struct mechanism *const mechanisms[] = { MECHANISMS };
static const struct peer *const peers[] = { PEERS };
enum { PEER_COUNT = sizeof peers / sizeof *peers };
enum { MECHANISM_COUNT = sizeof mechanisms / sizeof *mechanisms };

enum status { OK, SKIPPED, BROKEN };
static const char *const status_names[] = { "ok", "skipped", "failed" };

enum kind { LIMIT_ROW, LATENCY, THROUGHPUT };

/* A line of the result, and what its rounds have found */
struct row {
	enum kind kind;
	enum limit limit;
	const struct mechanism *mechanism; /* NULL: a peer, or a limit */
	const struct peer *peer;
	enum placement placement;
	size_t size;

	enum status status;
	char reason[160];
	int rounds;
	double value[ROUNDS];	 /* ns of a round trip, or bytes/s */
	double switches[ROUNDS]; /* of both processes, for each message */
	double cpu[ROUNDS];	 /* seconds of both, for each 1e9 bytes */
	double ruler[ROUNDS];	 /* ns: the cache line, around this cell */
	float *samples;		 /* of all rounds */
	size_t sample_count, batch;
	int moved; /* rounds in which the cores moved apart, or together */
};

static const char usage[] =
    "usage: bench [--rounds N] [--time MS] [--limit S] [--sizes LIST]\n"
    "             [--trips LIST] [--peers] [--only TEXT] | --columns\n"
    "  --rounds N   measure each cell N times (7; at most 99)\n"
    "  --time MS    for this many milliseconds (20)\n"
    "  --limit S    after two rounds, start none that would end after S "
    "seconds\n"
    "  --sizes LIST throughput of messages of these sizes, in bytes\n"
    "               (64,1024,4096,16384,65536,1048576)\n"
    "  --trips LIST round trips of messages of these sizes (64)\n"
    "  --peers      also other benchmarks' methods, as raw loops\n"
    "  --columns    only print the first line of the CSV\n"
    "  --only TEXT  only mechanisms with TEXT in their name\n";

/* The medians of rounds, and raw samples, are sorted */
static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof *values, compare_doubles);
	return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

/* Options */
static int rounds = 7;
static uint64_t time_ns = 20000000;
static uint64_t limit_ns = UINT64_MAX;
static size_t trip_sizes[SIZES] = { 64 }, trip_size_count = 1;
static size_t sizes[SIZES] = { 64, 1024, 4096, 16384, 65536, LARGEST };
static size_t size_count = 6;
static const char *only = "";
static int with_peers;
static int are_threads; /* the two processors, of one core */

static struct row *rows;
static size_t row_count;
static int failures;

static const char *name_of(const struct row *row)
{
	return row->mechanism != NULL ? row->mechanism->name : row->peer->name;
}

static void add_row(struct row row)
{
	rows = realloc(rows, (row_count + 1) * sizeof *rows);
	if (rows == NULL)
		err(EXIT_FAILURE, "realloc");
	rows[row_count++] = row;
}

static void add_cells(enum kind kind, const size_t *list, size_t count)
{
	for (size_t s = 0; s < count; s++)
		for (int p = 0; p < PLACEMENTS; p++)
			for (int m = 0; m < MECHANISM_COUNT; m++)
				if (strstr(mechanisms[m]->name, only) != NULL)
					add_row((struct row){
					    .kind = kind,
					    .mechanism = mechanisms[m],
					    .placement = (enum placement)p,
					    .size = list[s] });
}

static void add_rows(void)
{
	for (int l = 0; l < MEMCPY; l++)
		add_row(
		    (struct row){ .kind = LIMIT_ROW, .limit = (enum limit)l });
	for (size_t s = 0; s < size_count; s++)
		add_row((struct row){
		    .kind = LIMIT_ROW, .limit = MEMCPY, .size = sizes[s] });
	add_cells(LATENCY, trip_sizes, trip_size_count);
	add_cells(THROUGHPUT, sizes, size_count);
	for (int i = 0; i < PEER_COUNT; i++)
		for (int p = 0; p < PLACEMENTS && with_peers; p++)
			if ((peers[i]->placements >> p & 1) &&
			    strstr(peers[i]->name, only) != NULL)
				add_row((struct row){
				    .kind = peers[i]->is_round_trip
						? LATENCY
						: THROUGHPUT,
				    .peer = peers[i],
				    .placement = (enum placement)p,
				    .size = peers[i]->size });
}

static void skip(struct row *row, const char *reason)
{
	row->status = SKIPPED;
	snprintf(row->reason, sizeof row->reason, "%s", reason);
}

/* Does errno say that this machine forbids it, or lacks it? */
static int is_forbidden(void)
{
	static const int numbers[] = {
		EPERM,	EACCES, ENOSYS,		 EINVAL,	EMSGSIZE,
		EMFILE, ENFILE, ENOSPC,		 ENOMEM,	EAFNOSUPPORT,
		ENODEV, EAGAIN, EPROTONOSUPPORT, EADDRNOTAVAIL, EOPNOTSUPP,
	};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (errno == numbers[i])
			return 1;
	return 0;
}

/* A call of open failed, with errno */
static int refuse(struct row *row, const char *call)
{
	row->status = is_forbidden() ? SKIPPED : BROKEN;
	snprintf(row->reason, sizeof row->reason, "%s: %s", call,
		 strerror(errno));
	return -1;
}

/* Open the channels of a cell. 0, or -1 with the row's status and reason */
static int open_channels(struct row *row, struct cell *cell)
{
	for (int i = 0; i <= cell->is_round_trip; i++)
		cell->channels[i] =
		    (struct channel){ .mechanism = row->mechanism,
				      .size = row->size,
				      .is_spinning = row->placement == SPINNING,
				      .is_round_trip = cell->is_round_trip,
				      .is_way_back = i,
				      .fds = { -1, -1 },
				      .other_fd = -1,
				      .id = -1 };
	for (int i = 0; i <= cell->is_round_trip; i++) {
		const char *failed = row->mechanism->open(&cell->channels[i]);
		if (failed != NULL)
			return refuse(row, failed);
	}
	return 0;
}

static enum outcome measure_once(struct row *row)
{
	struct cell cell = { .placement = row->placement,
			     .is_round_trip = row->kind == LATENCY,
			     .time = time_ns };
	enum outcome outcome = COMPLETE;
	if (row->peer != NULL) {
		cell.peer = row->peer;
		const char *failed = row->peer->open();
		if (failed != NULL)
			refuse(row, failed);
		else
			outcome = run_pair(measure_cell, &cell, row->placement,
					   LIMIT);
		row->peer->close();
		return outcome;
	}
	if (open_channels(row, &cell) == 0)
		outcome = run_pair(measure_cell, &cell, row->placement, LIMIT);
	for (int i = 0; i <= cell.is_round_trip; i++)
		row->mechanism->close(&cell.channels[i]);
	return outcome;
}

/* Has the host moved the cores between the two looks at the cache line? */
static int has_moved(void)
{
	double ratio = shared->ruler[0] / shared->ruler[1];
	return ratio > 1.5 || ratio < 1 / 1.5;
}

static void take_samples(struct row *row, int round)
{
	size_t n = shared->samples;
	row->samples =
	    realloc(row->samples, (row->sample_count + n) * sizeof(float));
	if (row->samples == NULL)
		err(EXIT_FAILURE, "realloc");
	float *new = row->samples + row->sample_count;
	memcpy(new, shared->sample, n * sizeof(float));
	sort_samples(new, n);
	row->value[round] = percentile(new, n, 0.5);
	row->sample_count += n;
	row->batch = shared->batch;
}

/* Add what is in shared to the row */
static void take_figures(struct row *row)
{
	int round = row->rounds++;
	double messages = (double)shared->count;
	double bytes = messages * (double)row->size;
	if (row->kind == LATENCY) {
		take_samples(row, round);
		messages *= 2, bytes *= 2; /* there and back */
	} else {
		row->value[round] = bytes * 1e9 / (double)shared->elapsed;
	}
	row->switches[round] =
	    (double)(shared->switches[0] + shared->switches[1]) / messages;
	row->cpu[round] =
	    (double)(shared->cpu_time[0] + shared->cpu_time[1]) / bytes;
	row->ruler[round] = (shared->ruler[0] + shared->ruler[1]) / 2;
}

/* One round of one cell: INTERRUPTED, or COMPLETE whatever the row's status */
static enum outcome measure_row(struct row *row)
{
	const struct mechanism *m = row->mechanism;
	if (m != NULL && m->largest != 0 && row->size > m->largest)
		skip(row, "larger than one message can be");
	if (m != NULL && m->is_unseen && row->kind == LATENCY)
		skip(row, "its receiver does not read the message it answers");
	if (row->status != OK)
		return COMPLETE;
	enum outcome outcome = measure_once(row);
	if (outcome == COMPLETE && row->status == OK &&
	    row->placement != SAME_CORE && has_moved()) {
		outcome = measure_once(row);
		row->moved += has_moved();
	}
	if (row->status == OK && outcome == COMPLETE) {
		take_figures(row);
	} else if (outcome == FAILED || outcome == TIMED_OUT) {
		row->status = BROKEN;
		snprintf(row->reason, sizeof row->reason,
			 outcome == FAILED ? "see standard error"
					   : "not finished in %d s",
			 LIMIT);
	}
	if (row->status == BROKEN) {
		failures++;
		warnx("%s, %s, %s of %zu bytes: %s", name_of(row),
		      placement_names[row->placement],
		      row->kind == LATENCY ? "round trips" : "messages",
		      row->size, row->reason);
	}
	return outcome == INTERRUPTED ? INTERRUPTED : COMPLETE;
}

static enum outcome measure_limit_row(struct row *row)
{
	double value;
	enum outcome outcome =
	    measure_limit(row->limit, row->size, time_ns / 4, &value);
	if (outcome == COMPLETE) {
		row->value[row->rounds++] = value;
	} else if (outcome != INTERRUPTED) {
		row->status = BROKEN;
		failures++;
		warnx("%s: failed", limit_kinds[row->limit].name);
	}
	return outcome == INTERRUPTED ? INTERRUPTED : COMPLETE;
}

/* All rounds; on a terminal, with progress */
static enum outcome measure_rows(void)
{
	int is_terminal = isatty(STDERR_FILENO);
	enum outcome outcome = COMPLETE;
	uint64_t start = now();
	for (int round = 1; round <= rounds && outcome == COMPLETE; round++) {
		uint64_t so_far = now() - start;
		if (round > 2 &&
		    so_far + so_far / (uint64_t)(round - 1) > limit_ns)
			break;
		for (size_t i = 0; i < row_count && outcome == COMPLETE; i++) {
			struct row *row = &rows[i];
			if (is_terminal)
				fprintf(stderr,
					"\rround %d of %d, cell %zu of %zu ",
					round, rounds, i + 1, row_count);
			if (row->status == OK)
				outcome = row->kind == LIMIT_ROW
					      ? measure_limit_row(row)
					      : measure_row(row);
		}
	}
	if (is_terminal)
		fprintf(stderr, "\r%*s\r", 60, "");
	return outcome;
}

static double median_of_limit(enum limit limit, size_t size)
{
	for (size_t i = 0; i < row_count; i++)
		if (rows[i].kind == LIMIT_ROW && rows[i].limit == limit &&
		    (limit != MEMCPY || rows[i].size == size) && rows[i].rounds)
			return median(rows[i].value, rows[i].rounds);
	return 0;
}

/* What nothing can beat at what the row measures; 0: not measured */
static double limit_of(struct row *row)
{
	if (row->kind == THROUGHPUT)
		return median_of_limit(MEMCPY, row->size);
	if (row->placement == SAME_CORE)
		return median_of_limit(YIELD, 0);
	if (row->placement == TWO_CORES)
		return median_of_limit(WAKE_UP, 0);
	return median(row->ruler, row->rounds);
}

static void print_limit(struct row *row)
{
	const struct limit_kind *kind = &limit_kinds[row->limit];
	printf("limit,%s,,,%.0zu,%d,%s,", kind->name, row->size, row->rounds,
	       kind->unit);
	if (row->rounds) {
		double middle = median(row->value, row->rounds);
		printf("%.4g,%.4g,%.4g", middle, row->value[0],
		       row->value[row->rounds - 1]);
	} else {
		printf(",,");
	}
	printf(",,,,,,,,,,,,,%s,\"%s\"\n", status_names[row->status],
	       row->reason);
}

static void print_row(struct row *row)
{
	int n = row->rounds, is_latency = row->kind == LATENCY;
	printf("%s%s,%s,%s,%s,%zu,%d,%s,", row->peer != NULL ? "peer " : "",
	       is_latency ? "latency" : "throughput", name_of(row),
	       row->peer != NULL ? row->peer->source : row->mechanism->chapter,
	       placement_names[row->placement], row->size, n,
	       is_latency ? "ns" : "bytes/s");
	if (row->status != OK) {
		printf(",,,,,,,,,,,,,,,%s,\"%s\"\n", status_names[row->status],
		       row->reason);
		return;
	}
	double middle = median(row->value, n), limit = limit_of(row);
	printf("%.6g,%.6g,%.6g,", middle, row->value[0], row->value[n - 1]);
	if (is_latency && row->peer == NULL) {
		float *samples = row->samples;
		size_t count = row->sample_count;
		sort_samples(samples, count);
		printf("%.6g,%.6g,%.6g,%.6g,%.6g,%zu,%zu,",
		       percentile(samples, count, 0.5),
		       percentile(samples, count, 0.9),
		       percentile(samples, count, 0.99),
		       percentile(samples, count, 0.999),
		       (double)samples[count - 1], count, row->batch);
	} else {
		printf(",,,,,,,");
	}
	printf("%.4g,%.4g,", median(row->switches, n), median(row->cpu, n));
	if (limit > 0)
		printf("%.6g,%.4g,%d,ok,\n", limit, middle / limit, row->moved);
	else /* it could not be measured */
		printf(",,%d,ok,\n", row->moved);
}

/* "64,4096" to sizes; what is none ends the program */
static size_t read_sizes(size_t *list, char *text)
{
	size_t count = 0;
	for (char *word = strtok(text, ","); word; word = strtok(NULL, ",")) {
		char *end;
		unsigned long size = strtoul(word, &end, 10);
		if (*end != '\0' || *word == '-' || size < 8 ||
		    size > LARGEST || count == SIZES)
			errx(2, "%s: expected at most %d sizes from 8 to %d",
			     word, SIZES, LARGEST);
		list[count++] = size;
	}
	return count;
}

static unsigned long read_number(const char *word, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);
	if (*word < '0' || *word > '9' || *end != '\0' || n == 0 || n > most)
		errx(2, "%s: expected a number from 1 to %lu", word, most);
	return n;
}

static void read_options(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "rounds", required_argument, NULL, 'r' },
		{ "time", required_argument, NULL, 't' },
		{ "limit", required_argument, NULL, 'l' },
		{ "sizes", required_argument, NULL, 's' },
		{ "trips", required_argument, NULL, 'p' },
		{ "peers", no_argument, NULL, 'e' },
		{ "only", required_argument, NULL, 'o' },
		{ "columns", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (o == 'r') {
			rounds = (int)read_number(optarg, ROUNDS);
		} else if (o == 't') {
			time_ns = read_number(optarg, 1000) * 1000000;
		} else if (o == 'l') {
			limit_ns = read_number(optarg, 100000) * 1000000000;
		} else if (o == 's') {
			size_count = read_sizes(sizes, optarg);
		} else if (o == 'p') {
			trip_size_count = read_sizes(trip_sizes, optarg);
		} else if (o == 'o') {
			only = optarg;
		} else if (o == 'e') {
			with_peers = 1;
		} else if (o == 'c') {
			printf("%s\n", columns);
			exit(EXIT_SUCCESS);
		} else if (o == 'h') {
			printf("%s", usage);
			exit(EXIT_SUCCESS);
		} else {
			fprintf(stderr, "%s", usage);
			exit(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s", usage);
		exit(2);
	}
}

/* Are both processors threads of one core? They share its caches then */
static int are_siblings(int a, int b)
{
	static const char *const files[] = { "core_id", "physical_package_id" };
	for (int i = 0; i < 2; i++) {
		int ids[2] = { -1, -1 };
		for (int k = 0; k < 2; k++) {
			char path[96];
			snprintf(path, sizeof path,
				 "/sys/devices/system/cpu/cpu%d/topology/%s",
				 k ? b : a, files[i]);
			FILE *file = fopen(path, "r");
			if (file == NULL || fscanf(file, "%d", &ids[k]) != 1)
				ids[k] = -1 - k; /* not known: not the same */
			if (file != NULL)
				fclose(file);
		}
		if (ids[0] != ids[1])
			return 0;
	}
	return 1;
}

/* The two processors to use, of two cores if possible, or the reason why there
 * is only one */
static const char *choose_cpus(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set) == -1)
		err(EXIT_FAILURE, "sched_getaffinity");
	cpus[0] = cpus[1] = -1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET((size_t)cpu, &set))
			continue;
		if (cpus[0] == -1)
			cpus[0] = cpu;
		else if (cpus[1] == -1 || !are_siblings(cpus[0], cpu))
			cpus[1] = cpu;
		if (cpus[1] != -1 && !are_siblings(cpus[0], cpus[1]))
			return NULL;
	}
	if (cpus[1] == -1)
		return "only one processor may be used";
	are_threads = 1;
	warnx("processors %d and %d are threads of one core", cpus[0], cpus[1]);
	return NULL;
}

/* A line like those in which tests/bench/run describes the machine */
static void print_cores(void)
{
	printf("environment,cores used");
	for (const char *c = strchr(columns, ',') + 1; *c != '\0'; c++)
		if (*c == ',')
			putchar(',');
	if (cpus[1] == -1)
		printf("\"processor %d\"\n", cpus[0]);
	else
		printf("\"processors %d and %d%s\"\n", cpus[0], cpus[1],
		       are_threads ? ", threads of one core" : "");
}

int main(int argc, char *argv[])
{
	read_options(argc, argv);
	/* run_pair waits for these. A signal ends the cell, then the program */
	sigset_t blocked;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	struct sigaction hangup;
	if (sigaction(SIGHUP, NULL, &hangup) == -1)
		err(EXIT_FAILURE, "sigaction");
	/* nohup(1) ignores it: blocked, it would be taken nevertheless */
	if (hangup.sa_handler != SIG_IGN)
		sigaddset(&blocked, SIGHUP);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGCHLD, SIG_DFL); /* if ignored, wait would fail */

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	fill_pattern();
	add_rows();
	if (row_count > 0 && rows[row_count - 1].kind == LIMIT_ROW)
		errx(2, "no mechanism has '%s' in its name", only);
	const char *reason = choose_cpus();
	for (size_t i = 0; i < row_count && reason != NULL; i++)
		if (rows[i].kind == LIMIT_ROW
			? limit_kinds[rows[i].limit].needs_two_cores
			: rows[i].placement != SAME_CORE)
			skip(&rows[i], reason);

	if (measure_rows() == INTERRUPTED) {
		signal(interrupted_by, SIG_DFL);
		raise(interrupted_by);
		sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	}
	printf("%s\n", columns);
	print_cores();
	for (size_t i = 0; i < row_count; i++)
		if (rows[i].kind == LIMIT_ROW)
			print_limit(&rows[i]);
		else
			print_row(&rows[i]);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(EXIT_FAILURE, "write standard output");
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
