# mpi.mk: ttrans-mpi, the program with MPI, where mpicc is found (MPICC= builds without). It is linked of the same objects;
# comm_mpi.o stands before the library, so that comm_one.o of that is not taken.

MPICC ?= $(shell command -v mpicc 2>/dev/null)
MPI   := $(if $(MPICC),$(if $(filter release,$(VARIANT)),ttrans-mpi,$(OBJ)/ttrans-mpi))

$(OBJ)/lib/comm/comm_mpi.o: lib/comm/comm_mpi.c lib/comm/comm.h $(OBJ)/flags
	$(call say,mpi )
	@mkdir -p $(@D)
	$(Q)OMPI_CC='$(CC)' MPICH_CC='$(CC)' $(MPICC) $(filter-out -Wpedantic -Wconversion,$(C_FLAGS)) $(HARDEN) -c -o $@ $<

$(MPI): $(OBJ)/lib/comm/comm_mpi.o $(CMD_O) $(LIB_A) | $(SPM_LIBS)
	$(call say,link)
	$(Q)OMPI_CC='$(CC)' MPICH_CC='$(CC)' $(MPICC) $(SANITIZE) $(RELRO) $(LDFLAGS) -o $@ $^ $(LIBS)

mpi: $(MPI) ## build ttrans-mpi, for several machines, where mpicc is found
