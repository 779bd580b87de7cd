# asserts.mk: the tests link the rooms of the network with their asserts of shapes, which the release is built without.
# Included by the Makefile; in the debug variant everything has asserts, and ASSERTS is empty.
ASSERTS := $(if $(ASSERT),$(OBJ)/asserts/libasserts.a)
ASSERTS_O := $(patsubst %.c,$(OBJ)/asserts/%.o,$(filter lib/tensor/% lib/attention/% lib/nn/%,$(LIB_C)))

$(OBJ)/asserts/%.o: %.c $(OBJ)/flags
	$(call say,cc  )
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out $(ASSERT),$(C_FLAGS)) $(HARDEN) -MMD -MP -c -o $@ $<

$(OBJ)/asserts/libasserts.a: $(ASSERTS_O)
	$(call say,ar  )
	$(Q)rm -f $@ && $(AR) rcs $@ $^

-include $(ASSERTS_O:.o=.d)
