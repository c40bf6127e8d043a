# Linux IPC by example: GNU make builds, shows and tests the collection.
# A new .c file in a chapter is a new program: nothing here names it.

CC       ?= cc
CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
            -Wmissing-prototypes -Wformat=2
# Before glibc 2.34 threads, POSIX queues and shared memory were libraries
LDLIBS   ?= -pthread -lrt
BUILD    ?= build

ifeq ($(origin CC),default)
CC := cc
endif
ifdef CI
WARNINGS += -Werror
endif
ifndef V
Q := @
endif
# Scripts change their directory, and get BUILD as an absolute path
SCRIPT = $(Q)BUILD="$$(realpath -m '$(BUILD)')"

# As one word for the shell
quote     = '$(subst ','\'',$1)'

FOLDERS  := $(wildcard [0-9][0-9]-*)
SOURCES  := $(filter-out $(wildcard $(FOLDERS:=/lab/*.c)),$(wildcard $(FOLDERS:=/*.c) $(FOLDERS:=/*/*.c)))
PROGRAMS := $(SOURCES:%.c=$(BUILD)/%)
EXERCISES := $(wildcard $(FOLDERS:=/lab/*.c) $(FOLDERS:=/lab/*/*.c))
NUMBERS  := $(foreach c,$(FOLDERS),$(firstword $(subst -, ,$c)))
CHECKS   := $(NUMBERS:%=check-%)
DEMOS    := $(NUMBERS:%=demo-%)
TRACES   := $(NUMBERS:%=trace-%)
LABS     := $(NUMBERS:%=lab-%)
TARGETS  := all check check-slow check-all demo trace memcheck faults storm coverage lint \
            bench bench-quick bench-full bench-plot bench-pairs \
            labs grade plant handout autograder doctor help clean \
            $(FOLDERS) $(CHECKS) $(DEMOS) $(TRACES) $(LABS)

# A target that is none is told before another is made, with those near it
UNKNOWN := $(filter-out $(TARGETS) $(BUILD)/% $(SOURCES:.c=) $(EXERCISES:.c=),$(MAKECMDGOALS))
ifdef UNKNOWN
$(error no target $(UNKNOWN)$(shell tests/tools/near $(call quote,$(UNKNOWN)) \
  $(TARGETS)); make help lists them all)
endif

.DELETE_ON_ERROR:
.SECONDEXPANSION:
.PHONY: $(TARGETS) FORCE
all: $(PROGRAMS) ## build every program, to build/CHAPTER/...

$(FOLDERS): $$(filter $(BUILD)/$$@/%,$(PROGRAMS)) ## build one chapter: make 05-shm

# Rebuilt also when the compiler or a flag is another one
FLAGS := $(CC) -std=c17 $(CFLAGS) $(WARNINGS) $(LDFLAGS) $(LDLIBS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D) && test -w $(@D) || \
	  { echo 'make: cannot write to $(BUILD): make BUILD=/elsewhere' >&2; exit 1; }
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' >$@

$(BUILD)/%: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC  $@')
	$(Q)$(CC) -std=c17 $(CPPFLAGS) $(CFLAGS) $(WARNINGS) -MMD -MP -MF $@.d \
	  $< -o $@ $(LDFLAGS) $(LDLIBS)

-include $(PROGRAMS:=.d) $(EXERCISES:%.c=$(BUILD)/%.d)

check: all $$(BENCH_PROGRAM) ## run the test suite, in parallel (STRICT=1: no skips)
	$(SCRIPT) tests/tools/run tests/*.bats

check-slow: all $$(BENCH_PROGRAM) ## the tests that are tagged slow, which check leaves out
	$(SCRIPT) TAGS=slow tests/tools/run tests/*.bats

# A chapter's tests and its demo need its programs
$(foreach n,$(NUMBERS),$(eval check-$n demo-$n trace-$n: $(filter $n-%,$(FOLDERS))))
$(CHECKS): check-%: ## test one chapter: make check-05
	$(SCRIPT) CHAPTER=$* tests/tools/run tests/$*-*.bats tests/robust.bats \
	  tests/hostile.bats
check-08: all # its tests run programs of other chapters, too

check-all: check check-slow lint memcheck faults coverage ## all there is; takes two hours
	$(Q)$(MAKE) plant ROUNDS=10
	$(SCRIPT) ROUNDS=10 FILTER='each solution all|another correct design' \
	  tests/tools/run tests/lab-tasks.bats
	$(Q)$(MAKE) storm TIME=600
	$(SCRIPT) ROUNDS=10000 LIMIT=900 TEST_LIMIT=5400 FILTER='two loops' \
	  tests/tools/run tests/hostile.bats
	$(Q)NAMESPACES=no $(MAKE) check
	$(Q)$(MAKE) check CC='gcc -m32' BUILD='$(BUILD)/m32'
	$(Q)$(MAKE) check CC=musl-gcc BUILD='$(BUILD)/musl'

# An INPUT that cannot be carried is told before anything is built
INPUT_WORD := $(if $(INPUT),$(call quote,$(INPUT)))
ifneq ($(and $(INPUT),$(filter demo%,$(MAKECMDGOALS))),)
ifeq ($(shell test -f $(INPUT_WORD) && test -r $(INPUT_WORD) && echo yes),)
$(error INPUT: $(INPUT) is not a file that can be read)
endif
endif

demo: all ## carry a file through every mechanism (INPUT=FILE; V=1: in full)
	$(SCRIPT) INPUT=$(INPUT_WORD) tests/tools/demo $(FOLDERS)

$(DEMOS): demo-%: ## show one chapter at work: make demo-05
	$(SCRIPT) $*-*/demo.sh $(INPUT_WORD)

