/* formats.h: the files that other programs keep weights in, each to and from a list of arrays.
 *
 * Readers take the whole file in memory and leave arrays that point into it (or into the list's
 * arena, where something had to be inflated or decoded); they trust nothing that is not held
 * against `size`. All fail with TT_EFORMAT, naming list->file and the array. Writers write at once
 * or not at all.
 */
#ifndef TT_PORT_FORMATS_H
#define TT_PORT_FORMATS_H

#include "port/array.h"
#include "base/json.h"

/* NumPy's .npz: a ZIP of .npy arrays. Fortran order and types other than TT_ARRAY_TYPES are
 * refused. */
int tt_npz_read(tt_arrays *list, const void *data, size_t size, tt_err *e);
int tt_npz_write(const tt_arrays *list, const char *path, tt_err *e);

/* Marian's .bin, version 1. Its 8- and 16-bit matrices (intgemm, both trees' type codes) become
   quantised arrays; encrypted files, FBGEMM's packed and intgemm's hardware-tiled items are refused
   by name. */
bool tt_marianbin_is(const void *data, size_t size);
int tt_marianbin_read(tt_arrays *list, const void *data, size_t size, tt_err *e);

/* safetensors. Offsets must fill the data without gaps and without overlap, as the format has it.
 */
bool tt_safetensors_is(const void *data, size_t size);
int tt_safetensors_read(tt_arrays *list, const void *data, size_t size, tt_err *e);
int tt_safetensors_write(const tt_arrays *list, const char *path, tt_err *e);

/* CTranslate2's model.bin, versions 1 to 6; written as version 6. An array "x_scale" beside "x" is
   x's scale; an alias is an array of its own over the same bytes. On writing, arrays over the same
   bytes become aliases. */
bool tt_ct2bin_is(const void *data, size_t size);
int tt_ct2bin_read(tt_arrays *list, char spec[64], unsigned *revision, const void *data,
                   size_t size, tt_err *e);
int tt_ct2bin_write(const tt_arrays *list, const char *spec, unsigned revision, const char *path,
                    tt_err *e);

#endif
