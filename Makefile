# Makefile: everything, from one file. `make help` lists the targets.
#
# Rooms are found by wildcard, objects and tests go to build/, the program to ./ttrans. The name of a
# kernel file picks its instruction set (gemm_avx2.c is compiled with -mavx2 -mfma, and only on x86-64),
# so a new room, command, kernel or test needs no line here. demo and check do their own set-up.

VERSION := $(shell sed -n 's/.*TT_VERSION "\(.*\)".*/\1/p' lib/ttrans.h)
BUILD   := build
VARIANT ?= release
OBJ     := $(BUILD)/$(VARIANT)
PREFIX  ?= /usr/local
ARCH    ?= $(shell uname -m)
ifeq ($(origin CC),default)
CC      := gcc
endif
NICE    ?= nice
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc 2> /dev/null || echo 1))

all: setup-hint ttrans mpi ## build ./ttrans and the library (this one is the default)

include spm.mk tests/watched.mk

# ---- flags: CFLAGS, CPPFLAGS and LDFLAGS are the user's, the rest is what the text is written for

CFLAGS   ?= -O2 -g
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla
BASE     := -D_POSIX_C_SOURCE=200809L -Ilib -Itests -ffp-contract=off
KERNEL    = $(filter lib/kernel/%,$<)
ISA_FLAGS = $(if $(filter %_avx512.c %_vnni.c %_bf16.c,$(KERNEL)),-mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma) \
            $(if $(filter %_avx2.c %_avxvnni.c,$(KERNEL)),-mavx2 -mfma) $(if $(filter %_vnni.c,$(KERNEL)),-mavx512vnni) \
            $(if $(filter %_avxvnni.c,$(KERNEL)),-mavxvnni) $(if $(filter %_bf16.c,$(KERNEL)),-mavx512bf16)
# Against faults in our own text and in what is linked; kernels, which hold no arrays of their own, without the checks.
HARDEN   := -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
COMMON   := -fPIE $(if $(filter x86_64,$(ARCH)),-fcf-protection) -ffile-prefix-map=$(CURDIR)=.
RELRO    := -pie -Wl,-z,relro,-z,now,-z,noexecstack
ifeq ($(VARIANT),debug)
HARDEN   :=
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else
ASSERT   := -DNDEBUG
endif
C_FLAGS  := -std=c11 $(BASE) $(ASSERT) $(WARN) $(COMMON) $(CFLAGS) $(SANITIZE) $(CPPFLAGS)
CC_FLAGS := $(BASE) -Wall -Wextra $(COMMON) $(HARDEN) $(CFLAGS) $(SANITIZE) $(CPPFLAGS) $(SPM_CXXFLAGS)
LIBS     := $(SPM_LIBS) $(SPM_LDLIBS) -lz

# ---- what there is

