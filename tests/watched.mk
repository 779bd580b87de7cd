# watched.mk: the whole under programs that watch: ThreadSanitizer, which needs a build of its own, and valgrind; and the text
# under programs that read it.

ifeq ($(VARIANT),tsan)
SANITIZE := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
endif

tsan: ## build with TSan and run the unit tests and commands on that
	@$(MAKE) --no-print-directory VARIANT=tsan programs
	@$(NICE) tests/watched tsan $(BUILD)/tsan $(BUILD)/tsan/ttrans
valgrind: ## run the unit tests and commands under valgrind
	@$(MAKE) --no-print-directory programs
	@$(NICE) tests/watched valgrind $(OBJ) $(PROGRAM)
static: ## ask cppcheck, gcc -fanalyzer and clang-tidy about lib and cmd (CHECKS=gcc: one of them; STATIC='FILE...')
	@CHECKS='$(CHECKS)' $(NICE) tests/lint/static $(STATIC)

.PHONY: tsan valgrind static