trace: all ## draw what sleeps, and what wakes it (PAIR=posix_mq, or LESSON=PATH)
	$(SCRIPT) tests/tools/trace

$(TRACES): trace-%: ## draw a chapter's plain pairs: make trace-03
	$(SCRIPT) tests/tools/trace $*

# The one program of many files: a tool, not an example
BENCH         := $(BUILD)/tests/bench
BENCH_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/*.c))
$(BUILD)/tests/bench/%.o: tests/bench/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC  $@')
	$(Q)$(CC) -std=c17 $(CPPFLAGS) $(CFLAGS) $(WARNINGS) -MMD -MP -c $< -o $@
# A hand-out has no benchmark
BENCH_PROGRAM := $(if $(BENCH_OBJECTS),$(BENCH)/bench)

$(BENCH)/bench: $(BENCH_OBJECTS)
	$(Q)$(CC) $(CFLAGS) $^ -o $@ $(LDFLAGS) $(LDLIBS)
-include $(BENCH_OBJECTS:.o=.d)

RUN_BENCH = $(SCRIPT) tests/bench/run $(if $(ONLY),--only $(call quote,$(ONLY))) \
            $(if $(CSV),--csv $(call quote,$(CSV))) $(if $(JSON),--json $(call quote,$(JSON)))
bench: $(BENCH)/bench ## measure every mechanism, in 90 seconds (ONLY=TEXT)
	$(RUN_BENCH)

bench-quick: $(BENCH)/bench ## measure fewer sizes, in ten seconds
	$(RUN_BENCH) --quick

bench-full: $(BENCH)/bench ## measure longer, in six minutes
	$(RUN_BENCH) --full

bench-plot: $(BENCH)/bench ## draw the last figures, or of bench now: SVG and PNG
	$(Q)test -s $(BENCH)/results.csv || $(MAKE) bench
	$(SCRIPT) tests/bench/plot

bench-pairs: all ## time the pairs of all chapters, beside cat, pv, socat and others
	$(SCRIPT) tests/bench/end_to_end

$(LABS): lab-%: ## grade a lab: make lab-03 (TASK=NAME, LAB=DIR, FORMAT=NAME)
	$(SCRIPT) tests/tools/grade $* $(TASK)

labs: $(EXERCISES:%.c=$(BUILD)/%) ## build each skeleton and solution of the labs

grade: ## grade all labs (LAB=DIR, FORMAT=gradescope and others)
	$(SCRIPT) tests/tools/grade '*' $(TASK)

plant: ## does the grader find every planted fault? (ROUNDS=N)
	$(SCRIPT) tests/tools/plant

handout: ## what students get, without solutions (CHAPTERS="03 04", OUT=DIR)
	$(SCRIPT) tests/tools/handout

autograder: ## pack a Gradescope autograder (CHAPTERS=03, TASK=NAME, OUT=ZIP)
	$(SCRIPT) tests/tools/autograder

memcheck: all ## run every program under valgrind: errors, leaks, descriptors
	$(SCRIPT) tests/tools/memcheck

faults: all ## let each call of each program fail once, by strace
	$(SCRIPT) tests/tools/faults

storm: all ## disturb the robust pairs for TIME=60 seconds (SEED=N, PAIR=GLOB)
	$(SCRIPT) tests/tools/storm

coverage: ## run the suite on an instrumented build; HTML and figures by lcov
	$(SCRIPT) tests/tools/coverage

lint: ## shellcheck, clang-format, and no warning from gcc, clang or musl
	$(SCRIPT) tests/tools/lint

doctor: ## say which tools and kernel capabilities are here, or their remedy
	$(SCRIPT) tests/tools/doctor

clean: ## remove build/
	$(Q)$(RM) -r build

help: ## print this: the targets, and what they do
	@sed -n 's/^\([$$a-zA-Z()][^:]*\):.*## /\1 # /p' $(firstword $(MAKEFILE_LIST)) | \
	  awk -F ' # ' '{ sub(/^\$$\(FOLDERS\)/, "NN-name", $$1); \
	    sub(/^\$$\(CHECKS\)/, "check-NN", $$1); sub(/^\$$\(DEMOS\)/, "demo-NN", $$1); \
	    sub(/^\$$\(TRACES\)/, "trace-NN", $$1); \
	    sub(/^\$$\(LABS\)/, "lab-NN", $$1); \
	    printf "  %-10s %s\n", $$1, $$2 }'
	@echo 'Variables: CC, CFLAGS, LDFLAGS, LDLIBS, BUILD=DIR, V=1 (commands in full), CI=1'
	@echo '  of check: FILTER=REGEX (of titles), TAGS=TAG, JOBS=N, STRICT=1; of demo: INPUT'
	@echo '  of trace: INPUT, FIRST=HALF, KILL=HALF, ARGS=OPERANDS, ALL=1, SVG=1'
	@echo '  of bench: ONLY=TEXT (in the name of a mechanism), CSV=FILE, JSON=FILE'
	@echo '  of storm: TIME=SECONDS, SEED=N, PAIR=GLOB, LIMIT=SECONDS (then it is a hang)'
	@echo 'Tools: ./setup.sh installs them, ./setup.sh dev also those of lint and faults'
