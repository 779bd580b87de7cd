# spm.mk: SentencePiece as two static libraries, from its source distribution on PyPI.
#
# Fetched once (3.2 MB) and kept in $(BUILD)/dl; with the tarball there, or named by
# SPM_TARBALL=FILE, nothing here needs the network. It is checked against the hash below before it
# is unpacked. 0.2.1: the last release whose source distribution holds all it needs, and the first
# without CVE-2026-1260. Uses BUILD, PYTHON, JOBS and CXX; gives SPM_LIBS, SPM_CXXFLAGS, SPM_LDLIBS.

SPM_VERSION := 0.2.1
SPM_SHA256  := 8138cec27c2f2282f4a34d9a016e3374cd40e5c6e9cb335063db66a0a3b71fad
SPM_TAR     := $(BUILD)/dl/sentencepiece-$(SPM_VERSION).tar.gz
SPM_SRC     := $(BUILD)/sentencepiece-$(SPM_VERSION)/sentencepiece
SPM_OUT     := $(BUILD)/spm
SPM_LIBS    := $(SPM_OUT)/src/libsentencepiece_train.a $(SPM_OUT)/src/libsentencepiece.a
PYTHON      ?= python3
JOBS        ?= 1

# Third-party headers are not ours to warn about. The C++ library is linked in, so that the program
# needs only libc.
SPM_CXXFLAGS := -std=c++17 -isystem $(SPM_SRC)/src
SPM_LDLIBS   := -static-libgcc -Wl,-Bstatic -lstdc++ -Wl,-Bdynamic -lpthread -lm

# Third-party warnings are off; the rest as for our own text (Makefile), with paths that do not depend on the folder.
SPM_CFLAGS = -w -fPIE -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
  $(if $(filter x86_64,$(ARCH)),-fcf-protection) -ffile-prefix-map=$(abspath $(SPM_SRC))=sentencepiece

# Characters that a vocabulary lacks are joined into one piece, which is copied for each of them: a line
# of 10 MB would take hours. Changed to append.
SPM_LINEAR := 's/sp->set_\(piece\|surface\)(sp->[a-z]*() + std::string(\([a-z]*\)));/sp->mutable_\1()->append(\2.data(), \2.size());/'

# pip also runs the source's setup.py, for which it fetches setuptools; hence one call, ever.
$(SPM_TAR):
	@mkdir -p $(@D)/new
ifdef SPM_TARBALL
	@cp '$(SPM_TARBALL)' $(@D)/new/$(@F)
else
	@echo 'sentencepiece==$(SPM_VERSION) --hash=sha256:$(SPM_SHA256)' > $(@D)/spm.txt
	@for wait in 2 5 15 0; do \
	  echo 'fetching sentencepiece $(SPM_VERSION)'; \
	  $(PYTHON) -m pip download -q --disable-pip-version-check --no-deps --no-binary sentencepiece \
	    --require-hashes -r $(@D)/spm.txt -d $(@D)/new && break; \
	  sleep $$wait; \
	done
	@test -f $(@D)/new/$(@F) || { \
	  echo 'cannot fetch sentencepiece $(SPM_VERSION): put its source distribution from PyPI at $@' >&2; \
	  echo 'or name it: make SPM_TARBALL=FILE' >&2; exit 1; }
endif
	@mv -f $(@D)/new/$(@F) $@

$(SPM_SRC)/CMakeLists.txt: | $(SPM_TAR)
	@echo '$(SPM_SHA256)  $(SPM_TAR)' | sha256sum -c --quiet - || { \
	  echo '$(SPM_TAR) is not sentencepiece $(SPM_VERSION): remove it and run make again' >&2; exit 1; }
	@rm -rf $(BUILD)/spm-new && mkdir -p $(BUILD)/spm-new
	@tar -xzf $(SPM_TAR) -C $(BUILD)/spm-new
	@cd $(BUILD)/spm-new/sentencepiece-$(SPM_VERSION)/sentencepiece/src && \
	  sed -i.orig $(SPM_LINEAR) sentencepiece_processor.cc && ! cmp -s sentencepiece_processor.cc*
	@rm -rf $(BUILD)/sentencepiece-$(SPM_VERSION)
	@mv $(BUILD)/spm-new/sentencepiece-$(SPM_VERSION) $(BUILD)/ && rmdir $(BUILD)/spm-new

$(SPM_OUT)/.built-$(SPM_VERSION): | $(SPM_SRC)/CMakeLists.txt
	@echo 'building sentencepiece $(SPM_VERSION) (about two minutes, once)'
	@mkdir -p $(SPM_OUT)
	@{ CXX='$(CXX)' cmake -S $(SPM_SRC) -B $(SPM_OUT) -DCMAKE_BUILD_TYPE=Release \
	     -DSPM_ENABLE_SHARED=OFF -DSPM_ENABLE_TCMALLOC=OFF -DSPM_PROTOBUF_PROVIDER=internal \
	     -DSPM_ABSL_PROVIDER=internal -DCMAKE_CXX_FLAGS="$(SPM_CFLAGS)" -DCMAKE_POLICY_VERSION_MINIMUM=3.5 && \
	   cmake --build $(SPM_OUT) -j $(JOBS) --target sentencepiece-static sentencepiece_train-static; \
	 } > $(SPM_OUT)/log 2>&1 || { tail -n 30 $(SPM_OUT)/log >&2; exit 1; }
	@touch $@

$(SPM_LIBS): | $(SPM_OUT)/.built-$(SPM_VERSION) ;