X86      := %_avx2.c %_avxvnni.c %_avx512.c %_vnni.c %_bf16.c
ARM      := %_neon.c
FOREIGN  := $(if $(filter x86_64,$(ARCH)),$(ARM),$(if $(filter aarch64 arm64,$(ARCH)),$(X86),$(X86) $(ARM)))
LIB_C    := $(filter-out $(FOREIGN) lib/comm/comm_mpi.c,$(sort $(wildcard lib/*/*.c)))
LIB_O    := $(LIB_C:%.c=$(OBJ)/%.o) $(OBJ)/lib/text/spm.o
CMD_O    := $(patsubst %.c,$(OBJ)/%.o,$(sort $(wildcard cmd/*.c)))
LIB_A    := $(OBJ)/libttrans.a
TESTS    := $(patsubst %.c,$(OBJ)/%,$(sort $(wildcard tests/unit/*.c tests/kernel/*.c tests/grad/*.c)))
TESTS    := $(if $(wildcard /usr/include/simde/x86/avx512.h),$(TESTS),$(filter-out $(OBJ)/tests/kernel/check_simde%,$(TESTS)))
BENCHES  := $(patsubst %.c,$(OBJ)/%,$(sort $(wildcard tests/bench/*.c)))
FUZZ_C   := $(sort $(wildcard tests/fuzz/f_*.c))
REPLAYS  := $(FUZZ_C:%.c=$(OBJ)/%)
PROGRAM  := $(if $(filter release,$(VARIANT)),ttrans,$(OBJ)/ttrans)
include mpi.mk tests/asserts.mk

# ---- rules

Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)  $(patsubst $(OBJ)/%,%,$@)')

$(OBJ)/%.o: %.c $(OBJ)/flags
	$(call say,cc  )
	@mkdir -p $(@D)
	$(Q)$(CC) $(C_FLAGS) $(if $(KERNEL),-O3,$(HARDEN)) $(ISA_FLAGS) $(FILE_FLAGS) -MMD -MP -c -o $@ $<

$(OBJ)/tests/kernel/check_simde_%.o: FILE_FLAGS = -Wno-psabi -fwrapv
$(OBJ)/lib/lexical/hmm.o $(OBJ)/lib/tensor/cells.o: FILE_FLAGS = -O3
$(OBJ)/cmd/ttrans.o: FILE_FLAGS = -DTT_BUILT_WITH='"$(CC), SentencePiece $(SPM_VERSION)"'

$(OBJ)/lib/text/spm.o: lib/text/spm.cc $(OBJ)/flags | $(SPM_LIBS)
	$(call say,c++ )
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CC_FLAGS) -MMD -MP -c -o $@ $<

$(LIB_A): $(LIB_O)
	$(call say,ar  )
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(PROGRAM): $(CMD_O) $(LIB_A) | $(SPM_LIBS)
	$(call say,link)
	$(Q)$(CC) $(SANITIZE) $(RELRO) $(LDFLAGS) -o $@ $^ $(LIBS)

$(TESTS) $(BENCHES): $(OBJ)/%: $(OBJ)/%.o $(ASSERTS) $(LIB_A) | $(SPM_LIBS)
	$(call say,link)
	$(Q)$(CC) $(SANITIZE) $(RELRO) $(LDFLAGS) -o $@ $^ $(LIBS) $(if $(findstring /bench/,$@),-ldl)

$(REPLAYS): $(OBJ)/%: $(OBJ)/%.o $(OBJ)/tests/fuzz/replay.o $(LIB_A) | $(SPM_LIBS)
	$(call say,link)
	$(Q)$(CC) $(SANITIZE) $(RELRO) $(LDFLAGS) -o $@ $^ $(LIBS)

# Objects are made again when the compiler or its flags change.
$(OBJ)/flags: force
	@mkdir -p $(@D)
	@echo '$(CC) $(CXX) $(C_FLAGS) $(HARDEN) $(RELRO)' | cmp -s - $@ || echo '$(CC) $(CXX) $(C_FLAGS) $(HARDEN) $(RELRO)' > $@

-include $(LIB_O:.o=.d) $(CMD_O:.o=.d) $(TESTS:=.d) $(BENCHES:=.d) $(REPLAYS:=.d)
.SECONDARY:
.DELETE_ON_ERROR:

# ---- targets

programs: $(PROGRAM) $(MPI) $(TESTS) $(REPLAYS) ## build the program and all tests

setup: ## install what is missing to build (Debian or Ubuntu, as root), or say how
setup setup-check setup-hint:
	@.ci/setup $(@:setup-%=%) $(BUILD) '$(CC)' '$(CXX)'
demo: setup ## set up, build, and translate the README's sample
	@$(MAKE) $(PARALLEL) --no-print-directory ttrans
	./ttrans translate -i models/sample.en

check: setup-check ## set up, build, and run all tests
	@$(MAKE) $(PARALLEL) --no-print-directory programs
	@$(NICE) tests/run $(OBJ) $(PROGRAM)

debug: ## build with ASan and UBSan and run the tests on that
	@$(MAKE) $(PARALLEL) --no-print-directory VARIANT=debug programs
	@$(NICE) tests/run $(BUILD)/debug $(BUILD)/debug/ttrans

bench: $(PROGRAM) ## time the program beside its peers (TTRANS_PEERS=a Python that has them); PEERS=--quick for minutes
	@TTRANS=./$(PROGRAM) tests/bench/peers $(PEERS)
bench-score: $(PROGRAM) ## time eval beside sacreBLEU (TTRANS_PEERS=a Python that has it); SCORE=--repeat=100 for 300,000 lines, too
	@TTRANS=./$(PROGRAM) tests/bench/score $(SCORE)
bench-kernels: $(BENCHES) ## time the matrix products and reading models
	@for b in $(BENCHES); do $$b || exit 1; done

fuzz: $(LIB_A) ## run each fuzzer for FUZZ_SECONDS (60), FUZZ_JOBS (1) at a time, with clang; then say what they reach
	@tests/fuzz/run '$(FUZZ_C)' '$(LIB_C)' '$(BASE)' '$(LIBS)'

faults: $(PROGRAM) ## make every call fail in every command (check: a few of them)
	@TTRANS=$(CURDIR)/$(PROGRAM) $(NICE) tests/fault/run --full
kills: $(PROGRAM) ## kill every command before every call that writes, and training a thousand times (check: a few)
	@TTRANS=$(CURDIR)/$(PROGRAM) $(NICE) tests/fault/kills --full

man: ttrans ## bring the OPTIONS of the manual pages up to date
	@tests/lint/man --write ./ttrans

install: ttrans ## install to PREFIX (/usr/local) under DESTDIR
	@.ci/install '$(DESTDIR)' '$(PREFIX)' $(LIB_A) $(SPM_LIBS)
uninstall: ## take away what install put there
	@.ci/install --remove '$(DESTDIR)' '$(PREFIX)'
sbom: ## print what the program is made of, as CycloneDX
	@.ci/sbom '$(VERSION)' '$(SPM_SHA256)' '$(CC)'

clean: ## remove what was built, but not SentencePiece
	rm -rf ttrans ttrans-mpi $(BUILD)/release $(BUILD)/debug $(BUILD)/tsan
distclean: ## remove all that was built or fetched
	rm -rf ttrans ttrans-mpi $(BUILD)

help: ## this list
	@echo 'ttrans $(VERSION): make [TARGET] [CC=clang] [CFLAGS=...] [V=1]'
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile tests/watched.mk | awk -F': ' '{ printf "  %-12s%s\n", $$1, $$2 }'

.PHONY: all mpi programs setup setup-check setup-hint demo check debug bench bench-score bench-kernels fuzz faults kills man install uninstall sbom clean distclean help force
